"""Accounts, transfers and folded balances.

A transfer takes `amount` from `debit` and gives it to `credit`. A balance is what an account was
given less what was taken from it, so that all balances of a currency always add up to zero.
Accounts that stand for the world outside (a bank) go below zero: what they lack is what the house
holds.
"""

from django.db import models
from django.db.models.functions import Now


class Account(models.Model):
    """A place where money is. Never changed and never deleted once made."""

    code = models.CharField(max_length=80, unique=True)
    currency = models.CharField(max_length=3)
    may_go_below_zero = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())


class Transfer(models.Model):
    """An immutable movement of money; `source` names the event, once for each `reason`."""

    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=20)
    source = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="transfer_is_positive"),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")), name="transfer_moves_something"
            ),
            models.UniqueConstraint(fields=["source", "reason"], name="one_transfer_per_event"),
        ]
        # Two more columns' worth of rules stand in ledger.sql: txid, and its indexes by account.


class Balance(models.Model):
    """What an account held when it was last folded; `horizon` (a column added by SQL) says when."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True)
    amount = models.BigIntegerField(default=0)
