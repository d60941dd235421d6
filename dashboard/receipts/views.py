"""All pages of receipts: importing this module attaches every route to the blueprint."""

from __future__ import annotations

from dashboard.receipts.blueprint import blueprint

__all__ = ["blueprint"]
