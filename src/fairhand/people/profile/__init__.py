"""What workers tell about themselves: which fields, why each is asked, who sees it."""
