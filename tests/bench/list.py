"""The list and the order page beside the floor (``floor.py``), in shops of any size.

``python -m tests.bench.list --orders 1000 100000 1000000 [--short] [--keep DIR] [--json FILE]``:
builds the shops (``build.py``), starts product and floor side by side, asks both in turn and prints
one Markdown table for each size. See docs/bench.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from dashboard.database import open_to_read
from tests.bench.build import PASSWORD, build
from tests.conftest import TOKEN

ROOT = Path(__file__).resolve().parents[2]
_FILES = re.compile(rb'(?:href|src)="(/assets/[^"#]+)')
_IMPORTS = re.compile(rb'(?:import|from) "\./([^"]+)"')


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Times(NamedTuple):
    """Milliseconds."""

    p50: float
    p95: float

    @classmethod
    def of(cls, took: list[float]) -> Times:
        took = sorted(took)
        return cls(statistics.median(took), took[min(len(took) - 1, int(len(took) * 0.95))])


class Side:
    """One of the two programs, and one kept connection to it."""

    def __init__(self, module: str, target: Path, port: int) -> None:
        self.port, self.headers = port, {"Host": f"127.0.0.1:{port}"}
        self._command = [sys.executable, "-m", f"tests.bench.{module}", str(target), str(port)]
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: HTTPConnection | None = None

    def start(self, path: str) -> float:
        """Start the program; the seconds until it first answers ``path`` with a page."""
        began = time.perf_counter()
        # Compiled modules and templates are kept, as on a shop's PC.
        environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while time.perf_counter() < began + 600:
            try:
                self.get(path)
                return time.perf_counter() - began
            except (ConnectionError, TimeoutError):
                self._hang_up()
                if self._process.poll() is not None:
                    break
                time.sleep(0.005)
        raise SystemExit(f"{self._command} does not answer")

    def stop(self) -> None:
        self._hang_up()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)

    def get(self, path: str, **headers: str) -> bytes:
        return self.ask("GET", path, headers=headers)[1]

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[Any, bytes]:
        """One request over the kept connection; headers and body of the answer.

        :raise SystemExit: it is no page and no redirect
        """
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        self._connection.request(method, path, body, self.headers | (headers or {}))
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 303):
            raise SystemExit(f"{path} answered {answer.status}")
        return answer.headers, content

    def sign_in(self) -> None:
        """As the owner; the cookie is kept."""
        headers, page = self.ask("GET", "/sign-in")
        token = TOKEN.search(page.decode())
        cookie = headers["Set-Cookie"].partition(";")[0]
        form = {"csrf_token": token[1] if token else "", "name": "owner", "password": PASSWORD}
        sent = {
            "Cookie": cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{self.port}",
        }
        headers, _ = self.ask("POST", "/sign-in", urlencode(form), sent)
        self.headers["Cookie"] = headers["Set-Cookie"].partition(";")[0]

    def megabytes(self) -> float | None:
        """Resident memory; None where the system does not tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()  # type: ignore[union-attr]
        except OSError:
            return None
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def first_visit(self) -> dict[str, int]:
        """Bytes of the list page and every file it loads, as a browser asks for them."""
        wire: dict[str, int] = {}
        waiting = ["/orders"]
        while waiting:
            path = waiting.pop()
            if path in wire:
                continue
            site = "none" if path == "/orders" else "same-origin"
            asked = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": site}
            headers, body = self.ask("GET", path, headers=asked)
            wire[path] = len(body) + len(str(headers).encode())
            plain = _unpacked(headers.get("Content-Encoding"), body)
            waiting += [found.decode() for found in _FILES.findall(plain)]
            if path.endswith(".js"):
                folder = path.rpartition("/")[0]
                waiting += [f"{folder}/{name.decode()}" for name in _IMPORTS.findall(plain)]
        return wire

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _unpacked(encoding: str | None, body: bytes) -> bytes:
    if encoding == "br":
        import brotli

        return brotli.decompress(body)
    if encoding == "gzip":
        import gzip

        return gzip.decompress(body)
    return body


@contextmanager
def _running(*sides: Side) -> Any:
    try:
        yield
    finally:
        for side in sides:
            side.stop()


def questions(shop: Path, orders: int) -> dict[str, list[str]]:
    """What is asked, by its name in the table; several of a kind are asked in turn."""
    with closing(open_to_read(shop / "practice.db")) as db:
        at = db.conn.execute(
            "SELECT requested_at, id FROM orders ORDER BY requested_at DESC, id DESC"
            " LIMIT 1 OFFSET ?",
            (orders // 2,),
        ).fetchone()
        some = db.conn.execute(
            "SELECT id, buyer_name, buyer_tel FROM orders WHERE id % ? = 3 LIMIT 8",
            (max(orders // 9, 1),),
        ).fetchall()
    return {
        "newest page": ["/orders"],
        "filter by status and method": [
            f"/orders?state={state}&method={method}"
            for state, method in (("paid", "card"), ("cancelled", "vbank"), ("paid", "kakaopay"))
        ],
        "search: name of three syllables": [f"/orders?q={quote(row[1])}" for row in some],
        "search: two syllables": [f"/orders?q={quote(row[1][1:])}" for row in some],
        "search: phone digits": [f"/orders?q={row[2][-4:]}" for row in some],
        "search: a word that fills the page": [
            f"/orders?q={quote(word)}" for word in ("선물", "사과")
        ],
        f"{orders // 2:,} rows deep": [f"/orders?before={at[0]}-{at[1]}"],
        "order page": [f"/orders/{row[0]}" for row in some],
    }


SUMMARIES = (
    ("all", ""),
    ("status", "state=paid"),
    ("method", "method=card"),
    ("status, method", "state=cancelled&method=vbank"),
    ("this month, by day paid", "base=paid&when=month"),
    ("six months, one method", "when=6m&method=vbank"),
    ("amounts", "min=100000&max=200000"),
    ("no test payments", "test=hide"),
    ("a name", f"q={quote('김나나')}"),
    ("two syllables", f"q={quote('사과')}"),
    ("a word of many", f"q={quote('선물')}&state=paid"),
)


def measure(shop: Path, orders: int, *, looks: int) -> dict[str, Any]:
    """Every number of one size."""
    product = Side("product", shop, free_port())
    floor = Side("floor", shop / "practice.db", free_port())
    found: dict[str, Any] = {"orders": orders, "pages": {}, "summaries": {}}
    with _running(product, floor):
        starts = [product.start("/sign-in")], [floor.start("/orders")]
        product.sign_in()
        for name, paths in questions(shop, orders).items():
            found["pages"][name] = _side_by_side(product, floor, paths, looks)
        for name, arguments in SUMMARIES:
            path = f"/orders/summary?{arguments}"
            found["summaries"][name] = Times.of(_times(product, [path], max(looks // 4, 3)))
        found["per_second"] = [_per_second([side] * 4, looks) for side in (product, floor)]
        found["megabytes"] = [product.megabytes(), floor.megabytes()]
        found["first_visit"] = product.first_visit()
    for _again in range(3 if looks > 5 else 0):
        with _running(product, floor):
            starts[0].append(product.start("/orders"))
            starts[1].append(floor.start("/orders"))
    found["cold_start"] = [statistics.median(took) for took in starts]
    return found


def _side_by_side(product: Side, floor: Side, paths: list[str], looks: int) -> tuple[Times, Times]:
    """Both in turn, so that what disturbs one disturbs the other."""
    for path in paths:
        product.get(path), floor.get(path)
    asked = cycle(paths)
    took: tuple[list[float], list[float]] = ([], [])
    for _look in range(looks):
        path = next(asked)
        took[0].extend(_times(product, [path], 1))
        took[1].extend(_times(floor, [path], 1))
    return Times.of(took[0]), Times.of(took[1])


def _times(side: Side, paths: Iterable[str], looks: int) -> list[float]:
    took = []
    for path in list(paths) * looks:
        began = time.perf_counter()
        side.get(path)
        took.append((time.perf_counter() - began) * 1000)
    return took


def _per_second(sides: list[Side], looks: int) -> float:
    """Requests per second of several clients at once, each with a connection of its own."""

    def client(side: Side) -> None:
        own = HTTPConnection("127.0.0.1", side.port, timeout=120)
        with closing(own):
            for _look in range(looks):
                own.request("GET", "/orders", headers=side.headers)
                answer = own.getresponse()
                answer.read()
                if answer.status != 200:
                    raise SystemExit(f"/orders answered {answer.status}")

    threads = [threading.Thread(target=client, args=(side,)) for side in sides]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(sides) * looks / (time.perf_counter() - began)


def table(found: dict[str, Any]) -> str:
    """One size as Markdown."""
    lines = [
        f"### {found['orders']:,} orders",
        "",
        "| | product p50 | p95 | floor p50 | p95 | ratio |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, (product, floor) in found["pages"].items():
        lines.append(
            f"| {name} | {product.p50:.1f} ms | {product.p95:.1f} | {floor.p50:.1f} ms |"
            f" {floor.p95:.1f} | {product.p50 / floor.p50:.1f} |"
        )
    product, floor = found["per_second"]
    lines.append(
        f"| four clients | {product:.0f} /s | | {floor:.0f} /s | | {floor / product:.1f} |"
    )
    product, floor = found["cold_start"]
    lines.append(f"| cold start | {product:.2f} s | | {floor:.2f} s | | {product / floor:.1f} |")
    product, floor = found["megabytes"]
    if product and floor:
        lines.append(f"| memory | {product:.0f} MB | | {floor:.0f} MB | | {product / floor:.1f} |")
    wire = found["first_visit"]
    lines.append(f"| first visit, {len(wire)} files | {sum(wire.values()) / 1000:.1f} kB | | | | |")
    lines += ["", "| counts and sums | p50 | p95 |", "|---|--:|--:|"]
    for name, took in found["summaries"].items():
        lines.append(f"| {name} | {took.p50:.1f} ms | {took.p95:.1f} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> list[dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="+", default=[1000])
    parser.add_argument("--short", action="store_true", help="1,000 orders, few looks")
    parser.add_argument("--keep", type=Path, help="keep the shops here and use them again")
    parser.add_argument("--looks", type=int, default=60, help="at each page; default 60")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    chosen = parser.parse_args(arguments)
    sizes, looks = ([1000], 2) if chosen.short else (chosen.orders, chosen.looks)
    found = []
    with tempfile.TemporaryDirectory() as fresh:
        for orders in sizes:
            shop = build(chosen.keep or Path(fresh), orders)
            found.append(measure(shop, orders, looks=looks))
            print(table(found[-1]), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, ensure_ascii=False, indent=2))
    return found


if __name__ == "__main__":
    main()
