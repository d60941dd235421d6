"""What a file of outside sales would become, row by row; nothing is sent here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from flask import url_for
from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard.formatting import mask_name
from dashboard.receipts import service
from dashboard.receipts.listing import Entry
from dashboard.receipts.sale import (
    SELF_ISSUE_WORDS,
    Sale,
    has_resident_number,
    read_sale,
    unusual_words,
)
from dashboard.receipts.sheet import SheetRow
from dashboard.receipts.states import BELIEVED_DEAD
from dashboard.runtime import Runtime

_log = logging.getLogger(__name__)

Standing = Literal["ready", "warned", "wrong", "there"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Planned:
    """One row of the file and what would become of it.

    :ivar texts: what is wrong with it, or what to look at twice
    :ivar there: the receipt it has already, or the one that came to nothing
    """

    row: SheetRow
    standing: Standing
    sale: Sale | None = None
    texts: tuple[str, ...] = field(default=())
    there: Entry | None = None
    payment_url: str = ""

    @property
    def number(self) -> str:
        return "" if has_resident_number(self.row.merchant_uid) else self.row.merchant_uid

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def buyer(self) -> str:
        return mask_name(self.row.buyer_name)

    @property
    def last4(self) -> str:
        """All that a page shows of the number."""
        if self.sale is None:
            return ""
        identifier = self.sale.identifier
        return str(_("자진발급")) if identifier.is_self_issue else f"····{identifier.last4}"

    @property
    def amount(self) -> int | None:
        return None if self.sale is None else self.sale.amount


def plan(db: Database, rows: Sequence[SheetRow], *, today: date) -> list[Planned]:
    """Each row read, checked against the others and against what was issued before."""
    seen: set[str] = set()
    planned = []
    for row in rows:
        planned.append(_plan_row(db, row, today, seen))
        seen.add(row.merchant_uid)
    return planned


def _plan_row(db: Database, row: SheetRow, today: date, seen: set[str]) -> Planned:
    texts = asdict(row)
    self_issue = row.identifier.replace(" ", "").lower() in SELF_ISSUE_WORDS
    if self_issue:
        texts["identifier"] = ""
    sale, wrong = read_sale(texts, today=today, self_issue=self_issue)
    problems = list(dict.fromkeys(wrong.values()))
    if row.merchant_uid in seen:
        problems.append(str(_("같은 주문번호가 파일에 두 번 있습니다.")))
    there, payment_url = None, ""
    if "merchant_uid" not in wrong:
        found = service.find_sale(db, row.merchant_uid)
        there = None if found is None else Entry(row=found)
        try:
            service.not_a_payments(db, row.merchant_uid)
        except service.InPortOne as error:
            payment_url = url_for("receipts.new", imp_uid=error.imp_uid)
            problems.append(str(_("포트원에 있는 결제의 주문번호입니다. 매출이 두 번 신고됩니다.")))
    if there is not None and there.row["state"] not in BELIEVED_DEAD:
        return Planned(row=row, standing="there", there=there, texts=_moved(there, sale))
    if problems or sale is None:
        return Planned(
            row=row, standing="wrong", texts=tuple(problems), there=there, payment_url=payment_url
        )
    if sale.unusual:
        warning = unusual_words(sale.type)
        return Planned(row=row, standing="warned", sale=sale, texts=(warning,), there=there)
    return Planned(row=row, standing="ready", sale=sale, there=there)


def _moved(there: Entry, sale: Sale | None) -> tuple[str, ...]:
    if there.row["state"] == "cancelled":
        return (str(_("취소한 현금영수증입니다. 다시 발급하려면 한 건씩 해 주세요.")),)
    if sale is not None and sale.amount != there.amount:
        return (str(_("파일의 금액이 발급한 금액과 다릅니다.")),)
    return ()


def issue(
    runtime: Runtime,
    db: Database,
    planned: Sequence[Planned],
    *,
    batch_id: str,
    person_id: int,
    channel_key: str,
    with_warned: bool,
) -> int:
    """Write the good rows down for the worker; answers how many.

    A row that has a receipt by now is left out: the same file again never issues twice.

    :raise NoKeys: live mode without keys
    """
    done = 0
    for one in planned:
        sale = one.sale
        if sale is None or not (one.standing == "ready" or (with_warned and sale.unusual)):
            continue
        given: dict[str, Any] = {
            "merchant_uid": sale.merchant_uid,
            "form_token": f"{batch_id}:{one.row.line}",
            "receipt_for": sale.receipt_for,
            "name": sale.name,
            "amount": sale.amount,
            "tax_free": sale.tax_free,
            "sold_on": sale.sold_on,
            "person_id": person_id,
            "channel_key": channel_key,
            "batch_id": batch_id,
        }
        try:
            service.request_external(runtime, db, **given)
        except service.CannotIssue as error:
            _log.info("line %d of a file was left out: %s", one.row.line, type(error).__name__)
        else:
            done += 1
    return done
