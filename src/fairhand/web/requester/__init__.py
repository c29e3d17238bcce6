"""Pages of requesters: is it going well, and what should I do?"""
