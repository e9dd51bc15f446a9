"""The real servers and the real browser that the tests use: found, or started for this run only.

Nothing here is a stand-in. What cannot be found or started is an error that says what to install.
"""
