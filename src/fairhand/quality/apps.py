from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "fairhand.quality"
    label = "quality"
