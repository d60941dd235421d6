"""Refunds by hand as a test makes them: payments PortOne cannot refund, and the pages' forms."""

from __future__ import annotations

import io
import json

from PIL import Image

from tests.refunds.pages import ACCOUNT, form_of, hidden

MONTH_S = 31 * 86_400
DIGITS = "110492374821"  # of ACCOUNT


def old_phone(shop, amount: int = 50_000) -> str:
    """A phone payment of last month (K3); answers its number."""
    return shop.pay("phone", started_at=int(shop.clock.now) - MONTH_S, amount=amount)


def refuse(shop, imp_uid: str, amount: int, *, words: str = "카드사 거절") -> None:
    """A refund through PortOne that the gateway refuses."""
    body = json.dumps({"code": 1, "message": words, "response": None})
    shop.fault(execute="never", answer="body", body=body)
    refund = shop.ask(imp_uid, amount)
    shop.settle()
    assert shop.state(refund) == "rejected"


def hand_form(client, imp_uid: str, **typed: str) -> dict[str, str]:
    """What the form would send: everything left to the account, unless something is typed."""
    return form_of(client, imp_uid, page="by-hand", **(ACCOUNT | typed))


def part_by_hand(client, imp_uid: str, amount: str, **typed: str) -> dict[str, str]:
    return hand_form(client, imp_uid, kind="part", amount=amount, **typed)


def check_hand(client, imp_uid: str, data):
    return client.post(f"/payments/{imp_uid}/by-hand/check", data=data)


def send_hand(client, imp_uid: str, data):
    return client.post(f"/payments/{imp_uid}/by-hand", data=data)


def ask_hand(client, imp_uid: str, amount: str = "", **typed: str) -> str:
    """Ask for a refund by hand; answers the address of its page."""
    data = (
        part_by_hand(client, imp_uid, amount, **typed)
        if amount
        else hand_form(client, imp_uid, **typed)
    )
    answer = send_hand(client, imp_uid, data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def step(client, location: str, name: str, **typed):
    """Press one of the buttons of its page."""
    page = client.get(location).get_data(as_text=True)
    data = {"csrf_token": hidden(page, "csrf_token")} | typed
    return client.post(f"{location}/{name}", data=data)


def transfer(client, location: str, **typed):
    usual = {"day": "2026-08-21", "reference": "이체-20260821-0007"}
    return step(client, location, "transferred", **(usual | typed))


def picture(name: str = "proof.png", colour: str = "red") -> tuple[io.BytesIO, str]:
    """A small picture as a form field takes it."""
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    content.seek(0)
    return content, name
