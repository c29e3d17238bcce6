"""What the outside world does for people, each behind a protocol of ours."""
