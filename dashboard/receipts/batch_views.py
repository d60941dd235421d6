"""Routes of many outside sales from one file: upload, a look at every row, how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.channels import ask_channels
from dashboard.clock import kst
from dashboard.database import get_db
from dashboard.i18n import language
from dashboard.receipts import batch, service
from dashboard.receipts.batch_forms import IssueForm, UploadForm
from dashboard.receipts.batches import LIFE_S, Batch, Batches
from dashboard.receipts.blueprint import blueprint
from dashboard.receipts.listing import Entry
from dashboard.receipts.sheet import COLUMNS, MOST_ROWS, OPTIONAL, example_csv
from dashboard.refunds.asking import pace
from dashboard.runtime import NoKeys, runtime

_OF = "/receipts/batch"


@blueprint.get(_OF)
@needs("receipt")
def batch_new() -> str:
    """Where a file is handed in."""
    return _upload_page(UploadForm(formdata=None))


@blueprint.get(f"{_OF}/sample.csv")
@needs("receipt")
def batch_sample() -> Response:
    """A file to start from."""
    answer = Response(example_csv(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=cash-receipts.csv"
    return answer


@blueprint.post(_OF)
@needs("receipt")
def batch_upload() -> ResponseReturnValue:
    """Read a file and keep its rows in memory. Nothing is sent."""
    form = UploadForm()
    if not form.validate():
        return _upload_page(form), 422
    found = _batches().keep(
        form.rows,
        person_id=current_user.id,
        path=runtime().database_path,
        now=runtime().now(),
    )
    return redirect(url_for(".batch_show", batch_id=found), code=303)


@blueprint.get(f"{_OF}/<batch_id>")
@needs("receipt")
def batch_show(batch_id: str) -> ResponseReturnValue:
    """What would become of each row; once issued, how far they are."""
    rows = service.of_batch(get_db(), batch_id)
    if rows:
        return render_template("receipts/batch/show.html", told=_tell(batch_id, rows))
    found = _find(batch_id)
    if not found.rows:
        return _too_late()
    return _preview(found, IssueForm(formdata=None), fresh=True)


@blueprint.get(f"{_OF}/<batch_id>/issue")
@needs("receipt")
def back_to_batch(batch_id: str) -> ResponseReturnValue:
    """The address of the button, loaded again."""
    if not service.of_batch(get_db(), batch_id):
        _find(batch_id)
    return redirect(url_for(".batch_show", batch_id=batch_id))


@blueprint.post(f"{_OF}/<batch_id>/issue")
@needs("receipt")
def batch_issue(batch_id: str) -> ResponseReturnValue:
    """Write every good row down for the worker to issue."""
    if service.of_batch(get_db(), batch_id):
        return redirect(url_for(".batch_show", batch_id=batch_id), code=303)
    if not pace().may(current_user.id, runtime().now()):
        abort(429)
    found, form = _find(batch_id), IssueForm()
    if not found.rows:
        return _too_late()
    form.channel_key.offer(ask_channels(runtime()), fresh=False)
    if not form.validate():
        return _preview(found, form, fresh=False), 422
    planned = batch.plan(get_db(), _batches().take(found), today=_today())
    try:
        done = batch.issue(
            runtime(),
            get_db(),
            planned,
            batch_id=batch_id,
            person_id=current_user.id,
            channel_key=form.channel_key.data or "",
            with_warned=bool(form.with_warned.data),
        )
    except NoKeys:
        flash(_("포트원 API 키가 없습니다. 설정에서 먼저 연결해 주세요."), "warning")
        return redirect(url_for(".batch_new"), code=303)
    if not done:
        flash(_("발급할 수 있는 행이 없어 아무것도 보내지 않았습니다."), "info")
        return redirect(url_for(".batch_new"), code=303)
    return redirect(url_for(".batch_show", batch_id=batch_id), code=303)


def _batches() -> Batches:
    found: Batches = current_app.extensions.setdefault("jangbu-receipt-batches", Batches())
    return found


def _find(batch_id: str) -> Batch:
    found = _batches().look(
        batch_id,
        person_id=current_user.id,
        path=runtime().database_path,
        now=runtime().now(),
    )
    if found is None:
        abort(404)
    return found


def _too_late() -> ResponseReturnValue:
    minutes = LIFE_S // 60
    flash(_("올린 지 %(minutes)d분이 지났거나 이미 쓴 파일입니다. 다시 올려 주세요. 이미 발급한 행은 저절로 빠집니다.", minutes=minutes), "info")  # noqa: E501  # fmt: skip
    return redirect(url_for(".batch_new"), code=303)


def _today() -> date:
    return kst(runtime().now()).date()


def _upload_page(form: UploadForm) -> str:
    english = language() == "en"
    headings = [
        (next(filter(str.isascii, names)) if english else names[0], field not in OPTIONAL)
        for field, names in COLUMNS.items()
    ]
    return render_template("receipts/batch/new.html", form=form, headings=headings, most=MOST_ROWS)


def _preview(found: Batch, form: IssueForm, *, fresh: bool) -> str:
    if fresh:
        form.channel_key.offer(ask_channels(runtime()), fresh=True)
    planned = batch.plan(get_db(), found.rows, today=_today())
    counts = {
        name: sum(one.standing == name for one in planned)
        for name in ("ready", "warned", "wrong", "there")
    }
    return render_template(
        "receipts/batch/preview.html",
        batch_id=found.id,
        form=form,
        planned=planned,
        counts=counts,
        sum=sum(one.sale.amount for one in planned if one.sale and one.standing == "ready"),
        sum_warned=sum(one.sale.amount for one in planned if one.sale and one.sale.unusual),
        asked=form.channel_key.channels.asked,
        until=found.made_at + LIFE_S,
    )


@dataclass(frozen=True, kw_only=True)
class BatchTold:
    """A file's receipts, ready to print. Sums in won."""

    id: str
    rows: tuple[Entry, ...]

    @property
    def open(self) -> int:
        return sum(service.is_busy(one.row["state"]) for one in self.rows)

    @property
    def running(self) -> bool:
        """Whether the page still waits for something."""
        return self.open > 0

    @property
    def ended(self) -> int:
        return len(self.rows) - self.open

    @property
    def issued(self) -> int:
        return sum(one.live for one in self.rows)

    @property
    def issued_won(self) -> int:
        return sum(one.amount for one in self.rows if one.live)

    def count(self, *states: str) -> int:
        return sum(one.row["state"] in states for one in self.rows)


def _tell(batch_id: str, rows: Sequence[service.Row]) -> BatchTold:
    return BatchTold(id=batch_id, rows=tuple(Entry(row=row) for row in rows))
