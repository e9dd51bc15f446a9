"""Wallet money = bank money: the files to and from the bank, and the daily proof that both agree.

What does not agree becomes a case for staff. Nothing is booked to a person on a guess.
"""
