"""All pages of receipts: importing this module attaches every route to the blueprint."""

from __future__ import annotations

from dashboard.receipts import (
    batch_views,
    export_views,
    external_views,
    form_views,
    list_views,
    show_views,
)
from dashboard.receipts.blueprint import blueprint

__all__ = [
    "batch_views",
    "blueprint",
    "export_views",
    "external_views",
    "form_views",
    "list_views",
    "show_views",
]
