"""The addresses of portals: the public's, their people's, and their staff's."""

from django.urls import path

from fairhand.web.portal import brand, joining, official, staff

PORTALS = [
    path("join", joining.join_page, name="portal-join"),
    path("join/with/<str:token>", joining.invited, name="portal-invited"),
    path("account/portals", joining.my_portals, name="my-portals"),
    path("account/portals/<str:ref>/leave", joining.leave_portal, name="portal-leave"),
    path("portal", staff.home, name="portal-home"),
    path("portal/invitations", staff.invitations, name="portal-invitations"),
    path("portal/invitations/<int:number>/withdraw", staff.withdraw, name="portal-withdraw"),
    path("portal/staff", staff.team, name="portal-staff"),
    path("portals", official.official, name="official-portals"),
    path(".well-known/fairhand-portals.json", official.signed, name="signed-portals"),
    path("brand.css", brand.style, name="brand-style"),
    path("brand/logo.png", brand.logo, name="brand-logo"),
    path("brand/icon.png", brand.icon, name="brand-icon"),
]
