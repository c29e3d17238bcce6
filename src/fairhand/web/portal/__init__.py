"""A portal's pages: its brand, joining it, running it, and the list of the official ones."""
