"""All refunds and tasks: importing this module attaches every route to the blueprint."""

from __future__ import annotations

from dashboard.refunds import (
    bulk_views,
    by_hand_form_views,
    by_hand_list_views,
    by_hand_views,
    export_views,
    form_views,
    list_views,
    outside_views,
    request_views,
    result_views,
    task_views,
)
from dashboard.refunds.blueprint import blueprint

__all__ = [
    "blueprint",
    "bulk_views",
    "by_hand_form_views",
    "by_hand_list_views",
    "by_hand_views",
    "export_views",
    "form_views",
    "list_views",
    "outside_views",
    "request_views",
    "result_views",
    "task_views",
]
