"""Which address leads where. The hot path is reached before these, in wsgi.py."""

from django.urls import include, path

urlpatterns = []
