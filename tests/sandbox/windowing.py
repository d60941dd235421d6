"""A shop in front of the sandbox's payment window: parameters, and the addresses PortOne calls."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dashboard.sandbox.world import CHANNEL_KEY, MERCHANT_CODE

COUNT = iter(range(1, 1_000_000))


def params(method: str = "card", **changed: Any) -> dict[str, Any]:
    """Parameters nothing is wrong with; ``None`` leaves one out."""
    made: dict[str, Any] = {
        "channelKey": CHANNEL_KEY,
        "pay_method": method,
        "merchant_uid": f"req-{next(COUNT):06d}",
        "name": "나주 배 선물세트",
        "amount": 58_000,
        "tax_free": 8_000,
        "buyer_name": "홍길동",
    }
    if method == "vbank":
        made |= {"vbank_due": "2026-08-24", "tax_free": 0}
    if method == "phone":
        made["digital"] = False
    made |= changed
    return {name: value for name, value in made.items() if value is not None}


class Shop:
    """The shop's web server: pages, and what was posted to it (webhooks, confirm)."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str, dict[str, Any]]] = []  # path, content type, body
        self.answers: dict[str, list[tuple[int, bytes]]] = {}  # path: answers, the last one stays
        self.pages: dict[str, tuple[str, str]] = {}  # path: HTML, Content-Security-Policy
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page, policy = shop.pages.get(urlsplit(self.path).path, ("", "default-src 'none'"))
                mime = "text/javascript" if self.path.endswith(".js") else "text/html"
                self._send(200, page.encode(), mime, policy)

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                mime = self.headers.get_content_type()
                body = json.loads(raw) if mime == "application/json" else dict(parse_qsl(raw))
                shop.posted.append((self.path, mime, body))
                answers = shop.answers.get(self.path, [(200, b"")])
                status, text = answers.pop(0) if len(answers) > 1 else answers[0]
                self._send(status, text, "application/json", "")

            def _send(self, status: int, body: bytes, mime: str, policy: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", f"{mime}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Shop:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Buyer:
    """A buyer's browser, without the browser: opens a window and acts in it."""

    def __init__(self, caller: Any) -> None:
        self.session, self.home = caller.session, caller.server.url
        self.caller = caller

    def open(
        self, param: dict[str, Any], *, code: str = MERCHANT_CODE, channel: str = "pc"
    ) -> Window:
        body = {"code": code, "channel": channel, "param": param}
        found = self.session.post(f"{self.home}/window", json=body, timeout=10)
        assert found.status_code == 200, found.text
        return Window(self, **found.json()["response"])

    def pay(self, param: dict[str, Any], **chosen: Any) -> dict[str, Any]:
        """Open, choose the first of everything, pay; the payment as PortOne tells it."""
        window = self.open(param)
        assert window.imp_uid, window.wrong()
        window.act("pay", **(FIRST[param["pay_method"]] | chosen))
        return self.payment(window.imp_uid)

    def payment(self, imp_uid: str) -> dict[str, Any]:
        return self.caller.ok(f"/payments/{imp_uid}", include_sandbox="true")


FIRST: dict[str, dict[str, Any]] = {
    "card": {"card_code": "366"},
    "trans": {"bank_code": "004"},
    "vbank": {"bank_code": "004"},
    "phone": {"telco": "SKT"},
} | {
    wallet: {"source": "card", "card_code": "366"}
    for wallet in ("lpay", "ssgpay", "kakaopay", "naverpay", "payco")
}


class Window:
    def __init__(self, buyer: Buyer, url: str, imp_uid: str | None) -> None:
        self.buyer, self.url, self.imp_uid = buyer, buyer.home + url, imp_uid

    def act(self, action: str, status: int = 200, **body: Any) -> dict[str, Any]:
        found = self.buyer.session.post(f"{self.url}/{action}", json=body, timeout=10)
        assert found.status_code == status, found.text
        return found.json()["response"] or found.json()

    def page(self) -> str:
        found = self.buyer.session.get(self.url, timeout=10)
        assert found.status_code == 200
        return found.text

    def row(self) -> dict[str, Any]:
        """As the control endpoint lists it."""
        rows = self.buyer.caller.control("GET", "/windows")
        return next(row for row in rows if self.url.endswith(row["url"]))

    def wrong(self) -> list[str]:
        """The parameters that are wrong."""
        return [one["parameter"] for one in self.row()["objections"]]
