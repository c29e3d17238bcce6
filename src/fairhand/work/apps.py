from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "fairhand.work"
    label = "work"
