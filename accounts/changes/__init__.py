"""Risky changes: the customer is told everywhere, and can undo them for a day."""
