"""Jangbu: wiring only. Configuration, extensions, blueprints, error pages."""

from __future__ import annotations

from flask import Flask

import dashboard.accounts.views
import dashboard.checkout.views
import dashboard.files_views
import dashboard.help.views
import dashboard.orders.views
import dashboard.receipts.views
import dashboard.refunds.views
import dashboard.setup.views
import dashboard.sync.views
from dashboard import (
    assets,
    cli,
    compiled,
    compression,
    door,
    errors,
    formatting,
    frame,
    i18n,
    url_rules,
    words,
)
from dashboard.config import ROOT, Config
from dashboard.database import close_db
from dashboard.instance import Instance
from dashboard.runtime import Runtime
from dashboard.version import VERSION as __version__

__all__ = ["__version__", "create_app"]

_FEATURES = (
    dashboard.accounts.views,
    dashboard.files_views,
    dashboard.setup.views,
    dashboard.orders.views,
    dashboard.receipts.views,
    dashboard.refunds.views,
    dashboard.checkout.views,
    dashboard.sync.views,
    dashboard.help.views,
)


def create_app(config: Config | None = None) -> Flask:
    """Build the dashboard over one instance folder.

    :raise CannotStart: the instance folder cannot be made or written
    """
    config = config or Config.from_environ()
    instance = Instance.prepare(config.instance)
    app = Flask(
        "jangbu",
        template_folder=str(ROOT / "templates"),
        static_folder=None,  # assets.py serves static/
        instance_path=str(config.instance),
    )
    app.config.update(SECRET_KEY=instance.secret_key(), TESTING=config.testing)
    app.extensions["jangbu"] = Runtime(config, instance)
    app.teardown_appcontext(close_db)
    for part in (
        url_rules,
        compiled,
        i18n,
        assets,
        formatting,
        words,
        frame,
        errors,
        dashboard.accounts,
        door,
        compression,
        cli,
    ):
        part.init_app(app)
    for feature in _FEATURES:
        app.register_blueprint(feature.blueprint)
    return app
