"""The addresses of an organisation's team and keys."""

from django.urls import path

from fairhand.web.requester import joining, keys, team

_HERE = "requester/team/<str:ref>"
TEAM = [
    path("join/<str:token>", joining.join_page, name="join"),
    path("requester/team", team.team_home, name="team-home"),
    path(_HERE, team.team, name="team"),
    path(f"{_HERE}/invite", team.invite, name="team-invite"),
    path(f"{_HERE}/leave", team.leave, name="team-leave"),
    path(f"{_HERE}/second-factor", team.demand, name="team-second-factor"),
    path(f"{_HERE}/invitations/<int:number>/withdraw", team.withdraw, name="team-withdraw"),
    path(f"{_HERE}/members/<str:member>/role", team.role, name="team-role"),
    path(f"{_HERE}/members/<str:member>/remove", team.remove, name="team-remove"),
    path(f"{_HERE}/members/<str:member>/transfer", team.transfer, name="team-transfer"),
    path(f"{_HERE}/keys", keys.keys, name="keys"),
    path(f"{_HERE}/keys/new", keys.new_key, name="key-new"),
    path(f"{_HERE}/keys/<int:number>/rotate", keys.rotate, name="key-rotate"),
    path(f"{_HERE}/keys/<int:number>/revoke", keys.revoke, name="key-revoke"),
]
