from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "fairhand.web"
    label = "web"
