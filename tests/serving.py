"""Ending a waitress server that runs in a thread of the tests."""

from __future__ import annotations

import threading
from typing import Any

from waitress import wasyncore


def end(server: Any, thread: threading.Thread) -> None:
    """End the loop first and close afterwards.

    Closed from within the loop, the trigger may be gone before it was written to: the loop can
    wake for another reason and see to it first. The byte would then go to whoever has the number.
    """
    left: dict[int, Any] = {}

    def leave() -> None:
        left.update(server._map)
        server._map.clear()  # with nothing to watch, the loop ends

    server.trigger.pull_trigger(leave)
    thread.join(10)
    wasyncore.close_all(left, ignore_all=True)
    server.task_dispatcher.shutdown()
