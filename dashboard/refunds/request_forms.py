"""The shape of what an approver types. Whether they may decide is decided elsewhere."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from dashboard.accounts.forms import PasswordAgain
from dashboard.refunds.form_parts import MOST_WORDS, SHORTEST_WORDS, OneOfEach, words


class ApproveForm(PasswordAgain, OneOfEach):
    """A yes: to the balance that was shown, and to what the rules warn of."""

    balance = HiddenField()
    schedule = HiddenField()  # "1": send it when KSNET takes it again (K5)
    overrule = StringField(_l("그래도 보내는 이유"), render_kw={"maxlength": MOST_WORDS})

    def validate_overrule(self, field):
        if (field.data or "").strip():
            field.data = words(field, shortest=SHORTEST_WORDS, most=MOST_WORDS)


class DeclineForm(OneOfEach):
    """A no, with words for whoever asked."""

    words = StringField(_l("승인하지 않는 이유"), render_kw={"maxlength": 200})

    def validate_words(self, field):
        field.data = words(field, shortest=2, most=200)
