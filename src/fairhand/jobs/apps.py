from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "fairhand.jobs"
    label = "jobs"
