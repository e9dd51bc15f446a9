"""`make bench`: the ledger beside what the same machine could do without it."""
