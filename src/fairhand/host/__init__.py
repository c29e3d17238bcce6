"""What stands around the platform on one machine: its folder, its PostgreSQL, its processes.

Only the commands use this package; the surfaces know nothing of it.
"""
