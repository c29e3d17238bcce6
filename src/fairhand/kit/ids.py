"""Public references: short, unguessable, and telling what they point at."""

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
LENGTH = 16  # 80 random bits: a collision is not expected in 10^11 references


def new_ref(kind: str) -> str:
    """Make a reference such as `bat_7k3m0q9z4x1v8c2n`."""
    return kind + "_" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
