"""A customer and a helper of the bank look at the same thing: codes for it, guided views."""
