"""The steps before work, and signing, with a phone; publishing at a desk."""

from fairhand.people import agreements
from fairhand.people.models import Agreement
from tests.browser.conftest import Visit
from tests.world import World

DESK = (1200, 900)
TEXT = """You see what others have not published yet. Keep it to yourself: do not copy it, do not show
it, and do not speak about it with anybody else.

This holds for two years after your last page. What you answered stays yours to be proud of."""


def test_somebody_goes_through_their_steps_with_a_phone(
    committed_world: World, visit: Visit
) -> None:
    world = committed_world
    batch = world.batch(gates=["profile:languages", "age:18", "risk:violence"])
    agreements.publish("nda", world.project.ref, {"en": ("Between us", TEXT)}, world.rita)
    with visit() as ada:
        ada.sign_in(world.ada.account)
        page = ada.go("/work")
        ada.shot("onboarding-work-phone")
        page.get_by_role("link", name="4 steps left").click()
        assert page.get_by_text("Step 2 of 5.").is_visible()
        ada.check()
        ada.shot("onboarding-steps-phone")
        ada.go(f"/work/{batch.ref}")
        ada.check()
        ada.shot("onboarding-batch-phone")
        agreement = Agreement.objects.get(scope=world.project.ref)
        ada.go(f"/agreements/{agreement.ref}?next=/start%3Fbatch%3D{batch.ref}")
        ada.check()
        ada.shot("agreement-phone")
        page.get_by_label("Your name").fill("Ada Lovelace")
        page.get_by_label("I read this and agree.").check()
        page.get_by_role("button", name="Sign", exact=True).click()
        page.wait_for_url("**/start?batch=*")
        assert page.get_by_text("2 of 5 done").first.is_visible()
        changed = TEXT.replace("two years", "one year")
        agreements.publish("nda", world.project.ref, {"en": ("Between us", changed)}, world.rita)
        ada.go(f"/agreements/{agreement.ref}")
        assert page.get_by_text("What changed since version 1").is_visible()
        ada.check()
        ada.shot("agreement-changed-phone")
        ada.go("/agreements")
        ada.check()
        ada.shot("agreements-phone")


def test_agreements_are_published_at_a_desk(committed_world: World, visit: Visit) -> None:
    world = committed_world
    world.batch()
    agreements.publish("terms", "", {"en": ("Terms", TEXT)}, world.olga)
    with visit(DESK) as olga:
        olga.sign_in(world.olga)
        olga.go("/operator/agreements")
        olga.check()
        olga.shot("operator-agreements-desk")
        olga.go("/operator/agreements/site/terms")
        olga.check()
        olga.shot("operator-agreement-desk")
    with visit(DESK) as rita:
        rita.sign_in(world.rita)
        rita.go(f"/requester/projects/{world.project.ref}/agreement")
        rita.check()
        rita.shot("agreement-project-desk")
        rita.go("/requester/new")
        rita.check()
        rita.shot("requester-new-gates-desk")
