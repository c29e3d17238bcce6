from django.apps import AppConfig


class PayConfig(AppConfig):
    name = "fairhand.pay"
    label = "pay"
