"""The addresses of what somebody tells about themselves, and agrees to."""

from django.urls import path

from fairhand.web.profile import pages

PROFILE = [
    path("profile", pages.profile, name="profile"),
    path("profile/<str:name>", pages.field, name="profile-field"),
    path("consents/<str:purpose>", pages.consent, name="consent"),
]
