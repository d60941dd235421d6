"""People with one wish each: they click twice, open two tabs, come back, and never give up."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.fleet import Fleet, Gone

FINAL = frozenset({"succeeded", "rejected", "not_executed", "settled_by_owner"})
MOST_TRIES = 25
MOST_ATTEMPTS = 4  # refunds one wish is worth, after a sure no each


@dataclass(kw_only=True)
class Wish:
    """This much of this payment is to go back, once. ``amount`` None: all that is left."""

    number: int
    imp_uid: str
    amount: int | None
    vbank: bool
    cash: bool = False  # its receipts live on

    asked: list[int] = field(default_factory=list)  # won, as sent with each form
    refunds: list[str] = field(default_factory=list)  # ids the person was shown as theirs
    told_done: str | None = None  # the refund the page called done
    problems: list[str] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """Stands in the reason, so that the gateway's own ledger tells whose cancel it was."""
        return f"wish {self.number};"


class Person(threading.Thread):
    """Wants one wish fulfilled until it is, or until ``quiet`` is set."""

    def __init__(
        self, wish: Wish, fleet: Fleet, quiet: threading.Event, rng: random.Random, person_id: int
    ) -> None:
        super().__init__(name=f"staff-{wish.number}", daemon=True)
        self._wish, self._fleet, self._quiet, self._rng = wish, fleet, quiet, rng
        self._person_id = person_id

    def run(self) -> None:
        self._rest(0, 1.5)
        for _ in range(MOST_TRIES):
            if self._quiet.is_set() or len(self._wish.refunds) >= MOST_ATTEMPTS:
                return
            try:
                if self._try():
                    return
            except Gone:
                self._rest(0.05, 0.3)

    def _rest(self, low_s: float, high_s: float) -> None:
        self._quiet.wait(self._rng.uniform(low_s, high_s))

    def _try(self) -> bool:
        """One form, from opening it to its end; whether the wish is fulfilled."""
        wish, rng = self._wish, self._rng
        forms = [self._form() for _ in range(2 if rng.random() < 0.2 else 1)]
        if any("error" in form for form in forms):
            wish.problems += [
                f"form: {form}" for form in forms if "error" in form and not _is_busy(form)
            ]
            return False
        mine = [
            row for form in forms for row in form["refunds"] if row["reason"].startswith(wish.tag)
        ]
        for row in mine:
            if row["id"] not in wish.refunds:
                wish.refunds.append(row["id"])
            if row["state"] == "succeeded":
                wish.told_done = row["id"]
                return True
        opened = [row["id"] for row in mine if row["state"] not in FINAL]
        if opened and rng.random() < 0.7:
            return self._watch(opened[0])  # the others ask for it all over, against every advice
        balance = min(form["balance"] for form in forms)
        amount = wish.amount or balance
        if not 0 < amount <= balance:
            return True  # nothing of it is left; somebody else took it back
        self._rest(0, rng.choice((0, 0.2, 1.0)))
        wish.asked.append(amount)
        clicks = [form["token"] for form in forms]
        clicks += [clicks[0]] * (rng.random() < 0.3)
        answers = self._click(clicks, amount)
        made = ""
        for answer in answers:
            found = answer.get("refund_id")
            if found and self._look(found)["reason"].startswith(wish.tag):
                made = found
            self._note(answer)
        if not made:
            self._rest(0.05, 0.8)
            return any(answer.get("error") == "NeedsOverrule" for answer in answers)
        if made not in wish.refunds:
            wish.refunds.append(made)
        return self._watch(made)

    def _form(self) -> dict[str, Any]:
        return self._fleet.ask(
            "form",
            imp_uid=self._wish.imp_uid,
            person_id=self._person_id,
            live=self._rng.random() < 0.6,
        )

    def _click(self, tokens: list[str], amount: int) -> list[dict[str, Any]]:
        """Send the forms at the same moment, and again where nobody answered."""
        answers: list[dict[str, Any]] = []

        def click(token: str) -> None:
            for _ in range(6):
                try:
                    answers.append(self._send(token, amount))
                    return
                except Gone:
                    time.sleep(0.15)

        threads = [threading.Thread(target=click, args=(token,)) for token in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def _send(self, token: str, amount: int) -> dict[str, Any]:
        wish = self._wish
        return self._fleet.ask(
            "refund",
            token=token,
            imp_uid=wish.imp_uid,
            person_id=self._person_id,
            kind="whole" if wish.amount is None else "part",
            amount=amount,
            reason=f"{wish.tag} 단순 변심",
            vbank=wish.vbank,
        )

    def _look(self, refund_id: str) -> dict[str, Any]:
        while True:
            try:
                row = self._fleet.ask("look", refund_id=refund_id)
            except Gone:
                if self._quiet.is_set():
                    raise
                time.sleep(0.1)
                continue
            if "error" in row:
                self._wish.problems.append(f"refund {refund_id} was shown and is not there")
                raise Gone
            return row

    def _watch(self, refund_id: str) -> bool:
        """Look at the refund's page until it says an end, or patience does."""
        rng = self._rng
        while not self._quiet.is_set():
            row = self._look(refund_id)
            if row["state"] == "succeeded":
                self._wish.told_done = refund_id
                return True
            if row["state"] in FINAL:
                self._rest(0, rng.choice((0.3, 0.3, 4.0)))
                return False
            if rng.random() < 0.1:
                self._fleet.ask("check", refund_id=refund_id)
            if rng.random() < 0.04:
                return False  # has seen enough of this page
            self._rest(0.05, 0.25)
        return True

    def _note(self, answer: dict[str, Any]) -> None:
        """Errors the page has no sentence for."""
        known = {"Stopped", "BalanceChanged", "AlreadyAsked", "OldForm", "CannotAsk", "LateArrival"}
        if answer.get("error") == "NeedsOverrule" and "P2a" in answer["text"]:
            return
        if _is_busy(answer):
            return
        if answer.get("error") not in {None, *known}:
            self._wish.problems.append(f"refund: {answer['error']} {answer['text']}")


def _is_busy(answer: dict[str, Any]) -> bool:
    """The page says so and to try again (F58): a frozen process may hold the file for seconds."""
    return answer.get("error") == "OperationalError" and "database is locked" in answer["text"]
