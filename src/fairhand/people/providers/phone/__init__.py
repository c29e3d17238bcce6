"""Sending a text to a phone: one module for each way."""

from typing import Protocol


class PhoneProvider(Protocol):
    """A way to send a text. Raises OSError when it cannot be sent just now."""

    def send(self, phone: str, text: str) -> None:
        """Send `text` to `phone`, a number in E.164 form: +391234567890."""
