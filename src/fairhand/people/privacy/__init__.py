"""What is kept about people: of what, for what, for how long, and how one person's is found.

`held.py` says what a line of the table is, `tables.py` holds the lines of people's own tables;
`fairhand.work.privacy` adds those of work and money, makes the archive, and deletes.
"""
