"""Going from one of one's organisations to another; who has one alone sees nothing of it."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from fairhand.people.models import Organisation


def overview_tabs(
    request: HttpRequest, organisations: Sequence[Organisation]
) -> list[dict[str, object]]:
    """The tabs of the overview: all, or one organisation's batches."""
    if len(organisations) < 2:  # noqa: PLR2004 - there is nothing to choose
        return []
    chosen = request.GET.get("organisation")
    known = chosen in {each.ref for each in organisations}
    return [
        {"label": _("All"), "url": reverse("requester"), "current": not known},
        *(
            {
                "label": each.name,
                "url": f"{reverse('requester')}?organisation={each.ref}",
                "current": each.ref == chosen,
            }
            for each in organisations
        ),
    ]


def tabs(
    route: str, organisations: Sequence[Organisation], current: Organisation
) -> list[dict[str, object]]:
    """The same page of each organisation."""
    if len(organisations) < 2:  # noqa: PLR2004
        return []
    return [
        {
            "label": each.name,
            "url": reverse(route, args=[each.ref]),
            "current": each == current,
        }
        for each in organisations
    ]
