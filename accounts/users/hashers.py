"""How login passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class WalletArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the OWASP parameters: 19 MiB, two passes, one lane."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
