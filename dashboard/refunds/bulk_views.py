"""Routes of bulk refunds: choosing, one confirmation, how it goes. For the owner only.

SEC-66's pace counts posts, not rows: fifty payments with one confirmation are one deed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.formatting import mask_name
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds import bulk
from dashboard.refunds.asking import SPELLED_FROM, pace
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.bulk_forms import BulkForm, ChooseForm
from dashboard.refunds.number_words import won_in_words
from dashboard.refunds.progress import refund_sign
from dashboard.refunds.rules import without_nonces
from dashboard.refunds.signing import BadForm, OldForm, read_bundle, seen_balance, sign_bundle
from dashboard.runtime import runtime
from dashboard.words import Sign, method_word

_PICK = re.compile(r"pick-([0-9]{1,15})")
_OF = "/refunds/bulk"

WAITING = Sign(_l("차례 기다림"), "three-dots", "is-ready")
REFUSED = Sign(_l("보내지 않음"), "x-circle-fill", "is-fail")
STOPPED = Sign(_l("멈춤"), "dash-circle-fill", "is-full")


@blueprint.get(f"{_OF}/<any(preview, confirm, start):bulk_step>")
@needs("bulk_refund")
def back_to_choosing(bulk_step: str) -> ResponseReturnValue:
    """The address bar of a page that came back, loaded again."""
    return redirect(url_for("orders.index"))


@blueprint.post(f"{_OF}/preview")
@needs("bulk_refund")
def bulk_preview() -> ResponseReturnValue:
    """What each chosen order could give back, or why not. Nothing is sent."""
    order_ids = _picked()
    if not order_ids:
        flash(_("환불할 주문을 먼저 골라 주세요."), "info")
        return redirect(url_for("orders.index"), code=303)
    if len(order_ids) > bulk.MOST_ROWS:
        flash(
            _(
                "한 번에 %(most)d건까지 고를 수 있습니다. 지금 %(now)d건입니다.",
                most=bulk.MOST_ROWS,
                now=len(order_ids),
            ),
            "warning",
        )
        return redirect(url_for("orders.index"), code=303)
    return _choosing(order_ids, ChooseForm(formdata=None))


@blueprint.post(f"{_OF}/confirm")
@needs("bulk_refund")
def bulk_confirm() -> ResponseReturnValue:
    """Count and sum of what was chosen, frozen; the number is typed by hand."""
    order_ids, form = _picked(), ChooseForm()
    if len(order_ids) > bulk.MOST_ROWS:
        return bulk_preview()
    if not form.validate():
        return _choosing(order_ids, form), 422
    chosen = [one for one in _candidates(order_ids) if one.possible and one.desk]
    if not chosen or len(chosen) < len(order_ids):  # never drop one without a word
        return _choosing(order_ids, form, again=True), 422
    now = runtime().now()
    balances = [seen_balance(one.desk.payment, now) for one in chosen if one.desk]
    bundle = sign_bundle(balances, current_user.id, now)
    asked = BulkForm(rows=len(chosen), formdata=None)
    return _confirming(asked, bundle, form.reason_text)


@blueprint.post(f"{_OF}/start")
@needs("bulk_refund")
def bulk_start() -> ResponseReturnValue:
    """Write all rows down for the worker. Twice the same page begins one."""
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    bundle = request.form.get("bundle", "")
    try:
        form_token, balances = read_bundle(bundle, current_user.id, runtime().now())
    except OldForm as old:
        flash(_("화면을 연 지 30분이 지났습니다. 지금 잔액으로 다시 확인해 주세요."), "warning")
        return _choosing(bulk.orders_of(get_db(), old.imp_uids), ChooseForm(formdata=None)), 400
    except BadForm:
        flash(_("이 화면에서 만든 요청이 아닙니다. 아무것도 보내지 않았습니다."), "warning")
        return redirect(url_for("orders.index"), code=303)
    if made := bulk.find_by_form(get_db(), form_token):
        return redirect(url_for(".bulk_show", bulk_id=made), code=303)
    form = BulkForm(rows=len(balances))
    reason = without_nonces(form.reason_text.data or "")[:100]
    if not form.validate() or not reason:
        return _confirming(form, bundle, reason), form.status, form.headers
    try:
        bulk_id = bulk.begin(
            runtime(),
            get_db(),
            form_token=form_token,
            balances=balances,
            reason=reason,
            person_id=current_user.id,
        )
    except bulk.AlreadyRunning as running:
        flash(_("한꺼번에 환불하는 일이 이미 진행 중입니다. 끝난 뒤에 다시 해 주세요."), "warning")
        bulk_id = running.bulk_id
    return redirect(url_for(".bulk_show", bulk_id=bulk_id), code=303)


@blueprint.get(f"{_OF}/<bulk_id>")
@needs("bulk_refund")
def bulk_show(bulk_id: str) -> ResponseReturnValue:
    """How it goes, row by row; as a fragment for the page that shows it already."""
    found = bulk.find(get_db(), bulk_id)
    if found is None:
        abort(404)
    piece = "X-Fragment" in request.headers
    return render_template(
        "refunds/bulk/_told.html" if piece else "refunds/bulk/show.html",
        told=_tell(found, bulk.items(get_db(), bulk_id)),
        now=runtime().now(),
    )


@blueprint.post(f"{_OF}/<bulk_id>/stop")
@needs("bulk_refund")
def bulk_stop(bulk_id: str) -> ResponseReturnValue:
    """Ask for no further row."""
    if bulk.find(get_db(), bulk_id) is None:
        abort(404)
    if bulk.stop(get_db(), bulk_id, person_id=current_user.id, now=runtime().now()):
        flash(_("멈췄습니다. 이미 보낸 환불은 결과까지 확인합니다."), "success")
    return redirect(url_for(".bulk_show", bulk_id=bulk_id), code=303)


@blueprint.get(f"{_OF}/<bulk_id>/stop")
@needs("bulk_refund")
def back_to_bulk(bulk_id: str) -> ResponseReturnValue:
    """The address of the button, loaded again."""
    if bulk.find(get_db(), bulk_id) is None:
        abort(404)
    return redirect(url_for(".bulk_show", bulk_id=bulk_id))


# -- pages --------------------------------------------------------------------------------------


def _picked() -> list[int]:
    found = (_PICK.fullmatch(name) for name in request.form)
    return list(dict.fromkeys(int(one[1]) for one in found if one))


def _candidates(order_ids: list[int]) -> list[bulk.Candidate]:
    return bulk.candidates(
        get_db(),
        order_ids,
        person_id=current_user.id,
        now=runtime().now(),
        practice=runtime().mode == "practice",
    )


def _choosing(order_ids: list[int], form: ChooseForm, *, again: bool = False) -> str:
    found = _candidates(order_ids)
    able = [one for one in found if one.possible]
    return render_template(
        "refunds/bulk/choose.html",
        able=able,
        unable=[one for one in found if not one.possible],
        sum=sum(one.amount for one in able),
        form=form,
        again=again,
    )


def _confirming(form: BulkForm, bundle: str, reason: str) -> str:
    _token, balances = read_bundle(bundle, current_user.id, runtime().now())
    total = sum(one.balance for one in balances)
    return render_template(
        "refunds/bulk/confirm.html",
        form=form,
        bundle=bundle,
        reason=reason,
        count=len(balances),
        sum=total,
        spelled=won_in_words(total) if total >= SPELLED_FROM else "",
    )


@dataclass(frozen=True, kw_only=True)
class RowTold:
    """One row, ready to print."""

    row: Any
    sign: Sign
    text: str

    @property
    def buyer(self) -> str:
        return mask_name(self.row["buyer_name"])

    @property
    def method(self) -> str:
        return method_word(self.row["pay_method"], self.row["emb_pg_provider"])


@dataclass(frozen=True, kw_only=True)
class BulkTold:
    """A bulk refund, ready to print. Sums in won."""

    row: Any
    rows: tuple[RowTold, ...]

    @property
    def running(self) -> bool:
        """Whether the page still waits for something."""
        return self.row["state"] == "running" or self.count("open") > 0

    @property
    def ended(self) -> int:
        """Rows with a result, or without a chance of one."""
        return len(self.rows) - self.count("open") - self.count("waiting")

    def count(self, what: str) -> int:
        return sum(1 for one in self.rows if _kind(one.row) == what)

    def won(self, what: str) -> int:
        return sum(int(one.row["amount"]) for one in self.rows if _kind(one.row) == what)


def _kind(row: Any) -> str:
    if row["state"] != "asked":
        return str(row["state"])
    state = row["refund_state"]
    if state in ("intent", "sending", "unknown"):
        return "open"
    return "done" if state == "succeeded" else "refused"


def _tell(found: Any, rows: Any) -> BulkTold:
    return BulkTold(row=found, rows=tuple(_tell_row(row) for row in rows))


def _tell_row(row: Any) -> RowTold:
    if row["state"] == "asked":
        words = row["api_message"] if row["refund_state"] == "rejected" else ""
        return RowTold(row=row, sign=refund_sign(row["refund_state"]), text=words or "")
    signs = {"waiting": WAITING, "refused": REFUSED, "stopped": STOPPED}
    return RowTold(row=row, sign=signs[row["state"]], text=_problem_words(row["problem"] or ""))


def _problem_words(problem: str) -> str:
    if problem.startswith("rules "):
        return str(_("KSNET 규칙 %(rules)s 때문에 보내지 않았습니다.", rules=problem[6:]))
    words = {
        "": "",
        "moved": _("그사이 잔액이 바뀌어 보내지 않았습니다."),
        "unreachable": _("포트원에 잔액을 확인하지 못해 보내지 않았습니다."),
        "approval": _("승인이 필요해 보내지 않았습니다."),
        "broken": _("장부의 오류로 보내지 않았습니다. 한 건씩 다시 해 주세요."),
        "already": _("다른 환불이 진행 중이라 보내지 않았습니다."),
    }
    return str(words.get(problem, problem))
