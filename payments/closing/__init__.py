"""Closing a wallet: nothing left, nothing pending, a week to think better of it."""
