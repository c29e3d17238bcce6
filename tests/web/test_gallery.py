"""The gallery opens every sample in every state, for whoever builds pages."""

import pytest
from django.test import Client

from fairhand.web.gallery import PAGE_STATES, SHEETS, TASK_STATES

PAGES = [
    "/gallery/",
    *(f"/gallery/sheet/{name}/" for name in SHEETS),
    *(f"/gallery/sheet/{name}/?dir=rtl" for name in SHEETS),
    *(f"/gallery/page/{state}/" for state in PAGE_STATES),
    *(f"/gallery/task/{state}/" for state in TASK_STATES),
]


@pytest.mark.parametrize("address", PAGES)
def test_every_sample_opens(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 200
    assert b"<title>" in response.content


@pytest.mark.parametrize("kind", ["sheet", "page", "task"])
def test_a_state_that_is_none_is_not_there(kind: str) -> None:
    assert Client().get(f"/gallery/{kind}/nothing/").status_code == 404
