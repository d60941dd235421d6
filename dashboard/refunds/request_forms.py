"""The shape of what an approver types. Whether they may decide is decided elsewhere."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from dashboard.accounts.forms import PasswordAgain
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.form_parts import (
    ACCOUNT_IN_WORDS,
    MOST_WORDS,
    SHORTEST_WORDS,
    OneOfEach,
    words,
)
from dashboard.refunds.typed import holds_account


class ApproveForm(PasswordAgain, OneOfEach):
    """A yes: to the balance that was shown, and to what the rules warn of."""

    balance = HiddenField()
    schedule = HiddenField()  # "1": send it when KSNET takes it again (K5)
    overrule = StringField(_l("그래도 보내는 이유"), render_kw={"maxlength": MOST_WORDS})

    def __init__(self, *, last4: str | None = None, **given: Any) -> None:
        super().__init__(**given)
        self._last4 = last4 or ""

    def validate_overrule(self, field):
        if (field.data or "").strip():
            field.data = words(field, shortest=SHORTEST_WORDS, most=MOST_WORDS)
            if holds_account(field.data, self._last4):
                raise ValidationError(ACCOUNT_IN_WORDS)


class DeclineForm(OneOfEach):
    """A no, with words for whoever asked; never with the account that waits (SEC-56)."""

    words = StringField(_l("승인하지 않는 이유"), render_kw={"maxlength": 200})

    def __init__(self, *, last4: str | None = None, **given: Any) -> None:
        super().__init__(**given)
        self._last4 = last4 or ""

    def validate_words(self, field):
        field.data = words(field, shortest=2, most=200)
        if holds_account(field.data, self._last4):
            raise ValidationError(ACCOUNT_IN_WORDS)
