"""Who may do what, who holds what, what was decided."""
