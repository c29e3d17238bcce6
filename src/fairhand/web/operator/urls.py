"""The addresses of accounts, operators and approvals."""

from django.urls import path

from fairhand.web.operator import accounts, approvals, duties, payouts

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
]
