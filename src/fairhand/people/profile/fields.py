"""The closed list of what a worker may tell about themselves.

Nothing here is asked for its own sake: each field says what it is good for and who sees it, and can
be withdrawn at any time.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in words, why it is asked, and who sees it."""

    label: str | Promise
    why: str | Promise
    seen_by: str | Promise


ONLY_YOU = _("Only you, and operators who help you.")
FIELDS: dict[str, Field] = {
    "languages": Field(
        _("Languages"),
        _("Many tasks need somebody who knows one language."),
        ONLY_YOU,
    ),
    "country": Field(_("Country"), _("Some tasks are about one country, or paid there."), ONLY_YOU),
    "region": Field(_("Region"), _("Some tasks need somebody who knows a place."), ONLY_YOU),
    "time_zone": Field(_("Time zone"), _("So that times are those of your clock."), ONLY_YOU),
    "education": Field(_("Education"), _("Some tasks need knowledge that is learned."), ONLY_YOU),
    "expertise": Field(_("Fields that you know well"), _("Expert tasks pay more."), ONLY_YOU),
    "birth_date": Field(_("Date of birth"), _("Asked only where a task is for adults."), ONLY_YOU),
    "devices": Field(_("Devices"), _("Some tasks need a camera or a microphone."), ONLY_YOU),
    "accessibility": Field(
        _("What helps you to work"), _("So that tasks that you cannot do are not shown."), ONLY_YOU
    ),
    "risks": Field(
        _("Difficult content"),
        _("Tasks with such content are shown only to whoever said yes to it."),
        ONLY_YOU,
    ),
}
