"""My own settings and the security centre: pages that read every other room of `accounts`."""
