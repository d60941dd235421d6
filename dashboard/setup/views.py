"""First run, settings, practice page, health."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("setup", __name__)
