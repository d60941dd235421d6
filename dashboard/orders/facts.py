"""The facts of one payment, as its method has them: what a shop owner reads to a caller.

Sources: PortOne V1, the Payment object; K34, K38, K48, K51.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from dashboard.i18n import gettext as _
from dashboard.portone import Payment
from dashboard.words import WALLETS, method_word

_NO_SLIP = frozenset({"trans", "vbank", "phone"})  # K48
_NEVER_TELLS_CARD = frozenset({"kakaopay", "payco"})  # K34


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line: a label, its value, and what a person should know with it."""

    label: str
    value: str
    hint: str = ""
    copy: bool = False  # worth a copy button
    at: int | None = None  # a moment, UNIX seconds, instead of a value
    url: str | None = None  # where the value leads; https only
    quiet: bool = False  # says that something is not there
    warns: bool = False  # the hint asks for care


def safe_link(url: str | None) -> str | None:
    """``url`` when a browser may follow it, else None: https, a host, nothing hidden (SEC-36)."""
    if not url or any(char.isspace() or ord(char) < 0x20 or char == "\\" for char in url):
        return None
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not host or parts.username is not None:
        return None
    return url


def wallet_of(payment: Payment) -> str:
    """The wallet a payment went through, or "": PortOne fills one of two fields (reference, 3)."""
    for name in (payment.pay_method, payment.emb_pg_provider):
        if name in WALLETS:
            return name
    return ""


def payment_facts(payment: Payment, *, state: str, now: float) -> tuple[Fact, ...]:
    """Everything worth reading about ``payment``, in reading order.

    :param state: the ledger's word for it
    :param now: UNIX seconds
    """
    found = [Fact(label=_("결제수단"), value=_method(payment))]
    if payment.pay_method == "vbank":
        found.extend(_vbank(payment, state, now))
    elif payment.pay_method == "trans":
        found.extend(_text(_("은행"), payment.bank_name))
    else:
        found.extend(_card(payment, state))
    if state not in ("ready", "waiting", "failed"):
        found.append(_slip(payment))
    found.extend(_channel(payment))
    return tuple(found)


def gateway_facts(payment: Payment) -> tuple[Fact, ...]:
    """The numbers other systems know the payment by."""
    return (
        Fact(label=_("포트원 거래고유번호"), value=payment.imp_uid, copy=True),
        *_text(_("PG사"), _gateway(payment.pg_provider)),
        *_text(_("PG사 거래번호"), payment.pg_tid, copy=True),
        *_text(_("상점아이디 (MID)"), payment.pg_id, copy=True),
    )


def _text(label: str, value: str, *, hint: str = "", copy: bool = False) -> Iterator[Fact]:
    if value:
        yield Fact(label=label, value=value, hint=hint, copy=copy)


def _method(payment: Payment) -> str:
    word = method_word(payment.pay_method, payment.emb_pg_provider)
    return str(_("%(method)s (배송 에스크로)", method=word)) if payment.escrow else word


def _gateway(provider: str) -> str:
    return "KSNET" if provider == "ksnet" else provider


def _card(payment: Payment, state: str) -> Iterator[Fact]:
    """Card, wallet or phone: whatever card there is, and why there is none."""
    wallet = wallet_of(payment)
    has_card = bool(payment.card_name or payment.card_number or payment.card_issuer_name)
    if wallet and not has_card:
        if state not in ("ready", "failed"):
            yield _no_card(wallet)
    else:
        yield from _text(_("카드사"), payment.card_name)
        if payment.card_issuer_name != payment.card_name:
            yield from _text(_("발급사"), payment.card_issuer_name)
        if payment.card_publisher_name not in (payment.card_name, payment.card_issuer_name):
            yield from _text(_("발행사"), payment.card_publisher_name)
        yield from _text(_("카드 종류"), _card_type(payment.card_type))
        yield from _text(_("카드번호"), payment.card_number)
    if payment.card_quota is not None and (has_card or payment.card_quota):
        yield Fact(label=_("할부"), value=_quota(payment.card_quota))
    yield from _text(_("승인번호"), payment.apply_num, copy=True)


def _no_card(wallet: str) -> Fact:
    hint = (
        _("이 간편결제는 카드정보를 제공하지 않습니다.")
        if wallet in _NEVER_TELLS_CARD
        else _("간편결제 머니나 포인트로 결제했을 수 있습니다.")
    )
    return Fact(label=_("카드"), value=_("카드정보 미제공"), hint=hint, quiet=True)


def _card_type(card_type: int | None) -> str:
    words: dict[int | None, str] = {0: _("신용카드"), 1: _("체크카드")}
    return words.get(card_type, "")


def _quota(months: int) -> str:
    return str(_("%(months)d개월 할부", months=months)) if months else str(_("일시불"))


def _vbank(payment: Payment, state: str, now: float) -> Iterator[Fact]:
    """Where the buyer pays in, and by when."""
    yield from _text(_("입금 은행"), payment.vbank_name)
    if payment.vbank_num:
        test = _("테스트 가상계좌에는 입금하지 마세요.") if payment.sandbox else ""
        yield Fact(
            label=_("입금 계좌번호"),
            value=payment.vbank_num,
            copy=True,
            hint=test,
            warns=bool(test),
        )
    yield from _text(_("예금주"), payment.vbank_holder)
    if payment.vbank_date:
        over = state == "waiting" and payment.vbank_date < now
        yield Fact(
            label=_("입금기한"),
            value="",
            at=payment.vbank_date,
            hint=_("입금기한이 지났습니다. 입금이 확인되지 않았습니다.") if over else "",
            warns=over,
        )


def _slip(payment: Payment) -> Fact:
    """K48: card and wallets only, and opening it starts the print dialog on purpose."""
    label = _("매출전표")
    if url := safe_link(payment.receipt_url):
        return Fact(
            label=label,
            value=_("매출전표 열기"),
            url=url,
            hint=_("새 탭에서 열리고 인쇄 창이 함께 뜹니다."),
        )
    if payment.receipt_url:
        text = _("매출전표 주소가 안전하지 않아 열지 않습니다.")
    elif payment.pay_method in _NO_SLIP:
        text = _("이 결제수단은 매출전표를 제공하지 않습니다.")
    else:
        text = _("포트원이 매출전표 주소를 알려 주지 않았습니다.")
    return Fact(label=label, value=text, quiet=True)


def _channel(payment: Payment) -> Iterator[Fact]:
    ways = {"pc": _("PC 결제창"), "mobile": _("모바일 결제창"), "api": _("API 결제")}
    yield from _text(_("결제 경로"), ways.get(payment.channel, payment.channel))
    if payment.currency != "KRW":
        yield Fact(
            label=_("통화"),
            value=payment.currency,
            hint=_("원화 합계에 넣지 않으며 장부에서 취소할 수 없습니다."),
        )
