"""Proving who one is: sign-in, second factors, addresses, numbers, signed-in browsers."""
