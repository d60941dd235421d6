"""Routes of the order list."""

from __future__ import annotations
