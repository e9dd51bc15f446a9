"""A customer and a helper of the bank look at the same thing: codes of the customer, guided views."""
