"""Asking somebody who knows whether a name, an ID number and a card belong together."""
