"""The refund pages as a test uses them: their forms, and what a person reads there."""

from __future__ import annotations

import html
import re


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def text(answer) -> str:
    body = re.search(r"<main.*</main>", answer.get_data(as_text=True), re.DOTALL)
    plain = body[0] if body else answer.get_data(as_text=True)
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", plain).split()))


def form_of(client, imp_uid: str, *, page: str = "refunds", **typed: str) -> dict[str, str]:
    """What the form would send: everything left, unless something is typed."""
    shown = client.get(f"/payments/{imp_uid}/{page}/new").get_data(as_text=True)
    return {
        "csrf_token": hidden(shown, "csrf_token"),
        "balance": hidden(shown, "balance"),
        "kind": "whole",
        "reason": "고객 변심",
    } | typed


def part(client, imp_uid: str, amount: str, **typed: str) -> dict[str, str]:
    return form_of(client, imp_uid, kind="part", amount=amount, **typed)


def send(client, imp_uid: str, data):
    return client.post(f"/payments/{imp_uid}/refunds", data=data)


def check(client, imp_uid: str, data, **given):
    return client.post(f"/payments/{imp_uid}/refunds/check", data=data, **given)


ACCOUNT = {"holder": "오세진", "bank": "088", "account": "110-492-374821"}
