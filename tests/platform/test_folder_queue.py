"""The queue of the embedded mode: what a worker finds in the folder is whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from walletsite import folder_queue


def test_a_message_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_queue.register()
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path)}
    options: Any = {**folders, "control_folder": str(tmp_path / "control")}
    seen: list[object] = []
    with Connection(f"{folder_queue.NAME}://localhost", transport_options=options) as connection:
        queue = connection.SimpleQueue("wakeups")
        replace = os.replace

        def look_first(source: str, target: str) -> None:
            # Written, and not there yet for a worker that looks at this moment.
            seen.append(queue.queue.get())
            seen.append(Path(source).stat().st_size > 0)
            replace(source, target)

        monkeypatch.setattr(os, "replace", look_first)
        queue.put({"row": 7})
        assert seen == [None, True]
        assert queue.get(timeout=5).payload == {"row": 7}
        assert queue.queue.get() is None
        queue.close()
