"""Making accounts, workers, organisations and operators."""

from django.db import transaction

from fairhand.people.models import Account, Member, Operator, Organisation, Worker


@transaction.atomic
def make_worker(
    email: str, *, name: str = "", password: str | None = None, language: str = "en"
) -> Worker:
    """Make an account that works. Raises IntegrityError when the address is taken."""
    account = Account.objects.create_user(email, password, name=name, language=language)
    return Worker.objects.create(account=account)


@transaction.atomic
def make_organisation(name: str, owner: Account) -> Organisation:
    """Make an organisation with its owner."""
    organisation = Organisation.objects.create(name=name)
    Member.objects.create(organisation=organisation, account=owner, role=Member.Role.OWNER)
    return organisation


def make_operator(account: Account) -> Operator:
    """Give an account the duties of an operator."""
    return Operator.objects.get_or_create(account=account)[0]
