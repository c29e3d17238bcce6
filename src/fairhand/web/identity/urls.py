"""The addresses of identity checks, for those who are checked and for those who look."""

from django.urls import path

from fairhand.web.identity import callback, pages
from fairhand.web.operator import identity, sames

IDENTITY = [
    path("identity", pages.identity, name="identity"),
    path("identity/begin", pages.begin, name="identity-begin"),
    path("identity/show/<str:kind>", pages.show, name="identity-show"),
    path("identity/send", pages.send, name="identity-send"),
    path("identity/stop", pages.stop, name="identity-stop"),
    path("identity/go", pages.go, name="identity-go"),
    path("identity/callback", callback.callback, name="identity-callback"),
    path("operator/identity", identity.queue, name="identity-queue"),
    path("operator/identity/<str:ref>", identity.check, name="identity-check"),
    path("operator/identity/<str:ref>/vote", identity.vote, name="identity-vote"),
    path("operator/identity/<str:ref>/<str:proof>", identity.picture, name="identity-picture"),
    path("operator/sames", sames.cases, name="sames"),
    path("operator/sames/<str:ref>", sames.case, name="same"),
    path("operator/sames/<str:ref>/decide", sames.decide, name="same-decide"),
]
