"""Fairhand: the self-hosted server for paid human data work."""

__version__ = "0.1.0"
