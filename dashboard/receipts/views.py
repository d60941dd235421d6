"""All pages of receipts: importing this module attaches every route to the blueprint."""

from __future__ import annotations

from dashboard.receipts import form_views, show_views
from dashboard.receipts.blueprint import blueprint

__all__ = ["blueprint", "form_views", "show_views"]
