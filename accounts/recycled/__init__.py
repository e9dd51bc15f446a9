"""Phone numbers that went to somebody else: docs/adr/0011-a-number-is-not-a-person.md."""
