"""Everybody is who they say: for demonstrations and for those who build pages."""

import sys

from fairhand.people.providers.identity import Begun, Wanted


class Console:
    """Believes at once, and says so on the server's own screen."""

    name = "console"
    takes_pictures = False
    elsewhere = False

    def begin(self, wanted: Wanted) -> Begun:
        """Proven, without having been asked."""
        sys.stdout.write(f"identity check {wanted.ref}: believed without a look\n")
        sys.stdout.flush()
        return Begun(verified=True)
