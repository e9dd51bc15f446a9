"""The bank's language in files: ISO 20022 documents, read and written. No database here.

pain.001 orders payments, pain.002 says what became of them, camt.053 is the statement of a day,
camt.054 tells of single movements during it.
"""
