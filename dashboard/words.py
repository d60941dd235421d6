"""The words of states, methods and roles, and the sign each state wears. Glossary in one place."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from flask import Flask, current_app, g
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from dashboard.i18n import gettext as _
from dashboard.i18n import language, speaking
from dashboard.i18n import lazy_gettext as _l


@dataclass(frozen=True)
class Sign:
    """How a state looks: word, icon of its own shape, colour. Never colour alone."""

    word: LazyString
    icon: str
    css: str


STATES: dict[str, Sign] = {
    "ready": Sign(_l("미결제"), "circle", "is-ready"),
    "waiting": Sign(_l("입금대기"), "hourglass-split", "is-wait"),
    "paid": Sign(_l("결제완료"), "check-circle-fill", "is-paid"),
    "partial": Sign(_l("부분취소"), "circle-half", "is-part"),
    "cancelled": Sign(_l("전액취소"), "dash-circle-fill", "is-full"),
    "failed": Sign(_l("결제실패"), "x-circle-fill", "is-fail"),
    "check": Sign(_l("확인 필요"), "exclamation-triangle-fill", "is-check"),
}
METHODS: dict[str, LazyString] = {
    "card": _l("신용카드"),
    "trans": _l("계좌이체"),
    "vbank": _l("가상계좌"),
    "phone": _l("휴대폰 소액결제"),
    "kakaopay": _l("카카오페이"),
    "naverpay": _l("네이버페이"),
    "payco": _l("페이코"),
    "lpay": _l("L페이"),
    "ssgpay": _l("SSG페이"),
}
WALLETS = frozenset({"kakaopay", "naverpay", "payco", "lpay", "ssgpay"})
ROLES: dict[str, LazyString] = {
    "owner": _l("주인"),
    "manager": _l("매니저"),
    "staff": _l("직원"),
    "viewer": _l("보기 전용"),
}


def init_app(app: Flask) -> None:
    """Attach to the application."""
    app.jinja_env.globals.update(
        state_sign=state_sign,
        state_word=state_word,
        method_word=method_word,
        role_word=role_word,
        once=once,
        of_language=of_language,
    )


def once(macro: Callable[..., str], *values: Hashable) -> str:
    """What a template's macro prints for these values, drawn once per request.

    For pieces that many rows share and that follow from the values alone: a state's sign, a method.
    """
    drawn = g.setdefault("drawn", {})
    key = macro, values
    if key not in drawn:
        drawn[key] = macro(*values)
    found: str = drawn[key]
    return found


def of_language(name: str, **facts: bool) -> Markup:
    """A template that prints words, drawn once for each language and what else it follows from."""
    drawn: dict[Hashable, Markup] = current_app.extensions.setdefault("jangbu-drawn", {})
    chosen = language()
    key = name, chosen, tuple(sorted(facts.items()))
    if key not in drawn:
        with speaking(chosen):
            template = current_app.jinja_env.get_template(name)
            drawn[key] = template.make_module({"lang": chosen, **facts}).__html__()
    return drawn[key]


def state_sign(state: str) -> Sign:
    """The sign of a state; one we do not know needs checking."""
    return STATES.get(state, STATES["check"])


def state_word(state: str) -> str:
    """``결제완료``, ``부분취소`` …"""
    return str(state_sign(state).word)


def method_word(pay_method: str, emb_pg_provider: str = "") -> str:
    """``신용카드``, ``카카오페이`` …; a wallet inside the card window goes by its own name.

    Which of the two fields KSNET fills for a wallet is not documented (portone-v1-api, 3): both
    are read. A method nobody told us about is shown under PortOne's own name.
    """
    wallet = METHODS.get(emb_pg_provider) if emb_pg_provider in WALLETS else None
    word = wallet or METHODS.get(pay_method)
    return str(word) if word is not None else pay_method or _("알 수 없음")


def role_word(role: str) -> str:
    """``주인``, ``매니저`` …"""
    return str(ROLES.get(role, role))
