"""The product as ``python app.py`` serves it, without the pace that is meant for people.

``python -m tests.bench.product INSTANCE PORT``.
"""

from __future__ import annotations

import gc

gc.disable()  # as app.py does

# ruff: noqa: E402
import sys
from pathlib import Path

from dashboard import server
from dashboard.config import Config

if __name__ == "__main__":
    server.run(
        Config(
            instance=Path(sys.argv[1]),
            port=int(sys.argv[2]),
            mode="practice",
            looks_per_minute=10**9,
            sync_every_s=10**9,
        ),
        open_browser=False,
        say=lambda line: print(line, flush=True),
    )
