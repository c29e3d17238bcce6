"""Browsers without a browser, as the tests of pages have them."""

from tests.web.conftest import signed

__all__ = ["signed"]
