"""Simulated and recorded crowds that work through HTTP."""
