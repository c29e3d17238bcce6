"""Make a key for programs: `fairhand key`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fairhand.kit.decision import Refused
from fairhand.people.keys import SCOPES, issue_key
from fairhand.people.models import Account, Organisation

OF_ORGANISATIONS = sorted(scope for scope in SCOPES if scope != "work")


class Command(BaseCommand):
    """Makes a key of an organisation and shows it once."""

    help = "Make a key with which a program acts for an organisation. It is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="a member of the organisation")
        parser.add_argument(
            "--organisation", default="", help="its reference, if there are several"
        )
        parser.add_argument("--name", default="made at the command line")
        parser.add_argument(
            "--scope",
            action="append",
            choices=OF_ORGANISATIONS,
            help="all of them, if none is given",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        account = Account.objects.filter(email=options["email"].strip().lower()).first()
        if account is None:
            raise CommandError("There is no such account; `fairhand account` makes one.")
        found = Organisation.objects.filter(members__account=account)
        if options["organisation"]:
            found = found.filter(ref=options["organisation"])
        organisations = list(found[:2])
        if len(organisations) != 1:
            raise CommandError(
                "Name one organisation that this account belongs to: --organisation org_…; "
                "`fairhand account EMAIL --organisation NAME` makes one."
            )
        scopes = options["scope"] or OF_ORGANISATIONS
        try:
            _, secret = issue_key(
                account, name=options["name"], scopes=scopes, organisation=organisations[0]
            )
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(secret)
