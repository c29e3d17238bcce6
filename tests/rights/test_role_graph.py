"""AZ-4: whatever is called in whatever order, nobody raises their own role.

Random people do random things; a plain model says who may give what. What is in the database must
follow the model, and the standing check must find nothing after each sequence.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairhand.kit.decision import Refused
from fairhand.people import membership
from fairhand.people.keys import issue_key, revoke_key, rotate_key
from fairhand.people.models import Account, ApiKey, Invitation, Member, Organisation
from fairhand.people.orphans import orphans
from fairhand.people.rights import OF_SCOPES, grantable, permissions_of, scopes_of
from tests.rights.conftest import undone
from tests.world import World

PEOPLE = 5
ROLES = Member.Role.values
VERBS = ("invite", "join", "withdraw", "role", "transfer", "end", "key", "rotate", "revoke")
STEP = st.tuples(
    st.sampled_from(VERBS),
    st.integers(0, PEOPLE - 1),
    st.integers(0, PEOPLE - 1),
    st.sampled_from(ROLES),
)


@dataclass
class Play:
    """Some people around one organisation, and the links that they know of."""

    organisation: Organisation
    people: list[Account]
    links: list[tuple[Invitation, str]] = field(default_factory=list)

    def start(self) -> None:
        """A manager, a reviewer and two who are nobody yet stand around the owner."""
        for account, role in zip(self.people[1:3], ("manager", "reviewer"), strict=True):
            Member.objects.create(organisation=self.organisation, account=account, role=role)

    def roles(self) -> dict[int, str]:
        found = Member.objects.filter(organisation=self.organisation)
        return dict(found.values_list("account_id", "role"))

    def step(self, verb: str, actor: Account, other: Account, role: str) -> None:
        here = self.organisation
        if verb == "invite":
            self.links.append(membership.invite(actor, here, role))
        elif verb == "join" and self.links:
            membership.join(actor, self.links[-1][1])
        elif verb == "withdraw" and self.links:
            membership.withdraw_invitation(actor, here, self.links[-1][0].pk)
        elif verb == "role":
            membership.change_role(actor, here, other, role)
        elif verb == "transfer":
            membership.transfer(actor, here, other)
        elif verb == "end":
            membership.end_membership(actor, here, other)
        elif verb == "key":
            scopes = scopes_of(role)
            issue_key(actor, name="k", scopes=scopes, organisation=here)
        elif verb in {"rotate", "revoke"} and (key := ApiKey.objects.order_by("-pk").first()):
            (rotate_key if verb == "rotate" else revoke_key)(key, actor)

    def check(self, verb: str, actor: Account, before: dict[int, str]) -> None:
        """What one call may have changed, given who called."""
        after = self.roles()
        mine = before.get(actor.pk)
        gained = {who for who in after if after[who] != before.get(who)}
        for who in gained:
            if verb == "join":
                assert who == actor.pk
                assert mine is None
                invitation = Invitation.objects.get(used_by=actor, role=after[who], pk=self.used())
                assert after[who] in grantable(before[invitation.invited_by_id])
            else:
                raised = not permissions_of(after[who]) <= permissions_of(before.get(who))
                assert not (raised and who == actor.pk), "somebody raised their own role"
                assert after[who] in grantable(mine) or verb == "transfer"
        for who in before.keys() - after.keys():
            assert who == actor.pk or before[who] in grantable(mine)
        assert "owner" in after.values()
        for key in ApiKey.objects.filter(organisation=self.organisation, replaced_by=None):
            assert set(key.scopes) <= set(OF_SCOPES)

    def used(self) -> int:
        return self.links[-1][0].pk


@pytest.mark.slow
def test_no_sequence_of_calls_raises_ones_own_role(world: World) -> None:
    people = [Account.objects.create_user(f"p{i}@example.net") for i in range(PEOPLE - 1)]

    @settings(
        max_examples=500,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEP, min_size=4, max_size=20))
    def play(steps: list[tuple[str, int, int, str]]) -> None:
        with undone():
            scene = Play(world.organisation, [world.rita, *people])
            scene.start()
            for verb, actor, other, role in steps:
                before = scene.roles()
                try:
                    scene.step(verb, scene.people[actor], scene.people[other], role)
                except Refused:
                    assert scene.roles() == before
                scene.check(verb, scene.people[actor], before)
            assert orphans() == []

    play()
