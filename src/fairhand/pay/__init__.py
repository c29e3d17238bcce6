"""What events are worth: earnings, escrow, payout runs, statements, and the rails they leave by."""
