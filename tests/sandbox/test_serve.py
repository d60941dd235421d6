"""``flask --app app sandbox serve`` as a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from iamport import Iamport

ROOT = Path(__file__).resolve().parent.parent.parent
READY = re.compile(r"sandbox ready: (http://127\.0\.0\.1:\d+) key=(\S+) secret=(\S+)\n")


def serve(tmp_path: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "sandbox", "serve", *options],
        cwd=ROOT,
        env=os.environ | {"JANGBU_INSTANCE": str(tmp_path / "instance")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_serves_a_shop_and_writes_its_fixture(tmp_path):
    file = tmp_path / "fixture.json"
    options = ["--seed", "5", "--each", "4", "--orders", "200", "--fixture", str(file), "--night"]
    with serve(tmp_path, *options) as process:
        ready = READY.fullmatch(process.stdout.readline())
        assert ready
        fixture = json.loads(file.read_text("utf-8"))
        assert {len(fixture[kind]) for kind in ("paid_card", "ready_vbank", "old_paid")} == {4}
        client = Iamport(ready[2], ready[3], imp_url=ready[1] + "/")
        one = fixture["escrow"][0]
        assert client.find(imp_uid=one["imp_uid"])["escrow"] is True
        client.requests_session.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""
    assert not (tmp_path / "instance").exists() or not list((tmp_path / "instance").glob("*.db"))


@pytest.mark.parametrize("options", [["--port", "99999"], ["--fixture", "no/such/dir/f.json"]])
def test_what_cannot_be_is_one_sentence(tmp_path, options):
    with serve(tmp_path, *options, "--orders", "10") as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in err and "sandbox ready" not in out
