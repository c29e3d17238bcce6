"""The addresses of the pages. allauth's own list has pages for features that are not here yet."""

from django.urls import URLPattern, URLResolver, path, register_converter

from fairhand.web import home
from fairhand.web.agreements.urls import AGREEMENTS
from fairhand.web.appeals.urls import APPEALS
from fairhand.web.identity.urls import IDENTITY
from fairhand.web.notices import NOTICES
from fairhand.web.oidc.urls import OIDC
from fairhand.web.onboarding import ONBOARDING
from fairhand.web.operator import payouts
from fairhand.web.operator import views as operator
from fairhand.web.operator.mails import MAILS
from fairhand.web.operator.terms import TERMS
from fairhand.web.operator.urls import DUTIES
from fairhand.web.portal.urls import PORTALS
from fairhand.web.privacy.urls import PRIVACY
from fairhand.web.profile.urls import PROFILE
from fairhand.web.requester import actions, new
from fairhand.web.requester import views as requester
from fairhand.web.requester.media import MEDIA
from fairhand.web.requester.urls import TEAM
from fairhand.web.signin.urls import SIGN_IN
from fairhand.web.trail import TRAIL
from fairhand.web.worker import money
from fairhand.web.worker import views as worker
from fairhand.work.exporting import CONTENT_TYPES, EXPORTS


class _One:
    """A part of an address that is one word of a closed list."""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class _Action(_One):
    regex = "|".join(actions.ACTIONS)


class _Step(_One):
    regex = "|".join(payouts.STEPS)


class _What(_One):
    regex = "|".join(EXPORTS)


class _Form(_One):
    regex = "|".join(CONTENT_TYPES)


register_converter(_Action, "action")
register_converter(_Step, "step")
register_converter(_What, "what")
register_converter(_Form, "form")

DOOR = [
    path("", home.home, name="home"),
    path("enter/<str:token>", home.enter, name="enter"),
    path("language", home.language, name="set_language"),
    path("account", home.account, name="account"),
    path("account/work", home.begin, name="begin-to-work"),
]
WORKER = [
    path("work", worker.work, name="work"),
    path("work/<str:ref>", worker.batch, name="work-batch"),
    path("work/<str:ref>/start", worker.start, name="start"),
    path("work/<str:ref>/task", worker.task, name="task"),
    path("earnings", money.earnings, name="earnings"),
    path("earnings/destination", money.destination, name="destination"),
    path("earnings/statement.csv", money.statement_csv, name="statement-csv"),
]
REQUESTER = [
    path("requester", requester.overview, name="requester"),
    path("requester/new", new.new, name="new"),
    path("requester/batches/<str:ref>", requester.batch, name="batch"),
    path("requester/batches/<str:ref>/results", requester.results, name="batch-results"),
    path("requester/batches/<str:ref>/workers", requester.crowd, name="batch-crowd"),
    path("requester/batches/<str:ref>/upload", actions.upload, name="batch-upload"),
    path("requester/batches/<str:ref>/accept", actions.accept, name="batch-accept"),
    path("requester/batches/<str:ref>/compute", actions.compute, name="batch-compute"),
    path("requester/batches/<str:ref>/<action:action>", actions.act, name="batch-act"),
    path(
        "requester/batches/<str:ref>/download/<what:what>.<form:form>",
        actions.download,
        name="batch-download",
    ),
]
OPERATOR = [
    path("operator", operator.overview, name="operator"),
    path("operator/ledger", operator.ledger, name="ledger"),
    path("operator/deposits", operator.deposits, name="deposits"),
    path("operator/restrictions", operator.restrictions, name="restrictions"),
    path("operator/restrictions/<int:number>/lift", operator.lift_restriction, name="lift"),
    path("operator/payouts", payouts.payouts, name="payouts"),
    path("operator/payouts/prepare", payouts.prepare, name="prepare"),
    path("operator/payouts/payer", payouts.payer, name="payer"),
    path("operator/payouts/<str:ref>", payouts.run, name="run"),
    path("operator/payouts/<str:ref>/file", payouts.run_file, name="run-file"),
    path("operator/payouts/<str:ref>/<step:action>", payouts.step, name="run-step"),
    path("operator/payouts/<str:ref>/<int:number>/bounce", payouts.bounce, name="bounce"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    *DOOR,
    *SIGN_IN,
    *OIDC,
    *IDENTITY,
    *NOTICES,
    *PROFILE,
    *MAILS,
    *PORTALS,
    *ONBOARDING,
    *AGREEMENTS,
    *WORKER,
    *REQUESTER,
    *TEAM,
    *MEDIA,
    *TRAIL,
    *PRIVACY,
    *APPEALS,
    *DUTIES,
    *TERMS,
    *OPERATOR,
]
