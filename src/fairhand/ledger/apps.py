from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "fairhand.ledger"
    label = "ledger"
