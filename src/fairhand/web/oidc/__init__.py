"""OpenID Connect, both ways: signing in here from elsewhere, and elsewhere from here."""
