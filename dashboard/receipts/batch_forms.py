"""The forms of files with many outside sales."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import BooleanField, FileField
from wtforms.validators import ValidationError

from dashboard.channels_forms import ChannelField
from dashboard.i18n import lazy_gettext as _l
from dashboard.receipts.sheet import MOST_ROWS, BadSheet, SheetRow, read_sheet
from dashboard.refunds.form_parts import OneOfEach


class UploadForm(OneOfEach):
    """``rows`` once it validates."""

    rows: tuple[SheetRow, ...] = ()

    sheet = FileField(_l("CSV나 엑셀 파일"), render_kw={"accept": ".csv,.tsv,.txt,.xlsx"})

    def validate_sheet(self, field):
        data = field.data
        if not data or not getattr(data, "filename", ""):
            raise ValidationError(_("파일을 골라 주세요."))
        try:
            self.rows = tuple(read_sheet(data.read(), data.filename))
        except BadSheet as error:
            raise ValidationError(_sheet_problem(error)) from error


class IssueForm(OneOfEach):
    """The one decision about a whole file."""

    with_warned = BooleanField(_l("확인이 필요한 행도 그대로 발급합니다"))
    channel_key = ChannelField(_l("KSNET 채널"))


def _sheet_problem(error: BadSheet) -> str:
    words = {
        "empty": _("파일에 판매가 없습니다. 제목 줄 아래에 한 줄에 한 건씩 적어 주세요."),
        "type": _("CSV나 엑셀(.xlsx) 파일만 받습니다. 비밀번호가 있으면 풀고 저장해 주세요."),
        "too_many": _("한 번에 %(most)s건까지 올릴 수 있습니다. 나누어 주세요.", most=MOST_ROWS),
        "too_big": _("파일이 너무 큽니다. 필요한 열과 줄만 남겨 주세요."),
        "headings": _("제목 줄에 없는 열이 있습니다: %(names)s", names=", ".join(error.missing)),
        "broken": _("파일을 읽을 수 없습니다. 엑셀에서 다시 저장한 파일을 올려 주세요."),
        "encoding": _("글자를 읽을 수 없습니다. CSV를 UTF-8로 저장해 주세요."),
    }
    return str(words[error.why])
