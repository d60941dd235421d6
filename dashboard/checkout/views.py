"""All pages of payment requests: importing this module attaches every route to the blueprint."""

from __future__ import annotations

from dashboard.checkout import (
    delivery_views,
    form_views,
    list_views,
    product_views,
    show_views,
    step_views,
    webhook_views,
)
from dashboard.checkout.blueprint import blueprint

__all__ = [
    "blueprint",
    "delivery_views",
    "form_views",
    "list_views",
    "product_views",
    "show_views",
    "step_views",
    "webhook_views",
]
