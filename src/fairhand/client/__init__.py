"""The typed Python client: HTTP only."""
