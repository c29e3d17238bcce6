"""Pages about what is kept of people: to read, to take home, to have deleted."""
