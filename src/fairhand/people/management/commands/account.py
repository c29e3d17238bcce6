"""Make the first accounts of an installation, or more of them: `fairhand account`."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from fairhand.people.accounts import SETUP, change_password, make_operator, make_organisation
from fairhand.people.audit import note
from fairhand.people.duties import duties_of
from fairhand.people.models import Account, Duty, Worker


class Command(BaseCommand):
    """Makes an account, or gives one that is there more to do."""

    help = "Make an account that operates, asks or works; or give one that is there more to do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="how pages greet them")
        parser.add_argument("--operator", action="store_true", help="may run the installation")
        parser.add_argument(
            "--duty",
            action="append",
            choices=Duty.values,
            help="may run this part of it; again for more. --operator gives all",
        )
        parser.add_argument("--worker", action="store_true", help="may work")
        parser.add_argument(
            "--new-password", action="store_true", help="ask for another; signs them out everywhere"
        )
        parser.add_argument("--organisation", default="", help="owns a new requester of this name")

    def handle(self, *_args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
            with transaction.atomic():
                account = Account.objects.filter(email=email).first()
                if account is None:
                    password = _ask_password()
                    validate_password(password, Account(email=email))
                    account = Account.objects.create_user(email, password, name=options["name"])
                    note("account.made", actor=SETUP, account=account)
                elif options["new_password"]:
                    password = _ask_password()
                    validate_password(password, account)
                    change_password(account, password, SETUP)
                done = _give(account, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{email}: {', '.join(done) or 'an account without duties'}")


def _give(account: Account, options: dict[str, Any]) -> list[str]:
    """Give the duties that were asked for; say which."""
    done: list[str] = []
    if options["operator"]:
        make_operator(account)
        done.append("operator")
    elif options["duty"]:
        duties = duties_of(account) | set(map(Duty, options["duty"]))
        make_operator(account, duties)
        done.append(f"operator for {', '.join(sorted(duties))}")
    if options["worker"]:
        done.append(f"worker {Worker.objects.get_or_create(account=account)[0].ref}")
    if options["organisation"]:
        organisation = make_organisation(options["organisation"], account)
        done.append(f"owner of {organisation.name}, {organisation.ref}")
    return done


def _ask_password() -> str:
    """Ask at the terminal, twice; or read one line where there is none."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise CommandError("The two passwords differ; nothing was made.")
    return first
