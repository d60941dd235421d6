"""Routes of the shop's products."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import gateway
from dashboard.accounts.permissions import needs
from dashboard.checkout import products
from dashboard.checkout.blueprint import blueprint
from dashboard.checkout.product_forms import ProductForm
from dashboard.database import get_db
from dashboard.runtime import runtime

_ONE = f"/products/<int(max={2**63 - 1}):product_id>"  # what SQLite can count to


@blueprint.get("/products")
@needs("products")
def product_list() -> ResponseReturnValue:
    """All products, and the form of a new one."""
    return _page(ProductForm(formdata=None))


@blueprint.post("/products")
@needs("products")
def add_product() -> ResponseReturnValue:
    """Add one."""
    form = ProductForm()
    if not form.validate() or not _save(form, None):
        return _page(form), 422
    flash(_("상품을 저장했습니다."), "success")
    return redirect(url_for(".product_list"), code=303)


@blueprint.get(_ONE)
@needs("products")
def product(product_id: int) -> ResponseReturnValue:
    """The form of one product."""
    row = _row_or_404(product_id)
    form = ProductForm(formdata=None)
    form.name.data, form.unit_price.data = row["name"], f"{row['unit_price']:,}"
    form.tax.data = "free" if row["tax_free"] else "taxed"
    form.uncounted.data = row["stock"] is None
    form.stock.data = "" if row["stock"] is None else f"{row['stock']:,}"
    form.shown_stock.data = form.stock.data
    return _edit_page(row, form)


@blueprint.post(_ONE)
@needs("products")
def change_product(product_id: int) -> ResponseReturnValue:
    """Change one; requests that name it stay as they are."""
    row, form = _row_or_404(product_id), ProductForm()
    if not form.validate() or not _save(form, product_id):
        return _edit_page(row, form), 422
    flash(_("상품을 저장했습니다."), "success")
    return redirect(url_for(".product_list"), code=303)


@blueprint.get(f"{_ONE}/hidden")
@needs("products")
def back_to_product(product_id: int) -> ResponseReturnValue:
    """The address bar of a step, loaded again."""
    _row_or_404(product_id)
    return redirect(url_for(".product", product_id=product_id))


@blueprint.post(f"{_ONE}/hidden")
@needs("products")
def hide_product(product_id: int) -> ResponseReturnValue:
    """Stop offering one, or offer it again."""
    row = _row_or_404(product_id)
    hidden = request.form.get("hidden") == "1"
    if hidden == (row["hidden_at"] is not None) or "hidden" not in request.form:
        return redirect(url_for(".product_list"), code=303)
    try:
        products.hide(
            get_db(), product_id, hidden=hidden, person_id=current_user.id, now=runtime().now()
        )
    except products.NameTaken:
        flash(_("같은 이름의 상품이 이미 있어 다시 보일 수 없습니다."), "warning")
    else:
        flash(_("상품을 숨겼습니다.") if hidden else _("상품을 다시 보입니다."), "success")
    return redirect(url_for(".product_list"), code=303)


def _save(form: ProductForm, product_id: int | None) -> bool:
    try:
        products.save(
            get_db(),
            product_id,
            name=form.name.data,
            unit_price=form.won,
            tax_free=form.tax_free,
            stock=form.pieces,
            shown_stock=form.shown_pieces,
            person_id=current_user.id,
            now=runtime().now(),
        )
    except products.NameTaken:
        form.name.errors = [_("같은 이름의 상품이 이미 있습니다.")]
        return False
    except products.StockMoved as error:
        form.stock.errors = [
            _(
                "그사이 팔려서 남은 수량이 %(left)s개입니다. 확인하고 다시 저장해 주세요.",
                left=0 if error.left is None else error.left,
            )
        ]
        form.shown_stock.data = "" if error.left is None else str(error.left)
        return False
    return True


def _row_or_404(product_id: int) -> products.Row:
    row = products.find(get_db(), product_id)
    if row is None:
        abort(404)
    return row


def _page(form: ProductForm) -> str:
    db = get_db()
    return render_template(
        "checkout/products.html",
        form=form,
        rows=products.listed(db, now=runtime().now(), hidden=True),
        confirms=bool(gateway.read(runtime(), db).confirm_url),
    )


def _edit_page(row: products.Row, form: ProductForm) -> str:
    confirms = bool(gateway.read(runtime(), get_db()).confirm_url)
    return render_template("checkout/product.html", row=row, form=form, confirms=confirms)
