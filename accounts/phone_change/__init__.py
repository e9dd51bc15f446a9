"""Changing one's phone number, with the old phone and without it."""
