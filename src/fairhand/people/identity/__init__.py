"""Who somebody is, proven how: checks, what is shown for them, votes, and who may be the same."""

from fairhand.people.identity.outcome import deciders, facts_of, overturn

__all__ = ["deciders", "facts_of", "overturn"]
