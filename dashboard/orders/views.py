"""Order list and order page: importing this module attaches every route to the blueprint."""

from __future__ import annotations

from dashboard.orders import list_views, order_views
from dashboard.orders.blueprint import blueprint

__all__ = ["blueprint", "list_views", "order_views"]
