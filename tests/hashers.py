"""The login password hasher of the tests."""

from accounts.users.hashers import WalletArgon2PasswordHasher


class CheapArgon2PasswordHasher(WalletArgon2PasswordHasher):
    """The product's hasher with the least work Argon2 allows."""

    time_cost = 1
    memory_cost = 64
