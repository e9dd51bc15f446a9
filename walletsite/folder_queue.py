"""The queue of the embedded mode: a folder of files, each of which appears whole.

Kombu's own makes the file first and writes it afterwards; a worker that looks in between takes an
empty message, and dies of it.
"""

from __future__ import annotations

import os
import uuid
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

NAME = "wholefiles"


class Channel(filesystem.Channel):
    """Puts a message down under another name, and renames it."""

    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        path = os.path.join(self.data_folder_out, name)
        try:
            # No queue's name ends like this: nobody takes it.
            with open(f"{path}.part", "wb") as file:
                file.write(dumps(payload).encode())
            os.replace(f"{path}.part", path)
        except OSError as error:
            raise ChannelError(f"Cannot add a file to {self.data_folder_out!r}") from error


class Transport(filesystem.Transport):
    """Kombu's, with that channel."""

    Channel = Channel


def register() -> None:
    """Let an address begin with the name."""
    TRANSPORT_ALIASES[NAME] = f"{__name__}:Transport"
