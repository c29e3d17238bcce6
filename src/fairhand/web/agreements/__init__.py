"""Reading, signing and keeping agreements."""
