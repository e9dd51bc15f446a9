"""Many transfers from one CSV file.

The file becomes a draft in rows: every line read, checked, and each fault named. Nothing of the
file itself is kept. Authorised once with the payment password, the lines are carried out in the
background, each as a payment of its own under a key made of batch and line, so that a line can be
tried any number of times, by any number of workers, and moves money once.
"""
