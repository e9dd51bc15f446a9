"""What breaks, and what must stay true: real processes, real signals, real cuts, under load.

`make test` runs every kind of fault once on each database; `make faults N=500` goes on and prints
its counts. After each fault: what the site confirmed is there once, what it refused is not, the
books are proven from nothing, and the site is healthy again within 30 seconds.
"""
