"""Money that the bank gives to a wallet or takes from it, decided by two people."""
