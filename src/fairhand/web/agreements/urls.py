"""The addresses of agreements: for whoever signs, for operators, and for requesters."""

from django.urls import path

from fairhand.web.agreements import pages
from fairhand.web.operator import agreements as operator
from fairhand.web.requester import agreement as requester

AGREEMENTS = [
    path("agreements", pages.overview, name="agreements"),
    path("agreements/copies/<str:ref>.pdf", pages.copy, name="agreement-copy"),
    path("agreements/<str:ref>", pages.agreement, name="agreement"),
    path("operator/agreements", operator.overview, name="operator-agreements"),
    path("operator/agreements/<str:scope>/<str:kind>", operator.edit, name="operator-agreement"),
    path(
        "operator/agreements/<str:scope>/<str:kind>/end",
        operator.end,
        name="operator-agreement-end",
    ),
    path("requester/projects/<str:ref>/agreement", requester.edit, name="project-agreement"),
    path("requester/projects/<str:ref>/agreement/end", requester.end, name="project-agreement-end"),
]
