"""Configuration of the site: settings, addresses, workers. No business rules live here.

Imports nothing: the process that looks after the embedded servers is to stay small.
"""

# As in pyproject.toml; a backup names the version it was taken with.
VERSION = "0.1.0"
