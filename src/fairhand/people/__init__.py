"""Who someone is, proven how, and what they may be to an organisation."""
