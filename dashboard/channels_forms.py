"""The field in which somebody chooses one of the shop's channels."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import SelectField
from wtforms.validators import ValidationError

from dashboard.channels import Channels


class ChannelField(SelectField):
    """One of the shop's channels at KSNET, or none."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, validate_choice=False, **given)
        self.type = "SelectField"  # how pages draw it
        self.channels = Channels(asked=False)

    def offer(self, channels: Channels, *, fresh: bool) -> None:
        """What can be chosen; a form nobody has filled in starts from the usual one."""
        self.channels = channels
        if fresh:
            self.data = channels.usual
        self.choices = channels.choices(self.data or "")

    def pre_validate(self, form: Any) -> None:
        if not self.channels.may(self.data or ""):
            raise ValidationError(_("채널을 다시 골라 주세요."))
