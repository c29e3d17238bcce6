"""What is asked, and at what price."""
