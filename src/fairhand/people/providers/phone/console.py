"""Texts on the server's own screen: for demonstrations and for those who build pages."""

import sys


class Console:
    """Prints what a phone would show."""

    def send(self, phone: str, text: str) -> None:
        sys.stdout.write(f"text to {phone}: {text}\n")
        sys.stdout.flush()
