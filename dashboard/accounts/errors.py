"""What a person typed cannot be taken, or who they say they are cannot be believed."""

from __future__ import annotations

from dashboard.i18n import lazy_gettext as _l


class AccountError(Exception):
    """Something typed cannot be taken.

    ``field`` is the form field's name, ``message`` a sentence for the page, translated when it is
    turned into text.
    """

    def __init__(self, field: str, message: object) -> None:
        super().__init__(field)
        self.field = field
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class SignInRefused(Exception):
    """No such person, a wrong password, or somebody who may not sign in: never said which."""


class SignInMustWait(Exception):
    """Too many wrong passwords; nothing was checked.

    :param seconds: how long until the next try is looked at, at least 1
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.message = _l(
            "비밀번호가 여러 번 틀려서 잠시 받지 않습니다. %(seconds)s초 뒤에 다시 입력해 주세요.",
            seconds=seconds,
        )
