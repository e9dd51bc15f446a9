"""Freezing one's money and letting it go again."""
