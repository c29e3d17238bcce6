"""The gallery: every component and every kind of page in each of its states.

Here the look is judged and tested: empty, one, many, too many, loading, refused, offline, error and
right to left, on samples that need no database. The samples are data, in English on purpose; the
words that components bring along are translated like everywhere else.
"""

import json
import time
from collections.abc import Callable
from typing import TypedDict

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

SHEETS = {
    "foundations": "Foundations",
    "controls": "Controls",
    "words": "Words",
    "numbers": "Numbers",
}
PAGE_STATES = {
    "empty": "Nothing there yet",
    "one": "One entry",
    "many": "Many entries",
    "too-many": "More than fit on one page",
    "loading": "Not there yet",
    "refused": "Refused, with the reason",
    "offline": "No connection",
    "error": "A mistake in what was sent",
    "rtl": "Right to left",
}
TASK_STATES = {
    "text": "A text to judge",
    "image": "A picture to judge",
    "first": "The first visit, instructions unfolded",
    "many-options": "More options than keys",
    "rtl": "Right to left",
    "broken-image": "A picture that does not load",
    "missing-text": "A task without its text",
    "few-minutes": "Little time left",
    "late": "No time left",
    "setback": "A page that is not accepted",
    "busy": "A server that does not answer",
    "empty": "Nothing left",
    "refused": "Restricted",
    "signed-out": "Signed out",
    "broken": "A faulty description",
}
PAGE_LENGTH = 25


class Batch(TypedDict):
    """A line of the sample list of work."""

    title: str
    facts: str
    figure: str
    figure_note: str
    badge: str


class Payment(TypedDict):
    """A line of the sample table."""

    day: str
    batch: str
    answers: int
    rate: str
    amount: str
    state: str
    kind: str


TITLES = [
    "Is this review about delivery or about the product?",
    "Which animal is in the picture?",
    "Does the second sentence follow from the first?",
    "What does the customer want?",
    "Is this address complete?",
]
RTL_TITLES = ["ما الحيوان الذي في الصورة؟", "هل تتبع الجملة الثانية من الأولى؟"]
STATES = [("Paid", "ok"), ("Payable", ""), ("In review", "warn"), ("Rejected", "refuse")]


def sample_batches(count: int, titles: list[str] | None = None) -> list[Batch]:
    """Make lines for the list of work, from nothing but their number."""
    names = titles or TITLES
    return [
        Batch(
            title=names[number % len(names)],
            facts=f"{1200 - 37 * number % 900} tasks · about {9 + number % 5} seconds each",
            figure=f"€0.0{3 + number % 6}",
            figure_note=f"about €{9 + number % 4}.40 an hour, from {310 - 7 * number % 200} people",
            badge="New" if number % 4 == 1 else "",
        )
        for number in range(count)
    ]


def sample_payments(count: int) -> list[Payment]:
    """Make lines for the table of earnings, from nothing but their number."""
    return [
        Payment(
            day=f"{22 - number % 20} November 2026",
            batch=TITLES[number % len(TITLES)],
            answers=10 * (1 + number % 30),
            rate=f"{88 + number % 12} % of {20 + number % 90}",
            amount=f"€{4 + number % 30}.{number * 37 % 100:02d}",
            state=STATES[number % 4][0],
            kind=STATES[number % 4][1],
        )
        for number in range(count)
    ]


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """List everything there is to look at."""
    context = {"sheets": SHEETS, "page_states": PAGE_STATES, "task_states": TASK_STATES}
    return render(request, "gallery/index.html", context)


@require_safe
def sheet(request: HttpRequest, name: str) -> HttpResponse:
    """One sheet of components; `?dir=rtl` turns it round."""
    if name not in SHEETS:
        raise Http404
    tabs = [
        {"label": label, "url": reverse("gallery-sheet", args=[key]), "current": key == name}
        for key, label in SHEETS.items()
    ]
    context = {
        "title": SHEETS[name],
        "sheet": f"gallery/{name}.html",
        "tabs": tabs,
        "direction": "rtl" if request.GET.get("dir") == "rtl" else "",
        "swatches": SWATCHES,
        "one_payment": sample_payments(1),
        "payments": sample_payments(8),
        "too_many_payments": sample_payments(PAGE_LENGTH),
        "batches": sample_batches(3),
        "progress_days": PROGRESS_DAYS,
        "crowd": CROWD,
    }
    return render(request, "gallery/sheet.html", context)


SWATCHES = (
    "paper surface sunken ink ink-soft line accent accent-soft ok warn refuse".split()  # noqa: SIM905
)
PROGRESS_DAYS = [
    ("16 Nov", 410, 402),
    ("17 Nov", 1180, 1102),
    ("18 Nov", 1960, 1874),
    ("19 Nov", 2440, 2391),
    ("20 Nov", 3105, 2990),
    ("21 Nov", 3560, 3502),
    ("22 Nov", 3902, 3840),
]
CROWD = [("Honest", 96.4), ("Sloppy", 78.1), ("Cheating", 49.7)]


@require_safe
def page_state(request: HttpRequest, state: str) -> HttpResponse:
    """A whole page, the worker's list of work, in one of its states."""
    if state not in PAGE_STATES:
        raise Http404
    counts = {"one": 1, "many": 6, "too-many": PAGE_LENGTH, "offline": 2, "error": 2, "rtl": 4}
    titles = RTL_TITLES if state == "rtl" else None
    context = {
        "state": state,
        "title": PAGE_STATES[state],
        "direction": "rtl" if state == "rtl" else "",
        "batches": sample_batches(counts.get(state, 0), titles),
    }
    return render(request, "gallery/page.html", context)


@require_safe
def task_state(request: HttpRequest, state: str) -> HttpResponse:
    """The task page in one of its states, working against the sample endpoint below."""
    if state not in TASK_STATES:
        raise Http404
    context = {
        "title": "Customer messages",
        "direction": "rtl" if state == "rtl" else "",
        "workbench": task_config(state),
    }
    return render(request, "base_task.html", context)


def task_config(state: str) -> dict[str, object]:
    """What the page is told about its batch (the same shape as a real one)."""
    pictures = state in {"image", "broken-image"}
    options = [
        {"value": "delivery", "label": "Delivery", "help": "Late, lost, damaged on the way"},
        {"value": "product", "label": "Product", "help": "What it is and how it works"},
        {"value": "service", "label": "Service"},
        {"value": "none", "label": "None of these"},
    ]
    if state == "many-options":
        options = [{"value": f"c{n}", "label": f"Category {n}"} for n in range(1, 15)]
    if state == "image":
        options = [{"value": v, "label": v.title()} for v in ("circle", "square", "triangle")]
    field = {"kind": "choice", "name": "category", "label": "What is it about?", "options": options}
    steps = [
        {"heading": "What to do", "text": "Read the message and choose what it is mainly about."},
        {"heading": "When in doubt", "text": "Choose what the writer would want to be put right."},
    ]
    return {
        "endpoint": reverse("gallery-task-answer", args=[state]),
        "interface": {
            "views": [{"kind": "image" if pictures else "text", "from": "shown"}],
            "fields": [] if state == "broken" else [field],
        },
        "title": "Customer messages",
        "instructions": steps if state in {"first", "text", "rtl"} else [],
        "price_micros": 50_000,
        "currency": "EUR",
        "lang": get_language() or "en",
        "home": reverse("gallery"),
        "report": None,
        "worker": "gallery",
    }


MESSAGES = [
    "The parcel was left with a neighbour I have never met. It took three days to find out.",
    "Works as described. The handle gets warm after ten minutes, though.",
    """I rang twice. The first time I was cut off.
The second time a very patient gentleman explained how to set the clock, and it was right.

Then there was a power cut. So I rang again. That makes three times.""",
    "ok",
]
RTL_MESSAGES = ["تُرك الطرد عند جار لا أعرفه، ولم يخبرني أحد بذلك.", "يعمل كما هو موصوف."]
SHAPES = [
    '<circle cx="60" cy="45" r="32"/>',
    '<rect x="28" y="13" width="64" height="64"/>',
    '<path d="M60 12 96 78H24Z"/>',
]


@csrf_exempt  # it keeps nothing and changes nothing
@require_POST
def task_answer(request: HttpRequest, state: str) -> HttpResponse:
    """A worker's endpoint that remembers nothing: every page is new, every answer welcome."""
    try:
        asked = dict(json.loads(request.body))
    except (TypeError, ValueError, RecursionError):
        return JsonResponse({"title": "Unreadable"}, status=400)
    handed_in = asked.get("answers")
    if state == "busy":
        return JsonResponse({"title": "Busy"}, status=503)
    if state == "signed-out":
        return JsonResponse({"title": "Signed out"}, status=401)
    if state == "setback" and handed_in:
        detail = "The time for this page was over when it arrived."
        return JsonResponse({"title": "Too late", "status": 409, "detail": detail}, status=409)
    reply: dict[str, object] = {"submitted": None, "page": None, "ahead": None, "refusal": None}
    if handed_in:
        reply["submitted"] = {
            "page": asked.get("page"),
            "answers": len(handed_in),
            "earned_micros": 50_000 * len(handed_in),
            "repeated": False,
        }
    if state in REFUSALS:
        reply["refusal"] = REFUSALS[state]
    else:
        reply["ahead" if asked.get("ahead") else "page"] = sample_page(state)
    return JsonResponse(reply)


REFUSALS = {
    "empty": {"code": "nothing_left", "message": "All 1,200 tasks of this batch are answered."},
    "refused": {
        "code": "restricted",
        "message": "9 of your 14 checks on this batch were right; it asks for 85 %. You can work "
        "on other batches now, and appeal until 29 November. What you earned stays yours.",
    },
}


def sample_page(state: str) -> dict[str, object]:
    """A page of tasks with a number that never comes twice."""
    number = time.monotonic_ns() // 1_000_000
    seconds = {"late": 0, "few-minutes": 110}.get(state, 900)
    until = time.gmtime(time.time() + seconds)
    shown: Callable[[int], object] = SHOWN.get(state, lambda item: MESSAGES[item % len(MESSAGES)])
    return {
        "no": number,
        "deadline": time.strftime("%Y-%m-%dT%H:%M:%SZ", until),
        "seconds_left": seconds,
        "pay_micros": 500_000,
        "items": [{"item": item, "data": {"shown": shown(item)}} for item in range(10)],
    }


def picture(item: int) -> str:
    """A small drawing as a data address."""
    shape = SHAPES[item % len(SHAPES)].replace('"', "'").replace("<", "%3C").replace(">", "%3E")
    frame = "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 90' fill='%23789'%3E"
    return f"data:image/svg+xml,{frame}{shape}%3C/svg%3E"


SHOWN: dict[str, Callable[[int], object]] = {
    "image": picture,
    "broken-image": lambda _: "data:image/png;base64,AAAA",
    "missing-text": lambda _: None,
    "rtl": lambda item: RTL_MESSAGES[item % len(RTL_MESSAGES)],
}

urlpatterns = [
    path("", gallery, name="gallery"),
    path("sheet/<slug:name>/", sheet, name="gallery-sheet"),
    path("page/<slug:state>/", page_state, name="gallery-page"),
    path("task/<slug:state>/", task_state, name="gallery-task"),
    path("task/<slug:state>/answer", task_answer, name="gallery-task-answer"),
]
