"""Pictures shown here, and people of this installation who look at them."""

from fairhand.people.providers.identity import Begun, Wanted


class Manual:
    """Nobody else is asked."""

    name = "manual"
    takes_pictures = True
    elsewhere = False

    def begin(self, wanted: Wanted) -> Begun:  # noqa: ARG002 - the pictures come next
        """It goes on here."""
        return Begun()
