"""Proving who one is: the worker's pages, and the address where a vendor tells what it found."""
