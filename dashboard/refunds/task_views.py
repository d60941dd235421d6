"""Routes of "해야 할 일": what refunds still owe, and reminders somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import allowed, needs
from dashboard.clock import kst
from dashboard.database import get_db
from dashboard.files import BadUpload, read_upload
from dashboard.files_forms import problem_words
from dashboard.formatting import mask_name, won
from dashboard.ksnet import vbank_opens_at
from dashboard.receipts.known import count_missing, live_id
from dashboard.refunds import store, tasks
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.by_hand import keep_evidence
from dashboard.refunds.typed import one_line
from dashboard.resident_number import mask_text
from dashboard.runtime import runtime
from dashboard.words import method_word

REMINDER, NOT_SENT = "refund_reminder", "refund_not_sent"
_ICONS = {REMINDER: "clock-history", NOT_SENT: "exclamation-triangle-fill"}
SHORTEST_REASON, MOST_REASON = 2, 200  # characters


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One task, ready to print."""

    row: Any
    icon: str
    title: str
    text: str
    waits: bool  # its time has not come
    about_receipt: bool
    may_close: bool
    receipt_id: str  # the one a cancel is about, "" where none is known
    also_cancel: bool  # the receipt it is about is to be cancelled first
    also_reissue: bool

    @property
    def buyer(self) -> str:
        return mask_name(self.row["buyer_name"])

    @property
    def method(self) -> str:
        return method_word(self.row["pay_method"])


@blueprint.get("/tasks")
@needs("see_orders")
def task_list() -> str:
    """All that is owed, what is due first."""
    return _page()


@blueprint.get("/tasks/<int:task_id>/done")
@needs("see_orders")
def back_to_tasks(task_id: int) -> ResponseReturnValue:
    """The address bar of a form that came back, loaded again."""
    _task_or_404(task_id)
    return redirect(url_for(".task_list"))


@blueprint.post("/tasks/<int:task_id>/done")
@needs("refund")
def close_task(task_id: int) -> ResponseReturnValue:
    """Mark a task as done. One about a cash receipt only by the owner, with a reason (1.9)."""
    task = _task_or_404(task_id)
    if not _may_close(task):
        abort(403)
    reason = one_line(request.form.get("reason", ""))
    if _wants_reason(task) and (problem := _wrong(reason)):
        return _page(wrong={task_id: (reason[:1000], problem)}), 422
    upload = None
    try:
        upload = read_upload(request.files.get("evidence")) if _wants_reason(task) else None
    except BadUpload as error:
        return _page(wrong={task_id: (reason, problem_words(error.why))}), 422
    closed = tasks.close(
        get_db(),
        task_id,
        "done",
        keep=(
            lambda: keep_evidence(
                runtime(), get_db(), upload, task["order_id"], current_user.id, runtime().now()
            )
        ),
        person_id=current_user.id,
        reason=reason if _wants_reason(task) else "",
        now=runtime().now(),
    )
    if closed:
        flash(_("완료로 표시했습니다."), "success")
    else:
        flash(_("이미 끝난 일입니다."), "info")
    return redirect(url_for(".task_list"), code=303)


@blueprint.post("/payments/<imp_uid>/refunds/remind")
@needs("refund")
def remind(imp_uid: str) -> ResponseReturnValue:
    """Remind of this refund when KSNET takes virtual-account refunds again (K5)."""
    row = store.find_payment(get_db(), imp_uid)
    if row is None or row["pay_method"] != "vbank":
        abort(404)
    now = runtime().now()
    due_at = vbank_opens_at(now)
    tasks.remind(
        get_db(),
        order_id=row["order_id"],
        imp_uid=imp_uid,
        due_at=due_at,
        person_id=current_user.id,
        now=now,
    )
    flash(
        _(
            "%(time)s에 '해야 할 일'에서 알려 드립니다. 아무것도 보내지 않았습니다.",
            time=f"{kst(due_at):%m-%d %H:%M}",
        ),
        "success",
    )
    return redirect(url_for(".task_list"), code=303)


def _page(wrong: dict[int, tuple[str, str]] | None = None) -> str:
    now = runtime().now()
    rows = tasks.open_tasks(get_db())
    kinds = {(row["imp_uid"], row["kind"]) for row in rows}
    return render_template(
        "tasks/index.html",
        owed=[_owed(row, now, kinds) for row in rows],
        missing_receipts=count_missing(get_db(), now),
        wrong=wrong or {},
        now=now,
    )


def _task_or_404(task_id: int) -> Any:
    task = tasks.find(get_db(), task_id)
    if task is None:
        abort(404)
    return task


def _wants_reason(task: Any) -> bool:
    """What is owed to the tax office is not ticked off without a word (1.9)."""
    return task["kind"] not in (REMINDER, NOT_SENT)


def _may_close(task: Any) -> bool:
    return allowed(current_user.role, "close_receipt_task" if _wants_reason(task) else "refund")


def _wrong(reason: str) -> str:
    if len(reason) < SHORTEST_REASON:
        return str(_("어떻게 처리했는지 적어 주세요."))
    if len(reason) > MOST_REASON:
        return str(_("%(most)d자까지 쓸 수 있습니다.", most=MOST_REASON))
    if mask_text(reason) != reason:
        return str(
            _("주민등록번호로 보이는 숫자가 있어 받지 않았습니다. 지우고 다시 저장해 주세요.")
        )
    return ""


def _owed(row: Any, now: int, kinds: set[tuple[str, str]]) -> Owed:
    title, text = _words(row)
    return Owed(
        row=row,
        icon=_ICONS.get(row["kind"], "receipt"),
        title=title,
        text=text,
        waits=(row["due_at"] or 0) > now,
        about_receipt=_wants_reason(row),
        may_close=_may_close(row),
        receipt_id=live_id(get_db(), row["imp_uid"]) if row["kind"] == "receipt_cancel" else "",
        also_cancel=(row["imp_uid"], "receipt_cancel") in kinds,
        also_reissue=(row["imp_uid"], "receipt_reissue") in kinds
        and not row["detail"].get("by_hand"),
    )


def _words(row: Any) -> tuple[str, str]:
    """What is to be done, and why."""
    detail = row["detail"]
    if row["kind"] == REMINDER:
        return _("가상계좌 환불하기"), _("06:00부터 환불할 수 있습니다. 저절로 보내지 않습니다.")
    if row["kind"] == NOT_SENT:
        return _("보내지 못한 환불 확인하기"), _(
            "기다리던 환불 %(amount)s을 보내지 못했습니다. 돈은 나가지 않았습니다. 고객에게 알리고"
            " 다시 환불해 주세요.",
            amount=won(int(detail["amount"])),
        )
    unsure = (
        " " + _("발급했는지 포트원에 확인하지 못했습니다. 먼저 발급 여부를 확인해 주세요.")
        if detail.get("receipt") == "unknown"
        else ""
    )
    back, left = won(int(detail.get("refunded", 0))), int(detail.get("left", 0))
    if row["kind"] == "receipt_cancel":
        return _("현금영수증 취소하기"), _(
            "%(amount)s을 환불했지만 현금영수증은 자동 취소되지 않습니다. 현금영수증도 취소해"
            " 주세요.",
            amount=back,
        ) + unsure
    free = detail.get("tax_free_left")
    given = {"left": won(left), "free": won(int(free)) if free is not None else _("알 수 없음")}
    if detail.get("by_hand"):
        return _("현금영수증 다시 발급하기"), _(
            "수동 환불은 포트원의 잔액에 나타나지 않아, 포트원으로 다시 발급하면 금액이 틀립니다."
            " 기존 현금영수증을 취소한 뒤 남은 금액 %(left)s을 외부 현금영수증으로 발급하거나 KSNET"
            " 상점관리자에서 발급해 주세요. 그중 면세금액: %(free)s",
            **given,
        ) + unsure
    return _("현금영수증 다시 발급하기"), _(
        "기존 현금영수증을 취소한 뒤 남은 금액 %(left)s으로 다시 발급해야 합니다. 그중"
        " 면세금액: %(free)s",
        **given,
    ) + unsure
