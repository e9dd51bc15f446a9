"""What the bank grants to one wallet, decided by two people: other limits for a time, class I."""
