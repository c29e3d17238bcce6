"""Which address leads where. The hot path is reached before these, in wsgi.py."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("fairhand.api.urls")),
    path("", include("fairhand.web.urls")),
    path("gallery/", include("fairhand.web.gallery")),
]
