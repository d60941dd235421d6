"""Routes of "이체할 목록": every refund by hand that somebody has to transfer now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dashboard import settings
from dashboard.accounts.permissions import needs
from dashboard.banks import find_bank
from dashboard.database import get_db
from dashboard.exports import ExportForm, send_export
from dashboard.i18n import language
from dashboard.portone import RefundAccount
from dashboard.refunds import by_hand
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.by_hand_views import log_account_look, read_account
from dashboard.refunds.by_hand_words import tell_all_by_hand
from dashboard.runtime import runtime

if TYPE_CHECKING:
    from dashboard.spreadsheet import Cell

_LIST = "/refunds/by-hand"
MOST_SHOWN_NAME = 10  # characters: what banks print into the receiver's account


@blueprint.get(_LIST)
@needs("transfer")
def by_hand_list() -> str:
    """What is to be transferred, the accounts covered."""
    return _page({})


@blueprint.get(f"{_LIST}/reveal")
@needs("transfer")
def back_to_by_hand_list() -> ResponseReturnValue:
    """The address bar of a list that was sent for, loaded again."""
    return redirect(url_for(".by_hand_list"))


@blueprint.post(f"{_LIST}/reveal")
@needs("transfer")
def reveal_by_hand_list() -> str:
    """Show every account in full, and log a look for each (SEC-57)."""
    found = _payable()
    for row, _account in found:
        log_account_look(row)
    return _page({str(row["id"]): account for row, account in found})


@blueprint.route(f"{_LIST}/export", methods=["GET", "POST"])
@needs("transfer")
def export_by_hand_list() -> ResponseReturnValue:
    """Ask why and for the password; then the file for the bank's bulk transfer (SEC-40)."""
    found, form = _payable(), ExportForm()
    if not found:
        return redirect(url_for(".by_hand_list"), code=303)
    if form.validate_on_submit():
        for row, _account in found:
            log_account_look(row)
        lines = [_line(row, account) for row, account in found]
        return send_export("transfers", _("이체할 목록"), _headings(), lines, form)
    page = render_template(
        "exports/ask.html",
        form=form,
        title=_("은행 대량이체용 엑셀"),
        count=len(found),
        action=url_for(".export_by_hand_list"),
        back=url_for(".by_hand_list"),
        note=_("계좌번호와 예금주가 그대로 들어 있으니, 이체한 뒤에는 파일을 지워 주세요."),
    )
    return page, form.status, form.headers


def _headings() -> list[str]:
    return [
        _("은행코드"),
        _("은행"),
        _("계좌번호"),
        _("예금주"),
        _("금액"),
        _("받는 분 통장 표시"),
        _("메모"),
    ]


def _line(row: by_hand.Row, account: RefundAccount) -> Sequence[Cell]:
    bank = find_bank(account.bank)
    shop = str(settings.get(get_db(), "shop_name") or "")
    return [
        account.bank,
        bank.name(language()) if bank else account.bank,
        account.account,
        account.holder,
        row["amount"],
        (shop or str(row["merchant_uid"]))[:MOST_SHOWN_NAME],
        row["merchant_uid"],
    ]


def _payable() -> list[tuple[by_hand.Row, RefundAccount]]:
    """Those whose account can still be read, and whose money has not gone back another way."""
    rows = by_hand.to_transfer(get_db())
    found = [(row, read_account(row)) for row in rows if not _is_overdrawn(row)]
    return [(row, account) for row, account in found if account is not None]


def _is_overdrawn(row: by_hand.Row) -> bool:
    return by_hand.is_overdrawn(get_db(), row["imp_uid"])


def _page(accounts: dict[str, RefundAccount]) -> str:
    rows = by_hand.to_transfer(get_db())
    return render_template(
        "refunds/by_hand/index.html",
        told=tell_all_by_hand(rows),
        accounts=accounts,
        overdrawn={str(row["id"]) for row in rows if _is_overdrawn(row)},
        sum=sum(row["amount"] for row in rows if not _is_overdrawn(row)),
        now=runtime().now(),
    )
