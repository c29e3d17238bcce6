from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "fairhand.people"
    label = "people"
