"""How often one person may send a refund (SEC-66). Rows of a bulk refund are one deed."""

from __future__ import annotations

from dashboard import pace

MOST = 20  # a minute


class Pace(pace.Pace):
    """Sends of each person within the last minute, in this process."""

    def __init__(self) -> None:
        super().__init__(MOST)
