"""Order list and order page: importing this module attaches every route to the blueprint."""

from __future__ import annotations

from dashboard.orders import (
    column_views,
    list_views,
    order_views,
    palette_views,
    saved_views,
)
from dashboard.orders.blueprint import blueprint

__all__ = [
    "blueprint",
    "column_views",
    "list_views",
    "order_views",
    "palette_views",
    "saved_views",
]
