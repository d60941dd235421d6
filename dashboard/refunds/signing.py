"""The balance a refund form was shown with, signed: what comes back is what was seen.

Reading the balance again when the form is sent would let two forms pay twice (refund-safety, 0.1).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from dashboard.portone import Payment
from dashboard.refunds.rules import cancel_ids

LIFE_S = 30 * 60
_AHEAD_S = 60  # a clock that was set back a little is no forgery
_SALT, _BUNDLE_SALT = "jangbu.refunds.balance", "jangbu.refunds.bundle"


@dataclass(frozen=True, kw_only=True)
class SignedBalance:
    """What somebody saw of a payment; won."""

    form_token: str
    imp_uid: str
    amount: int
    cancel_amount: int
    cancel_ids: tuple[str, ...]
    at: int  # UNIX seconds

    @property
    def balance(self) -> int:
        """What could still be cancelled; the ``checksum`` of the refund."""
        return self.amount - self.cancel_amount


class BadForm(Exception):
    """The signed balance was changed, or belongs to another person or payment."""


class OldForm(BadForm):
    """It is genuine, and older than half an hour. ``form_token`` leads to a refund made of it,
    ``imp_uids`` are the payments it was about."""

    def __init__(self, form_token: str, imp_uids: Sequence[str] = ()) -> None:
        super().__init__()
        self.form_token = form_token
        self.imp_uids = tuple(imp_uids)


def sign_balance(payment: Payment | Mapping[str, Any], person_id: int, now: float) -> str:
    """Sign what is known of a payment for one person's form; a new form token each time.

    :param payment: the payment, or its row with ``raw``
    :param now: UNIX seconds
    """
    if not isinstance(payment, Payment):
        payment = Payment.from_json(json.loads(payment["raw"]))
    return _sign(seen_balance(payment, now), person_id)


def sign_again(balance: SignedBalance, person_id: int, now: float) -> str:
    """The very same balance for another person's form: what waits is approved as it was asked.

    :param now: UNIX seconds
    """
    return _sign(replace(balance, form_token=secrets.token_urlsafe(16), at=int(now)), person_id)


def sign_bundle(balances: Sequence[SignedBalance], person_id: int, now: float) -> str:
    """Sign many balances for one confirmation; each keeps a form token of its own.

    :param now: UNIX seconds
    """
    signed: str = _serializer(_BUNDLE_SALT).dumps(
        {
            "t": secrets.token_urlsafe(16),
            "p": person_id,
            "at": int(now),
            "of": [
                [one.form_token, one.imp_uid, one.amount, one.cancel_amount, list(one.cancel_ids)]
                for one in balances
            ],
        }
    )
    return signed


def read_bundle(token: str, person_id: int, now: float) -> tuple[str, tuple[SignedBalance, ...]]:
    """The bundle's own form token, and the balances in their order.

    :raise OldForm: signed more than 30 minutes ago
    :raise BadForm: not signed here, or for another person
    """
    try:
        found = _serializer(_BUNDLE_SALT).loads(token)
        if found["p"] != person_id:
            raise BadForm
        at = found["at"]
        balances = tuple(
            SignedBalance(
                form_token=form_token,
                imp_uid=imp_uid,
                amount=amount,
                cancel_amount=cancel_amount,
                cancel_ids=tuple(cancel_ids),
                at=at,
            )
            for form_token, imp_uid, amount, cancel_amount, cancel_ids in found["of"]
        )
    except (BadSignature, KeyError, TypeError, ValueError) as error:
        raise BadForm from error
    if not -_AHEAD_S <= now - at <= LIFE_S:
        raise OldForm(found["t"], [one.imp_uid for one in balances])
    return found["t"], balances


def seen_balance(payment: Payment, now: float) -> SignedBalance:
    """What is known of a payment, with a form token of its own.

    :param now: UNIX seconds
    """
    return SignedBalance(
        form_token=secrets.token_urlsafe(16),
        imp_uid=payment.imp_uid,
        amount=payment.amount,
        cancel_amount=payment.cancel_amount,
        cancel_ids=tuple(sorted(cancel_ids(payment))),
        at=int(now),
    )


def _sign(seen: SignedBalance, person_id: int) -> str:
    signed: str = _serializer().dumps(
        {
            "t": seen.form_token,
            "p": person_id,
            "u": seen.imp_uid,
            "a": seen.amount,
            "c": seen.cancel_amount,
            "i": list(seen.cancel_ids),
            "at": seen.at,
        }
    )
    return signed


def read_balance(token: str, person_id: int, imp_uid: str, now: float) -> SignedBalance:
    """What was signed.

    :raise OldForm: signed more than 30 minutes ago
    :raise BadForm: not signed here, or for another person or payment
    """
    try:
        found = _serializer().loads(token)
        if found["p"] != person_id or found["u"] != imp_uid:
            raise BadForm
        balance = SignedBalance(
            form_token=found["t"],
            imp_uid=found["u"],
            amount=found["a"],
            cancel_amount=found["c"],
            cancel_ids=tuple(found["i"]),
            at=found["at"],
        )
    except (BadSignature, KeyError, TypeError) as error:
        raise BadForm from error
    if not -_AHEAD_S <= now - balance.at <= LIFE_S:
        raise OldForm(balance.form_token)
    return balance


def _serializer(salt: str = _SALT) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=salt)
