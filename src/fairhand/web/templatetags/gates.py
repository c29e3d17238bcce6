"""Gates and portals by their names, for pages that show what a batch asks."""

from collections.abc import Iterable

from django import template

from fairhand.people.checklist import said
from fairhand.people.models import Portal

register = template.Library()


@register.filter
def gates_said(specs: Iterable[str]) -> list[str]:
    """Gates such as age:18, each as the step that it makes."""
    return [said(spec) for spec in specs]


@register.filter
def portals_said(refs: Iterable[str]) -> list[str]:
    """Portals by name, in the order of their references."""
    refs = list(refs)
    names = dict(Portal.objects.filter(ref__in=refs).values_list("ref", "name"))
    return [names.get(ref, ref) for ref in refs]
