"""Gathers what the check of the gateway looks at; nothing is changed by looking."""

from __future__ import annotations

import http.client
import logging
from contextlib import suppress

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import gateway
from dashboard.channels import read_channels
from dashboard.portone import Limits, PortOneError
from dashboard.refunds import lock
from dashboard.runtime import NoKeys, Runtime
from dashboard.setup.doctor import Asked, Facts, Sync, Webhook
from dashboard.setup.forms import contract_items
from dashboard.sync import service as sync

LIMITS = Limits(connect_s=1.5, read_s=3.0, total_s=4.0)
"""Of each of the two calls: with the look at the own port they stay below ``orders.live.QUICK``."""

_PORT_TIMEOUT_S = 1.0
_log = logging.getLogger(__name__)


def read_facts(runtime: Runtime, db: Database) -> Facts:
    """What the shop said and what happened so far."""
    return Facts(
        gateway=gateway.read(runtime, db),
        contracts=contract_items(),
        webhook=_last_webhook(db),
        sync=_last_sync(db),
        refunds_locked=lock.locked(db) is not None,
        now=runtime.now(),
        port=runtime.public_port,
    )


def ask(runtime: Runtime, limits: Limits = LIMITS) -> Asked:
    """Ask PortOne for a token and the channels, and the buyers' port whether anybody is there.

    :param limits: of each of two calls
    """
    port = runtime.public_port
    served = None if port is None else _is_served(port)
    try:
        portone = runtime.portone(limits)
    except NoKeys:
        return Asked(trouble="no_keys", served=served)
    except ValueError:
        return Asked(trouble="bad_keys", served=served)
    where = _("연습용 포트원") if runtime.mode == "practice" else runtime.config.portone_url
    try:
        portone.check_keys()
    except PortOneError as error:
        _log.info("the check of the gateway failed, why=%s", error.why)
        skew_s = None if error.http_status is None else portone.clock_skew
        return Asked(where=where, trouble=error.why, skew_s=skew_s, served=served)
    channels = None
    with suppress(PortOneError):
        channels = read_channels(portone)
    return Asked(where=where, skew_s=portone.clock_skew, channels=channels, served=served)


def _is_served(port: int) -> bool:
    """Whether anything on this PC answers at ``port``; what it says does not matter."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=_PORT_TIMEOUT_S)
    try:
        line.request("GET", "/")
        line.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
    return True


def _last_webhook(db: Database) -> Webhook | None:
    row = db.conn.execute(
        "SELECT last_at, verdict FROM webhook_inbox ORDER BY last_at DESC, id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else Webhook(at=row["last_at"], verdict=row["verdict"])


def _last_sync(db: Database) -> Sync:
    newest = sync.last_run(db)
    return Sync(state="" if newest is None else newest["state"], done_at=sync.last_done_at(db))
