"""Evidence: what is taken is looked at, kept under a random name, and never runs (SEC-41, 44)."""

from __future__ import annotations

import io
import stat

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from dashboard import files
from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from tests.conftest import START
from tests.orders.payments import make_payment

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
NAMES = ("../../x.png", r"C:\x.png", "CON.csv", "a\0b.png", "n" * 300 + ".png", "\u202egnp.exe.png")


def picture(kind="PNG", size=(8, 8)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size).save(content, kind)
    return content.getvalue()


def chosen(data: bytes, name: str = "이체확인.png") -> FileStorage:
    return FileStorage(io.BytesIO(data), filename=name)


@pytest.fixture
def order(db):
    with write(db):
        return apply_payment(db, make_payment(), source="sync", now=START).order_id


@pytest.fixture
def kept(app, db, order):
    def keep(data, name="이체확인.png"):
        upload = files.read_upload(chosen(data, name))
        instance = app.extensions["jangbu"].instance
        with write(db):
            return files.keep(instance, db, upload, order_id=order, person_id=1, now=START)

    return keep


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_taken_for_what_they_are(kind):
    upload = files.read_upload(chosen(picture(kind), "wrong-ending.pdf"))
    assert upload.kind == kind.lower()


def test_a_phone_s_jpeg_with_a_second_picture_in_it_is_a_jpeg():
    content = io.BytesIO()
    first, second = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    first.save(content, "MPO", save_all=True, append_images=[second])
    assert files.read_upload(chosen(content.getvalue(), "IMG_0001.jpg")).kind == "jpeg"


def test_a_pdf_is_taken():
    assert files.read_upload(chosen(PDF, "a.pdf")).kind == "pdf"


def test_nothing_chosen_is_nothing():
    assert files.read_upload(None) is None
    assert files.read_upload(chosen(b"", "")) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
        (b"<!doctype html><script>alert(1)</script>", "kind"),
        (b"MZ\x90\x00" + b"\x00" * 200, "kind"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 200, "heic"),
        (picture()[:40], "kind"),
        (picture().replace(b"IDAT", b"IDAT\xff"), "damaged"),
        (PDF[:20], "damaged"),
        (b"GIF89a" + b"\x00" * 64, "kind"),
        (picture() + b"\x00" * files.MOST_BYTES, "large"),
    ],
    ids=[
        "empty",
        "svg",
        "html",
        "exe",
        "heic",
        "half-png",
        "wrong-png",
        "half-pdf",
        "gif",
        "large",
    ],
)
def test_what_is_not_taken(data, why):
    with pytest.raises(files.BadUpload) as refused:
        files.read_upload(chosen(data))
    assert refused.value.why == why


def test_a_picture_of_too_many_pixels_is_not_taken():
    """A bomb: few bytes that become gigabytes."""
    with pytest.raises(files.BadUpload):
        files.read_upload(chosen(picture(size=(20_000, 20_000))))


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_anywhere(app, db, kept, name):
    """SEC-44."""
    instance = app.extensions["jangbu"].instance
    before = {path for path in instance.path.rglob("*")}
    file_id = kept(picture(), name)
    fresh = {path for path in instance.path.rglob("*")} - before
    assert {path for path in fresh if path.is_file()} == {instance.files_dir / file_id}
    shown = files.find(db, file_id)["name"]
    assert len(shown) <= files.MOST_NAME and not set(shown) & set("/\\\0\u202e")


def test_a_resident_number_in_a_name_is_masked(db, kept):
    """SEC-54."""
    file_id = kept(picture(), "홍길동 900101-1234567.png")
    assert "1234567" not in files.find(db, file_id)["name"]


@pytest.mark.parametrize("name", ["x" * 109 + " 900101-12345678.png", "900101:1234567.png"])
def test_not_even_half_a_resident_number_is_kept(db, kept, name):
    shown = files.find(db, kept(picture(), name))["name"]
    assert "1234567" not in shown and "900101-1" not in shown


def test_a_transaction_that_fails_leaves_no_file(app, db, order):
    instance = app.extensions["jangbu"].instance
    upload = files.read_upload(chosen(picture()))
    with pytest.raises(RuntimeError), write(db):
        files.keep(instance, db, upload, order_id=order, person_id=1, now=START)
        raise RuntimeError
    assert list(instance.files_dir.iterdir()) == []
    assert db.execute("SELECT count(*) FROM files").fetchone()[0] == 0


def test_only_this_user_can_read_it(app, kept):
    path = app.extensions["jangbu"].instance.files_dir / kept(picture())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_picture_is_shown_and_a_document_is_saved(client, kept):
    shown = client.get(f"/files/{kept(picture())}")
    assert shown.mimetype == "image/png" and shown.data == picture()
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Cache-Control"] == "no-store"
    saved = client.get(f"/files/{kept(PDF, '세금 계산서.pdf')}")
    assert saved.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")


def test_a_viewer_does_not_see_evidence(client_as, kept):
    assert client_as("viewer").get(f"/files/{kept(picture())}").status_code == 403


def test_a_file_that_is_gone_or_changed_is_not_shown(app, client, kept):
    file_id = kept(picture())
    path = app.extensions["jangbu"].instance.files_dir / file_id
    path.write_bytes(picture("JPEG"))
    assert client.get(f"/files/{file_id}").status_code == 404
    path.unlink()
    assert client.get(f"/files/{file_id}").status_code == 404


def test_evidence_never_changes(db, kept):
    file_id = kept(picture())
    for change in ("UPDATE files SET name = 'x'", "DELETE FROM files"):
        with pytest.raises(Exception, match="evidence"), write(db):
            db.execute(change)
    assert files.find(db, file_id)
