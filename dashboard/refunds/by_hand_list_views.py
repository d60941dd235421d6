"""Routes of "이체할 목록": every refund by hand that somebody has to transfer now."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.portone import RefundAccount
from dashboard.refunds import by_hand
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.by_hand_views import log_account_look, read_account
from dashboard.refunds.by_hand_words import tell_all_by_hand
from dashboard.runtime import runtime

_LIST = "/refunds/by-hand"
MOST_SHOWN_NAME = 10  # characters a bank prints into the receiver's account


@blueprint.get(_LIST)
@needs("transfer")
def by_hand_list() -> str:
    """What is to be transferred, the accounts covered."""
    return _page({})


@blueprint.get(f"{_LIST}/reveal")
@blueprint.get(f"{_LIST}/export")
@needs("transfer")
def back_to_by_hand_list() -> ResponseReturnValue:
    """The address bar of a list that was sent for, loaded again."""
    return redirect(url_for(".by_hand_list"))


@blueprint.post(f"{_LIST}/reveal")
@needs("transfer")
def reveal_by_hand_list() -> str:
    """Show every account in full, and log a look for each (SEC-57)."""
    found = _accounts()
    for row, _account in found.values():
        log_account_look(row)
    return _page({by_hand_id: account for by_hand_id, (_row, account) in found.items()})


def _accounts() -> dict[str, tuple[by_hand.Row, RefundAccount]]:
    """Those whose account can still be read."""
    found = {}
    for row in by_hand.to_transfer(get_db()):
        account = read_account(row)
        if account is not None:
            found[str(row["id"])] = (row, account)
    return found


def _page(accounts: dict[str, RefundAccount]) -> str:
    rows = by_hand.to_transfer(get_db())
    return render_template(
        "refunds/by_hand/index.html",
        told=tell_all_by_hand(rows),
        accounts=accounts,
        sum=sum(row["amount"] for row in rows),
        now=runtime().now(),
    )
