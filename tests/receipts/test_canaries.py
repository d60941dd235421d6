"""SEC-54, SEC-55: numbers typed into every field, a file and PortOne's words stand nowhere."""

from __future__ import annotations

import io
import json
import re
import tempfile
from contextlib import closing

from tests.receipts.conftest import FORM
from tests.receipts.test_pages import GOOD, desk  # noqa: F401 - a fixture

RESIDENT = ("900101-1234568", "9001011234568", "900101 1234568", "９００１０１－１２３４５６８")
DIGITS = "9001011234568"
IDENTIFIER = "01077778888"


def test_typed_everywhere_and_kept_nowhere(
    till,
    transfer,
    desk,  # noqa: F811
    client,
    config,
    caplog,
    tmp_path,
    monkeypatch,
):
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    caplog.set_level("DEBUG")
    pages = []
    for number in RESIDENT:
        till.shop.clock.now += 120  # nobody sends more forms a minute
        for field in ("identifier", "buyer_name", "buyer_email", "buyer_tel", "tax_free"):
            pages.append(desk.send(transfer, **{field: number}).get_data())
        for field in FORM:
            if field not in ("form_token", "channel_key", "type", "product_type", "merchant_uid"):
                answer = client.send("/receipts/external", FORM | {field: number}, page="/me")
                pages.append(answer.get_data())
        sheet = (
            "주문번호,상품명,금액,면세금액,판매일,용도,식별번호,상품구분,구매자\n"
            f"S-1,배,1000,0,2026-08-20,소득공제,{number},실물,홍길동\n"
            f"S-2,배 {number},1000,0,2026-08-20,소득공제,01012345678,실물,{number}\n"
        )
        data = {"csrf_token": client.csrf("/me"), "sheet": (io.BytesIO(sheet.encode()), "a.csv")}
        answer = client.post("/receipts/batch", data=data)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        pages.append(client.get(answer.location).get_data())
        pages.append(client.get(f"/receipts?q={DIGITS}").get_data())
        till.shop.clock.now += 120
    assert till.sent("POST") == []

    # PortOne's own words carry one, too; and a real number is issued to
    body = {"code": -1, "message": f"거절 {RESIDENT[0]} {IDENTIFIER}", "response": None}
    till.fault("POST", transfer, execute="never", answer="body", status=400, body=json.dumps(body))
    first = desk.send(transfer, identifier=IDENTIFIER)
    assert first.status_code == 303, first.get_data(as_text=True)
    till.work()
    pages.append(client.get(first.location).get_data())
    second = desk.send(transfer, identifier=IDENTIFIER)
    till.work()
    pages.append(client.get(second.location).get_data())
    cancel = f"{second.location}/cancel"
    pages.append(desk.post(cancel, reason=f"환불 {RESIDENT[0]}").get_data())
    desk.post(cancel, reason="환불")
    till.work()
    assert len(till.sent("DELETE")) == 1

    searched = re.compile(r"q=\d+|value=.?9001011234568")  # the question itself comes back
    for page in pages:
        text = searched.sub("", page.decode())
        assert not leaks(text), around(text)
    for path in [*config.instance.rglob("*"), *temp.rglob("*")]:
        if path.is_file():
            content = path.read_bytes()
            assert not leaks(content.decode("utf-8", "replace")), path
            assert IDENTIFIER.encode() not in content, path
    assert not leaks(caplog.text) and IDENTIFIER not in caplog.text
    with closing(till.shop.sandbox.sandbox.store.connect()) as db:  # the practice PortOne's file
        kept = [row["sent"] for row in db.execute("SELECT sent FROM receipts")]
    assert not any(IDENTIFIER in text or GOOD["buyer_name"] in text for text in kept)
    assert any("product_type" in text for text in kept)


def leaks(text: str) -> list[str]:
    return [number for number in RESIDENT if number in text]


def around(text: str) -> str:
    """Where the first one stands."""
    at = text.index(leaks(text)[0])
    return text[max(0, at - 200) : at + 100]
