"""Accounts and transfers: the only writer of money; knows nothing of people or tasks."""
