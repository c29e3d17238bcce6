from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "fairhand.projects"
    label = "projects"
