"""The addresses of privacy."""

from django.urls import path

from fairhand.web.privacy import pages

PRIVACY = [
    path("privacy", pages.kept, name="privacy"),
    path("account/privacy", pages.own, name="privacy-own"),
    path("account/privacy/ask", pages.ask, name="privacy-ask"),
    path("account/privacy/delete", pages.delete, name="privacy-delete"),
    path("account/privacy/keep", pages.keep, name="privacy-keep"),
    path("account/privacy/data/<str:ref>", pages.download, name="privacy-download"),
]
