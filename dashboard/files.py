"""Evidence people hand in: an image or a PDF, looked at before it is kept, under a random name.

What a file is, its content says; where it came from, and what it was called there, is only ever
shown, never part of a path (SEC-44).
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from werkzeug.datastructures import FileStorage

from dashboard.database import on_rollback
from dashboard.instance import Instance
from dashboard.machine import make_private_dir, write_private
from dashboard.resident_number import mask_text

_log = logging.getLogger(__name__)

Row = Mapping[str, Any]

MOST_BYTES = 8_000_000  # of one file; a whole request may have 10 MB (SEC-41)
MOST_PIXELS = 60_000_000  # a large phone photo has 50; more is a bomb
MOST_NAME = 120  # characters
TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
_ENDINGS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "pdf": ".pdf"}
_UNSAFE = '<>:"|?*%;'  # in names of files somewhere
_LONG_NUMBER = re.compile(r"[0-9０-９][0-9０-９-]{8,}[0-9０-９]")  # an account (SEC-56)
_HEIC = re.compile(rb"....ftyp(heic|heix|hevc|heim|heis|mif1|msf1)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that may be kept. ``kind`` is a key of :data:`TYPES`."""

    kind: str
    name: str
    data: bytes = field(repr=False)


class BadUpload(Exception):
    """It is not taken: ``empty``, ``large``, ``heic``, ``kind`` or ``damaged``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_upload(storage: FileStorage | None) -> Upload | None:
    """What was chosen in a form, or None when nothing was.

    :raise BadUpload: it is no image or PDF, too large, or damaged
    """
    if storage is None or not storage.filename:
        return None
    data = storage.stream.read(MOST_BYTES + 1)
    if not data:
        raise BadUpload("empty")
    if len(data) > MOST_BYTES:
        raise BadUpload("large")
    return Upload(kind=_kind(data), name=shown_name(storage.filename), data=data)


def shown_name(name: str) -> str:
    """A file's name for people to read: no folders, no signs that reorder text, no numbers of
    residents, not even half of one (SEC-54)."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(
        " " if char in _UNSAFE else char for char in base if unicodedata.category(char)[0] != "C"
    )
    masked = _LONG_NUMBER.sub("***", mask_text(" ".join(plain.split())))
    if len(masked) > MOST_NAME:  # at a space, or a number cut in two would no longer be known
        masked = masked[:MOST_NAME].rpartition(" ")[0]
    return masked or "?"


def _kind(data: bytes) -> str:
    from PIL import Image, UnidentifiedImageError  # not for the start

    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise BadUpload("damaged")
        return "pdf"
    if _HEIC.match(data[:16]):
        raise BadUpload("heic")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            kind, (width, height) = str(image.format).lower(), image.size
            image.verify()  # reads headers and checksums, never unpacks the picture
    except UnidentifiedImageError as error:
        raise BadUpload("kind") from error
    except Exception as error:  # whatever a broken picture makes of Pillow
        raise BadUpload("damaged") from error
    if width * height > MOST_PIXELS:
        raise BadUpload("large")
    return "jpeg" if kind == "mpo" else kind  # many phones put a second picture into a JPEG


def keep(
    instance: Instance, db: Database, upload: Upload, *, order_id: int, person_id: int, now: int
) -> str:
    """Keep a file inside the caller's write transaction; answers its id.

    The file is whole on the disk before its row can be seen; should the transaction fail, it is
    taken away again.

    :param now: UNIX seconds
    :raise OSError: the disk is full or cannot be written
    """
    file_id = str(uuid.uuid4())
    make_private_dir(instance.files_dir)
    path = path_of(instance, file_id)
    write_private(path, upload.data, exclusive=True)
    on_rollback(db, lambda: path.unlink(missing_ok=True))
    db.conn.execute(
        "INSERT INTO files (id, kind, name, size, sha256, order_id, person_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            file_id,
            upload.kind,
            upload.name,
            len(upload.data),
            hashlib.sha256(upload.data).hexdigest(),
            order_id,
            person_id,
            now,
        ),
    )
    return file_id


def find(db: Database, file_id: str | None) -> Row | None:
    """What is known of a file, or None."""
    row = db.conn.execute("SELECT * FROM files WHERE id = ?", (file_id,)).fetchone()
    return None if row is None else dict(row)


def read(instance: Instance, row: Row) -> bytes | None:
    """A file's content, or None where it is gone or was changed since."""
    try:
        data = path_of(instance, row["id"]).read_bytes()
    except OSError:
        _log.error("evidence %s is missing", row["id"])
        return None
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        _log.error("evidence %s is not what was kept", row["id"])
        return None
    return data


def path_of(instance: Instance, file_id: str) -> Path:
    """Where a file lies; its id is the only thing in its name."""
    return instance.files_dir / str(uuid.UUID(file_id))


def download_name(row: Row) -> str:
    """A safe name for the browser, with the ending its content has."""
    stem = str(row["name"]).rpartition(".")[0] or str(row["name"])
    return (stem.strip(". ") or "file") + _ENDINGS[row["kind"]]
