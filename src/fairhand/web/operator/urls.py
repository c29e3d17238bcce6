"""The addresses of accounts, operators and approvals."""

from django.urls import path

from fairhand.web.operator import accounts, approvals, duties, payouts, portals

DUTIES = [
    path("operator/approvals", approvals.overview, name="approvals"),
    path("operator/approvals/<str:ref>", approvals.decide, name="decide"),
    path("operator/payouts/ask", payouts.ask_for_run, name="ask-for-run"),
    path("operator/accounts", accounts.accounts, name="accounts"),
    path("operator/accounts/<str:ref>", accounts.account, name="operator-account"),
    path("operator/accounts/<str:ref>/sign-out", accounts.sign_out, name="operator-sign-out"),
    path("operator/accounts/<str:ref>/exclude", accounts.exclude, name="exclude"),
    path("operator/accounts/<str:ref>/let-back", accounts.let_back, name="let-back"),
    path("operator/operators", duties.operators, name="operators"),
    path("operator/portals", portals.portals, name="operator-portals"),
    path("operator/portals/new", portals.new_portal, name="operator-portal-new"),
    path("operator/portals/<str:ref>", portals.portal, name="operator-portal"),
    path("operator/portals/<str:ref>/look", portals.look, name="operator-portal-look"),
    path("operator/portals/<str:ref>/gates", portals.gates, name="operator-portal-gates"),
    path("operator/portals/<str:ref>/logo", portals.logo, name="operator-portal-logo"),
    path("operator/portals/<str:ref>/staff", portals.staff, name="operator-portal-staff"),
    path("operator/portals/<str:ref>/close", portals.close, name="operator-portal-close"),
    path("operator/portals/<str:ref>/reopen", portals.reopen, name="operator-portal-reopen"),
]
