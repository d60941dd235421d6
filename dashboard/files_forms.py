"""The form field for evidence: an image or a PDF, refused beside the field."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import FileField
from wtforms.validators import ValidationError

from dashboard.files import MOST_BYTES, TYPES, BadUpload, Upload, read_upload


class EvidenceField(FileField):
    """Optional; once it validates ``upload`` holds the file, or None when nothing was chosen."""

    upload: Upload | None = None

    def __init__(self, label: Any, **given: Any) -> None:
        super().__init__(label, render_kw={"accept": ",".join(TYPES.values())}, **given)

    def pre_validate(self, form: Any) -> None:
        try:
            self.upload = read_upload(self.data or None)
        except BadUpload as error:
            raise ValidationError(problem_words(error.why)) from error


def problem_words(why: str) -> str:
    """Why a file is not taken, in words; ``why`` of :class:`dashboard.files.BadUpload`."""
    most = MOST_BYTES // 1_000_000
    sentences = {
        "empty": _("빈 파일입니다. 다른 파일을 골라 주세요."),
        "large": _("파일이 너무 큽니다. %(most)dMB보다 작은 파일을 골라 주세요.", most=most),
        "heic": _("아이폰 사진(HEIC)은 열 수 없습니다. JPEG로 저장한 사진을 골라 주세요."),
        "kind": _("사진(PNG, JPEG, WebP)이나 PDF만 받습니다. 다른 파일을 골라 주세요."),
        "damaged": _("파일이 손상되어 열 수 없습니다. 다시 저장한 파일을 골라 주세요."),
    }
    return str(sentences[why])
