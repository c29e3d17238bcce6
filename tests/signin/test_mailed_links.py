"""Links in mails lead to the installation's own address, whatever host a page was asked at."""

import re

import pytest
from django.conf import settings
from django.test import Client

from tests.portals.scene import portal
from tests.signin.conftest import mail_to
from tests.world import World


@pytest.mark.parametrize("host", ["testserver:6666", "one.example.org", "one.example.org:6666"])
def test_a_new_password_is_chosen_at_our_own_address(live: World, host: str) -> None:
    portal(live, "one")
    client = Client(headers={"accept-language": "en", "host": host})
    client.post("/accounts/password/reset/", {"email": live.oscar.email})
    links = re.findall(r"https?://\S+/accounts/password/\S+", mail_to(live.oscar.email))
    assert links
    assert all(link.startswith(f"{settings.BASE_URL}/accounts/") for link in links)
