"""The closed list of reasons why a worker does not get, or cannot hand in, a page.

The codes come from sql/turn.sql and from access.py. Each sentence says what is so and what to do.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal

CONFLICT, FORBIDDEN, MISSING, GONE, INVALID, UNSIGNED = 409, 403, 404, 410, 422, 401

SENTENCES: dict[str, tuple[int, str | Promise]] = {
    "not_signed_in": (UNSIGNED, _("Sign in as a worker to go on.")),
    "no_such_batch": (MISSING, _("There is no such batch, or it is not open to you.")),
    "not_enrolled": (FORBIDDEN, _("Open the batch from your list of work first.")),
    "no_such_page": (MISSING, _("You hold no such page. Reload to get your current one.")),
    "nothing_left": (
        CONFLICT,
        _("There is nothing left here for you right now. Have a look at the other work."),
    ),
    "batch_draft": (MISSING, _("There is no such batch, or it is not open to you.")),
    "batch_paused": (
        CONFLICT,
        _("The requester has paused this batch. Pages that you hold can still be handed in."),
    ),
    "batch_closed": (CONFLICT, _("This batch has ended. What you handed in is paid.")),
    "batch_settled": (CONFLICT, _("This batch has ended. What you handed in is paid.")),
    "page_expired": (
        GONE,
        _("The time for this page ran out, so it went to somebody else. Take a new one."),
    ),
    "page_returned": (CONFLICT, _("You gave this page back. Take a new one.")),
    "already_submitted": (
        CONFLICT,
        _("This page was handed in already, with other answers; the first ones count."),
    ),
    "incomplete_page": (INVALID, _("Answer every task of the page, each once.")),
    "restricted": (
        FORBIDDEN,
        _(
            "You get no more pages of this batch: %(right)s of your %(seen)s checked answers were "
            "right, and it asks for %(bar)s %%. What you earned stays yours. You can ask for a "
            "person to look at this from your list of work."
        ),
    ),
    "suspended": (
        FORBIDDEN,
        _("You get no work for now. Your account page says why, and how to contest it."),
    ),
    "own_batch": (
        FORBIDDEN,
        _(
            "This batch is your own organisation's: you may know its answers. "
            "Have a look at others."
        ),
    ),
    "other_portal": (
        FORBIDDEN,
        _("This batch is offered elsewhere: through another portal than the one you came by."),
    ),
    "not_joined": (FORBIDDEN, _("Join this portal first: its first page leads the way.")),
    "held_elsewhere": (
        CONFLICT,
        _(
            "You hold a page of this batch that you took through another portal. Hand it in there "
            "or give it back, then go on here."
        ),
    ),
    "changing": (
        CONFLICT,
        _("Something about you or this batch changed at this very moment. Please try again."),
    ),
    "gates_open": (
        FORBIDDEN,
        _(
            "Something is to be done before you go on here. The batch's page shows the steps. "
            "A page that you hold stays yours until its time is over."
        ),
    ),
    "not_reserved": (FORBIDDEN, _("The tasks of this batch are kept for other workers.")),
}


def refusal(code: str, params: dict[str, Any] | None = None) -> Refusal:
    """The refusal of this code, with the numbers in its sentence."""
    status, sentence = SENTENCES[code]
    return Refusal(code, sentence, params or {}, status)
