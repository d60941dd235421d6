"""From the form of a sale to a request: which methods there are, what the rules say, the goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from dashboard.checkout import products
from dashboard.checkout.forms import RequestForm
from dashboard.checkout.service import Line
from dashboard.checkout.typed import read_pieces, read_price
from dashboard.database import write
from dashboard.i18n import language
from dashboard.ksnet import WindowObjection, WindowShop, WindowWish, window_objections
from dashboard.ksnet.window_facts import WINDOW_METHODS
from dashboard.ksnet.window_limit_texts import RULE
from dashboard.ksnet.window_options import default_vbank_due, options_of
from dashboard.refunds.typed import one_line

Products = Mapping[str, Mapping[str, Any]]

_PLENTY = 100_000  # won


@dataclass(frozen=True, kw_only=True)
class Method:
    """One of the nine, as the form offers it.

    :ivar options: what its window can be asked for, with blanks
    :ivar why_not: a sentence where the shop cannot use it now; "" where it can
    """

    name: str
    options: str
    why_not: str


def methods(shop: WindowShop, now: int) -> list[Method]:
    """Every method, and what stands against the plainest window of it.

    :param now: UNIX seconds
    """
    return [
        Method(
            name=name,
            options=" ".join(sorted(options_of(name))),
            why_not=_why_not(name, shop, now),
        )
        for name in WINDOW_METHODS
    ]


def _why_not(method: str, shop: WindowShop, now: int) -> str:
    plain = WindowWish(
        pay_method=method,
        amount=_PLENTY,
        tax_free=0,
        name="-",
        buyer_name="-",
        vbank_due=default_vbank_due(now),
    )
    for one in window_objections(plain, shop, now):  # without a field: the shop, not the method
        if one.severity == "stops" and one.field and one.rule != RULE:
            return one.text(language())
    return ""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the rules have against a wish, by how much it weighs."""

    objections: tuple[WindowObjection, ...] = ()

    def of(self, severity: str) -> list[WindowObjection]:
        return [one for one in self.objections if one.severity == severity]

    @property
    def stops(self) -> list[WindowObjection]:
        return self.of("stops")

    @property
    def warns(self) -> list[WindowObjection]:
        return self.of("warns")

    @property
    def notes(self) -> list[WindowObjection]:
        return self.of("notes")

    @property
    def warned(self) -> list[str]:
        """The rules that warn, each with what it stands beside: a tick is for these and no more."""
        return sorted({f"{one.rule}.{one.field}" for one in self.warns})


def judge(form: RequestForm, shop: WindowShop, now: int, *, goods_known: bool) -> Judged:
    """What the rules say of the form.

    :param goods_known: False: the amount cannot be read, so nothing is said about it
    """
    wish = form.wish()
    found = window_objections(wish, shop, now)
    if not goods_known:
        found = tuple(one for one in found if one.field not in ("amount", "tax_free", "name"))
    return Judged(objections=found)


def stand_beside(form: RequestForm, judged: Judged) -> list[WindowObjection]:
    """Put what stops beside its field; answers what has no field of its own on the page."""
    of_all = []
    places = {"period": "period_from", "vbank_due": "vbank_day"}
    for one in judged.stops:
        name = places.get(one.field, one.field)
        text = f"{one.text(language())} {one.instead(language())}".strip()
        field = form._fields.get(name)
        if name == "interest_free":
            form.form_errors.append(text)
        elif field is None:
            of_all.append(one)
        elif not field.errors:  # one thing at a time beside a field
            field.errors = [text]
    return of_all


def goods_of(form: RequestForm, known: Products) -> list[Line]:
    """The lines of a form that was read, each with its product if it is one."""
    found = []
    for line in form.line_forms:
        if line.is_empty:
            continue
        name = one_line(line.name.data or "")
        product = known.get(name)
        found.append(
            Line(
                name=name,
                unit_price=read_price(line.unit_price.data or "", form.in_currency) or 0,
                quantity=read_pieces(line.quantity.data or "") or 0,
                tax_free=line.tax.data == "free",
                product_id=int(product["id"]) if product else None,
            )
        )
    return found


def remember_goods(db: Database, form: RequestForm, *, now: int) -> None:
    """Keep the ticked lines as products. Prices in dollars are not: products have won."""
    if form.in_currency != "KRW":
        return
    ticked = [line for line in form.line_forms if line.remember.data and not line.is_empty]
    if not ticked:
        return
    with write(db):
        for line in ticked:
            products.remember(
                db,
                name=one_line(line.name.data or ""),
                unit_price=read_price(line.unit_price.data or "", "KRW") or 0,
                tax_free=line.tax.data == "free",
                now=now,
            )


def by_name(rows: Sequence[Mapping[str, Any]]) -> Products:
    """Products by the name they are typed under."""
    return {row["name"]: row for row in rows}
