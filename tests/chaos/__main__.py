"""``python -m tests.chaos --rounds N [--seed S] [--jobs J] [--mutant M15]``

Ends with 0 when nothing was paid twice, lost or made up; with a mutant switched on it is the
other way round: then it ends with 0 as soon as a round has found it.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import fields
from pathlib import Path

from tests.chaos.compare import Found
from tests.chaos.rounds import RATE, Outcome, Template, play


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--jobs", type=int, default=2, help="rounds at the same time")
    parser.add_argument("--rate", type=float, default=RATE, help="seconds of the shop in one")
    parser.add_argument("--within", type=float, help="begin no round after this many seconds")
    parser.add_argument("--mutant", help="break the product first: a name of mutants.py")
    parser.add_argument("--keep", type=Path, help="keep the folders of bad rounds here")
    given = parser.parse_args(arguments)
    if given.mutant:
        from tests.chaos import mutants

        return mutants.chaos(given.mutant, rounds=given.rounds, seed=given.seed, jobs=given.jobs)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):  # what has been played is reported all the same
        signal.signal(name, lambda *_: stop.set())
    outcomes = run(given.rounds, given.seed, given.jobs, given.rate, given.within, given.keep, stop)
    return report(outcomes)


def run(
    rounds: int,
    seed: int,
    jobs: int,
    rate: float = RATE,
    within_s: float | None = None,
    keep: Path | None = None,
    stop: threading.Event | None = None,
) -> list[Outcome]:
    """Play rounds, ``jobs`` at a time, and say what is bad as soon as it is known.

    :param within_s: begin no round after this many seconds
    :param stop: begin no round once it is set
    """
    outcomes: list[Outcome] = []
    stop = stop or threading.Event()
    began, left = time.monotonic(), list(range(seed, seed + rounds))
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        ThreadPoolExecutor(jobs) as pool,
    ):
        folder = Path(name)
        template = Template.make(folder / "template")
        running: dict[Future[Outcome], Path] = {}
        while running or left:
            late = within_s is not None and time.monotonic() - began > within_s
            if late or stop.is_set():
                left.clear()
            while left and len(running) < jobs:
                number = left.pop(0)
                place = folder / f"round-{number}"
                running[pool.submit(play, template, number, place, rate=rate)] = place
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                place, outcome = running.pop(future), future.result()
                outcomes.append(outcome)
                for line in outcome.found.lines():
                    print(f"round {outcome.seed}: {line}", flush=True)
                if outcome.found.bad and keep:
                    shutil.copytree(place, keep / place.name, dirs_exist_ok=True)
                shutil.rmtree(place, ignore_errors=True)
                if len(outcomes) % 25 == 0:
                    print(f"{len(outcomes)} rounds played", file=sys.stderr, flush=True)
    return outcomes


def report(outcomes: list[Outcome]) -> int:
    """Print the sums; 0 when all is well."""
    counts: Counter[str] = Counter()
    states: Counter[str] = Counter()
    died: Counter[str] = Counter()
    for outcome in outcomes:
        counts += outcome.counts
        states += outcome.states
        died.update(outcome.died_at)
    bad = {part.name: 0 for part in fields(Found)}
    for outcome in outcomes:
        for name in bad:
            bad[name] += len(getattr(outcome.found, name))
    mean = sum(outcome.seconds for outcome in outcomes) / max(1, len(outcomes))
    print(f"rounds {len(outcomes)}, {mean:.1f} s each")
    print(", ".join(f"{name} {counts[name]}" for name in sorted(counts)))
    print("refunds: " + ", ".join(f"{name} {states[name]}" for name in sorted(states)))
    print("crash points: " + ", ".join(f"{name} {died[name]}" for name in sorted(died)))
    print("found: " + ", ".join(f"{name} {count}" for name, count in bad.items()), flush=True)
    return 1 if any(bad.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
