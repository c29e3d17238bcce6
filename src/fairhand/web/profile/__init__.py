"""What workers tell about themselves, the devices that were seen, and consents."""
