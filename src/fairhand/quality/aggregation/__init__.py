"""From many answers to one label a task: one folder an algorithm, over plain integer arrays.

Nothing here reads a file, knows the database or a model of ours: `labels.Labels` goes in and
`labels.Result` comes out, so that every algorithm can be run and compared outside the server.
"""
