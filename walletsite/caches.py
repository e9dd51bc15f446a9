"""The cache on a Redis that also holds the queue and the counters."""

from __future__ import annotations

from django.core.cache.backends.redis import RedisCache


class SharedRedisCache(RedisCache):
    """Clears its own keys. Django's empties the whole database: messages and counters too."""

    def clear(self) -> None:
        """Remove what this cache holds."""
        client = self._cache.get_client(None, write=True)
        for key in client.scan_iter(f"{self.key_prefix}:*", count=1000):
            client.unlink(key)
