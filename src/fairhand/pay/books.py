"""The books, for operators: the ledger's audit, and folding."""

from fairhand.ledger.audit import Audit, Line, audit
from fairhand.ledger.posting import fold

__all__ = ["Audit", "Line", "audit", "fold"]
