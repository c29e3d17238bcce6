"""The addresses of appeals, for those who contest and for those who decide."""

from django.urls import path

from fairhand.web.appeals import views
from fairhand.web.operator import appeals, standing

APPEALS = [
    path("how-decisions-are-made", views.explained, name="how-decisions-are-made"),
    path("appeals", views.mine, name="appeals"),
    path("appeals/contest/<str:kind>/<str:subject>", views.contest, name="contest-decision"),
    path("appeals/<str:ref>", views.appeal, name="appeal"),
    path("appeals/<str:ref>/withdraw", views.withdraw, name="withdraw-appeal"),
    path("appeals/<str:ref>/proofs/<str:proof>", views.proof, name="appeal-proof"),
    path("operator/appeals", appeals.overview, name="operator-appeals"),
    path("operator/appeals/<str:ref>", appeals.appeal, name="operator-appeal"),
    path("operator/appeals/<str:ref>/proofs/<str:proof>", appeals.proof, name="look-at-proof"),
    path("operator/standing/<str:ref>", standing.page, name="operator-standing"),
    path("operator/standing/<str:ref>/lift", standing.lift, name="lift-suspension"),
]
