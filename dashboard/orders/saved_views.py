"""Routes of saved views: keeping the list's question under a name, renaming, sharing, removing."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import allowed, needs
from dashboard.database import get_db
from dashboard.orders import saved
from dashboard.orders.blueprint import blueprint
from dashboard.orders.filters import parse
from dashboard.orders.list_views import render_list
from dashboard.orders.question import read_question
from dashboard.orders.saved_forms import SavedViewForm
from dashboard.resident_number import mask_text
from dashboard.runtime import runtime

_VIEW = f"/orders/views/<int(max={2**63 - 1}):view_id>"


@blueprint.get("/orders/views")
@needs("see_orders")
def views() -> ResponseReturnValue:
    """All views one may see, to rename, share or remove."""
    return _manage()


@blueprint.post("/orders/views")
@needs("see_orders")
def save_view() -> ResponseReturnValue:
    """Keep the question of the list the form stood on."""
    now = runtime().now()
    here = request.form.get("here", "")
    wanted = parse(read_question(here), now)
    form = SavedViewForm()
    question = saved.question_of(here, now)
    if question is None:
        flash(_("저장할 조건이 없습니다. 목록에서 조건을 먼저 골라 주세요."), "warning")
        return redirect(url_for(".index", **_given(wanted.here())), code=303)
    if mask_text(wanted.q) != wanted.q:  # SEC-54: kept nowhere
        flash(_("찾는 말에 주민등록번호로 보이는 숫자가 있어 저장하지 않았습니다."), "warning")
        return redirect(url_for(".index", **_given(wanted.here())), code=303)
    if form.validate():
        try:
            saved.save(
                get_db(),
                person_id=current_user.id,
                name=form.name.data,
                question=question,
                shared=form.shared.data and may_share(),
                now=now,
            )
        except saved.NameTaken:
            form.name.errors = [_("같은 이름의 보기가 있습니다. 다른 이름을 지어 주세요.")]
        except saved.TooMany:
            form.name.errors = [
                _("%(most)d개까지 저장할 수 있습니다. 안 쓰는 보기를 지워 주세요.", most=saved.MOST)
            ]
        else:
            flash(_("‘%(name)s’ 보기를 저장했습니다.", name=form.name.data), "success")
            return redirect(url_for(".index", **_given(read_question(question))), code=303)
    return render_list(wanted, now, saving=form), 422


@blueprint.get(_VIEW)
@blueprint.get(f"{_VIEW}/remove")
@needs("see_orders")
def back_to_views(view_id: int) -> ResponseReturnValue:
    """The address bar of a refused form, loaded again."""
    _get_or_404(view_id)
    return redirect(url_for(".views"))


@blueprint.post(_VIEW)
@needs("see_orders")
def change_view(view_id: int) -> ResponseReturnValue:
    """Rename one's own view, share it or take it back."""
    view = _get_or_404(view_id)
    if not view.mine:
        return _not_yours(view)
    form = SavedViewForm(prefix=_prefix(view))
    if view.shared and not may_share() and form.shared.data:
        flash(
            _("함께 쓰는 보기는 바꿀 수 없습니다. 나만 보도록 바꾸거나 지울 수 있습니다."),
            "warning",
        )
        return redirect(url_for(".views"), code=303)
    if form.validate():
        try:
            saved.change(
                get_db(),
                view,
                name=form.name.data,
                shared=form.shared.data and may_share(),
                now=runtime().now(),
            )
        except saved.NameTaken:
            form.name.errors = [_("같은 이름의 보기가 있습니다. 다른 이름을 지어 주세요.")]
        else:
            flash(_("‘%(name)s’ 보기를 저장했습니다.", name=form.name.data), "success")
            return redirect(url_for(".views"), code=303)
    return _manage(view.id, form), 422


@blueprint.post(f"{_VIEW}/remove")
@needs("see_orders")
def remove_view(view_id: int) -> ResponseReturnValue:
    """Drop a view: one's own, or as an owner one that others share."""
    view = _get_or_404(view_id)
    if not may_remove(view):
        return _not_yours(view)
    saved.remove(get_db(), view, person_id=current_user.id, now=runtime().now())
    flash(_("‘%(name)s’ 보기를 지웠습니다.", name=view.name), "success")
    return redirect(url_for(".views"), code=303)


def may_share() -> bool:
    """Whoever only looks leaves nothing on other people's pages."""
    return allowed(current_user.role, "write_notes")


def may_remove(view: saved.SavedView) -> bool:
    return view.mine or (view.shared and allowed(current_user.role, "people"))


def _get_or_404(view_id: int) -> saved.SavedView:
    view = saved.find(get_db(), view_id, current_user.id)
    if view is None:
        abort(404)
    return view


def _not_yours(view: saved.SavedView) -> ResponseReturnValue:
    flash(
        _(
            "%(name)s님이 만든 보기입니다. 만든 사람만 바꿀 수 있고, 만든 사람이나 주인이"
            " 지울 수 있습니다.",
            name=view.maker,
        ),
        "warning",
    )
    return redirect(url_for(".views"), code=303)


def _manage(refused_id: int | None = None, refused: SavedViewForm | None = None) -> str:
    rows = []
    for view in saved.seen_by(get_db(), current_user.id):
        form = refused if view.id == refused_id else _form_of(view)
        rows.append({"view": view, "form": form, "may_remove": may_remove(view)})
    return render_template("orders/views.html", rows=rows, may_share=may_share())


def _form_of(view: saved.SavedView) -> SavedViewForm:
    given = {"name": view.name, "shared": view.shared}
    return SavedViewForm(formdata=None, prefix=_prefix(view), data=given)


def _prefix(view: saved.SavedView) -> str:
    return f"v{view.id}-"


def _given(args: dict[str, str]) -> dict[str, Any]:
    return dict(args)
