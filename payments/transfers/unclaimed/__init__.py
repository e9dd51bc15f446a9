"""Money sent to a mobile number that has no wallet yet.

Confirming reserves it; whoever proves the number by opening a wallet may accept it within the
time of `PAYMENTS["unclaimed"]`, after which it is free again. Until then the payer may take it
back. A number that went to somebody else meanwhile is the reason why the time is short: only the
SMS code proves possession, and it proves no more than that. The payment's row lock decides
between accepting, declining, taking back and returning.
"""
