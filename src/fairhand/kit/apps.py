from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "fairhand.kit"
    label = "kit"
