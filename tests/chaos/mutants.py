"""The product broken on purpose, once for each entry of refund-safety 4.

``python -m tests.chaos.mutants [M1 ...]`` copies the tree, breaks the copy, runs the named test
there and expects red; the same test on the unbroken copy must be green. ``--chaos`` plays rounds
against the broken copy instead.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("app.py", "dashboard", "pyproject.toml", "static", "templates", "tests")
PATIENCE_S = 600
RED, GREEN = 1, 0  # what pytest ends with; everything else is no verdict


@dataclass(frozen=True)
class Mutant:
    """A few lines of the product replaced, and the tests that must notice."""

    what: str
    changes: tuple[tuple[str, str, str], ...]  # file, what stands there once, what instead
    killers: tuple[str, ...]  # pytest ids; one run of all of them must be red

    def apply(self, root: Path) -> None:
        """:raise ValueError: the product has moved on; the mutant must follow"""
        for name, old, new in self.changes:
            path = root / name
            text = path.read_text("utf-8")
            if text.count(old) != 1:
                raise ValueError(f"{self.what}: {name} has {text.count(old)} times: {old}")
            path.write_text(text.replace(old, new), "utf-8")


GUARDS = "tests/refunds/test_guards.py::"
CANCELS = "tests/portone/test_cancels.py::"
FAILED_LOOK = "            store.note(db, row, **_next(runtime, row), check_error=str(error.why))\n"

MUTANTS: dict[str, Mutant] = {
    "M1": Mutant(
        "the checksum is read afresh right before sending",
        (
            (
                "dashboard/refunds/sending.py",
                '    try:\n        if row["amount"] == row["checksum"]:\n',
                '    seen = portone.get_payment(row["imp_uid"], sandbox=bool(row["sandbox"]))\n'
                '    row = {**row, "checksum": seen.balance}\n'
                '    try:\n        if row["amount"] == row["checksum"]:\n',
            ),
        ),
        (GUARDS + "test_the_checksum_is_the_balance_that_was_shown",),
    ),
    "M2": Mutant(
        "the amount is left out when it is all that is left",
        (
            (
                "dashboard/portone/cancels.py",
                '            "amount": amount,\n            "tax_free"',
                '            **({} if amount == checksum else {"amount": amount}),\n'
                '            "tax_free"',
            ),
        ),
        (
            GUARDS + "test_the_amount_is_always_sent",
            CANCELS + "test_all_goes_out_as_the_balance_twice",
        ),
    ),
    "M3": Mutant(
        "HTTP 200 is success, whatever code says",
        (
            (
                "dashboard/portone/verdict.py",
                "    if found is not None and found.code == 0 and status in request.ok:\n",
                "    if found is not None and status in request.ok:\n",
            ),
        ),
        (
            GUARDS + "test_a_no_with_status_200_is_a_no",
            CANCELS + "test_a_clear_no_brings_portones_words",
        ),
    ),
    "M4": Mutant(
        "no answer means not done",
        (
            (
                "dashboard/portone/verdict.py",
                "(PortOneOutcomeUnknown if outcome.sent else PortOneNotSent)",
                "PortOneNotSent",
            ),
        ),
        (
            GUARDS + "test_silence_is_not_a_no",
            CANCELS + "test_what_is_no_clear_answer_is_unknown_and_never_repeated",
        ),
    ),
    "M5": Mutant(
        "written down after it was sent",
        (
            (
                "dashboard/refunds/sending.py",
                "        leaves = _leave(runtime, db, row)",
                "        answer = _ask(portone, row, account)\n"
                "        leaves = _leave(runtime, db, row)",
            ),
            (
                "dashboard/refunds/sending.py",
                'row["id"], _ask(portone, row, account))',
                'row["id"], answer)',
            ),
        ),
        (GUARDS + "test_it_stands_in_the_file_before_anything_leaves",),
    ),
    "M6": Mutant(
        "the database allows two open refunds of a payment",
        (
            (
                "dashboard/migrations.py",
                "CREATE UNIQUE INDEX refunds_one_open",
                "CREATE INDEX refunds_one_open",
            ),
        ),
        (GUARDS + "test_a_payment_has_one_open_refund_whatever_the_code_does",),
    ),
    "M7": Mutant(
        "the connection repeats what failed, three times",
        (
            (
                "dashboard/portone/connection.py",
                "Retry(total=0, read=False, redirect=False)",
                "Retry(total=3, allowed_methods=None, redirect=False)",
            ),
        ),
        (
            GUARDS + "test_one_request_leaves_whatever_happens_to_the_answer",
            CANCELS + "test_what_is_no_clear_answer_is_unknown_and_never_repeated",
        ),
    ),
    "M8": Mutant(
        "redirects are followed",
        (("dashboard/portone/wire.py", "allow_redirects=False", "allow_redirects=True"),),
        (
            GUARDS + "test_nobody_is_followed",
            CANCELS + "test_what_is_no_clear_answer_is_unknown_and_never_repeated",
        ),
    ),
    "M9": Mutant(
        "money goes through a float",
        (
            (
                "dashboard/portone/fields.py",
                "    exact = Decimal(number)\n",
                "    exact = Decimal(float(number))\n",
            ),
        ),
        ("tests/portone/test_parsing.py::test_dollars_are_cents",),
    ),
    "M10": Mutant(
        "unknown ends as not executed after a day",
        (
            (
                "dashboard/refunds/resolving.py",
                FAILED_LOOK,
                "            old = runtime.now() - (row['sent_at'] or 0) > 24 * 60 * 60\n"
                "            if old and row['state'] == 'unknown':\n"
                "                store.move(db, row, 'not_executed', at=runtime.now())\n"
                "                return\n" + FAILED_LOOK,
            ),
        ),
        (GUARDS + "test_unknown_never_ends_by_itself",),
    ),
    # There is no webhook yet; the first word from outside that could be trusted is the answer.
    "M11": Mutant(
        "what PortOne says unasked is trusted without a look",
        (
            (
                "dashboard/refunds/sending.py",
                '        store.move(db, row, "unknown", at=now, owner=runtime.run_id, detail=told,'
                " **columns)\n",
                '        store.move(db, row, "unknown", at=now, owner=runtime.run_id, detail=told,'
                " **columns)\n"
                "        said = answer.cancel_history if isinstance(answer, Payment) else ()\n"
                "        for entry in said:\n"
                "            if row['nonce'] in entry.reason:\n"
                "                row = store.find(db, refund_id) or row\n"
                "                store.move(db, row, 'succeeded', at=now, next_check_at=None,\n"
                "                           cancellation_id=entry.cancellation_id)\n",
            ),
        ),
        (GUARDS + "test_a_yes_is_believed_only_once_the_payment_shows_it",),
    ),
    "M12": Mutant(
        "nothing is waited for",
        (("dashboard/config.py", "    t_settle_s: int = 120 ", "    t_settle_s: int = 0 "),),
        (GUARDS + "test_what_comes_a_minute_and_a_half_later_is_waited_for",),
    ),
    "M13": Mutant(
        "not found means not refunded",
        (
            (
                "dashboard/refunds/resolving.py",
                FAILED_LOOK,
                "            if isinstance(error, PortOneNotFound) and row['state'] == 'unknown':\n"
                "                store.move(db, row, 'not_executed', at=runtime.now())\n"
                "                return\n" + FAILED_LOOK,
            ),
        ),
        (GUARDS + "test_not_found_is_not_an_answer",),
    ),
    "M14": Mutant(
        "the step to sending does not ask whether it is still its turn",
        (
            (
                "dashboard/database.py",
                "WHERE id = :_id AND state = :_state",
                "WHERE id = :_id AND :_state = :_state",
            ),
        ),
        (
            GUARDS + "test_who_read_it_earlier_does_not_send_it_again",
            GUARDS + "test_who_read_it_before_it_was_given_up_does_not_send_it",
        ),
    ),
    "M15": Mutant(
        "nobody looks for what came late, and little waiting",
        (
            ("dashboard/config.py", "    t_settle_s: int = 120 ", "    t_settle_s: int = 5 "),
            (
                "dashboard/refunds/service.py",
                "    _late_arrivals(runtime, db, portone, fresh)  # P2a\n",
                "",
            ),
            (
                "dashboard/refunds/service.py",
                "    for row in store.come_late(db):\n",
                "    for row in ():\n",
            ),
        ),
        (GUARDS + "test_what_was_given_up_and_came_is_found_before_the_next_is_sent",),
    ),
    "M16": Mutant(
        "a retry with a fresh checksum goes out while the old one is unknown",
        (
            (
                "dashboard/refunds/service.py",
                "store.by_form(db, balance.form_token) or store.open_of(db, balance.imp_uid)",
                "store.by_form(db, balance.form_token)",
            ),
            (
                "dashboard/migrations.py",
                "            WHERE state IN ('intent', 'sending', 'unknown');;",
                "            WHERE state IN ('intent', 'sending');;",
            ),
        ),
        (GUARDS + "test_while_one_is_unknown_there_is_no_other",),
    ),
}


@contextmanager
def copied() -> Iterator[Path]:
    """The tree again, in a folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        root = Path(name) / "jangbu"
        root.mkdir()
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
                shutil.copytree(source, root / part, ignore=ignored)
            else:
                shutil.copy(source, root / part)
        yield root


def _run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-m", *command],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S * 10,
        check=False,
    )


def _tests(root: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return _run(root, "pytest", "-n", "0", "-q", "-x", "-p", "no:cacheprovider", *tests)


def chaos(name: str, *, rounds: int, seed: int, jobs: int) -> int:
    """Play rounds against a copy with this mutant; 0 when they found it."""
    with copied() as root:
        MUTANTS[name].apply(root)
        played = _run(
            root, "tests.chaos", "--rounds", str(rounds), "--seed", str(seed), "--jobs", str(jobs)
        )
    print(played.stdout, end="")
    if played.returncode != RED or "found: " not in played.stdout:
        print(f"{name} was not found: {MUTANTS[name].what}\n{played.stderr[-2000:]}")
        return 1
    print(f"{name} was found: {MUTANTS[name].what}")
    return 0


def kill(names: list[str]) -> int:
    """Run each mutant's tests; the number of mutants that lived."""
    every = tuple(dict.fromkeys(test for name in names for test in MUTANTS[name].killers))
    with copied() as root:
        healthy = _tests(root, every)
    if healthy.returncode != GREEN:
        print(healthy.stdout[-4000:] + healthy.stderr[-2000:])
        print("the killers are not green without a mutant")
        return len(names)
    alive = 0
    for name in names:
        began = time.monotonic()
        with copied() as root:
            MUTANTS[name].apply(root)
            ran = _tests(root, MUTANTS[name].killers)
        dead = ran.returncode == RED
        alive += not dead
        first = next((line for line in ran.stdout.splitlines() if line.startswith("FAILED")), "")
        said = first.removeprefix("FAILED ").split(" - ")[0] if dead else "LIVES"
        print(
            f"{name:4} {time.monotonic() - began:5.1f} s  {MUTANTS[name].what}: {said}", flush=True
        )
        if not dead:
            print(ran.stdout[-2000:] + ran.stderr[-2000:])
    return alive


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants")
    parser.add_argument("names", nargs="*", metavar="M1", help="all when none is named")
    given = parser.parse_args(arguments)
    return min(1, kill(given.names or list(MUTANTS)))


if __name__ == "__main__":
    sys.exit(main())
