"""Who may do what: generated from the routes and the document."""
