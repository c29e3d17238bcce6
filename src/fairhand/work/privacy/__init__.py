"""One person's data in all tables: the whole table of what is kept, the archive, the deletion."""
