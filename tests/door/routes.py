"""Every route of the product, and who may use it: one table, asked of ``url_map``."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

ALL = frozenset({"stranger", "viewer", "staff", "manager", "owner"})
SIGNED_IN = ALL - {"stranger"}
WORKING = SIGNED_IN - {"viewer"}
LEADING = frozenset({"manager", "owner"})
OWNER = frozenset({"owner"})

# Written from the words, not from the code: `permissions.py` must agree with it.
MAY: dict[str, frozenset[str]] = {
    "accounts.back_to_person": OWNER,
    "accounts.change_role": OWNER,
    "accounts.disable": OWNER,
    "accounts.enable": OWNER,
    "accounts.forgotten": ALL,
    "accounts.language": ALL,
    "accounts.me": SIGNED_IN,
    "accounts.people": OWNER,
    "accounts.person": OWNER,
    "accounts.reset_password": OWNER,
    "accounts.sign_in": ALL,
    "accounts.sign_out": SIGNED_IN,
    "accounts.theme": ALL,
    "assets": ALL,
    "checkout.add_product": LEADING,
    "checkout.back_to_product": LEADING,
    "checkout.back_to_request": SIGNED_IN,
    "checkout.back_to_webhooks": SIGNED_IN,
    "checkout.cancel": WORKING,
    "checkout.cancel_it": WORKING,
    "checkout.change_product": LEADING,
    "checkout.close_alarm": WORKING,
    "checkout.create": WORKING,
    "checkout.hide_product": LEADING,
    "checkout.index": SIGNED_IN,
    "checkout.look": SIGNED_IN,
    "checkout.new": WORKING,
    "checkout.product": LEADING,
    "checkout.product_list": LEADING,
    "checkout.qr": WORKING,
    "checkout.replay": WORKING,
    "checkout.reveal": WORKING,
    "checkout.revoke": WORKING,
    "checkout.show": SIGNED_IN,
    "checkout.webhooks": SIGNED_IN,
    "checkout.back_from_delivery": SIGNED_IN,
    "checkout.look_at_delivery": WORKING,
    "checkout.open_delivery": WORKING,
    "checkout.save_delivery": WORKING,
    "files.show": WORKING,
    "help.index": SIGNED_IN,
    "orders.add_note": WORKING,
    "orders.back_to_list": SIGNED_IN,
    "orders.back_to_views": SIGNED_IN,
    "orders.change_view": SIGNED_IN,
    "orders.choose_columns": SIGNED_IN,
    "orders.palette": SIGNED_IN,
    "orders.remove_view": SIGNED_IN,
    "orders.save_view": SIGNED_IN,
    "orders.views": SIGNED_IN,
    "orders.ask_now": SIGNED_IN,
    "orders.back_to_order": SIGNED_IN,
    "orders.home": SIGNED_IN,
    "orders.index": SIGNED_IN,
    "orders.live": SIGNED_IN,
    "orders.reveal": WORKING,
    "orders.show": SIGNED_IN,
    "orders.state_tax_free": LEADING,
    "orders.summary": SIGNED_IN,
    "receipts.back_to_batch": WORKING,
    "receipts.back_to_external_form": WORKING,
    "receipts.back_to_form": WORKING,
    "receipts.back_to_receipt": SIGNED_IN,
    "receipts.batch_issue": WORKING,
    "receipts.batch_new": WORKING,
    "receipts.batch_sample": WORKING,
    "receipts.batch_show": WORKING,
    "receipts.batch_upload": WORKING,
    "receipts.cancel": WORKING,
    "receipts.cancel_it": WORKING,
    "receipts.cancel_of_payment": WORKING,
    "receipts.check": SIGNED_IN,
    "receipts.create": WORKING,
    "receipts.export": LEADING,
    "receipts.external_create": WORKING,
    "receipts.external_new": WORKING,
    "receipts.index": SIGNED_IN,
    "receipts.look": WORKING,
    "receipts.look_at": WORKING,
    "receipts.new": WORKING,
    "receipts.print_one": SIGNED_IN,
    "receipts.show": SIGNED_IN,
    "refunds.approve": LEADING,
    "refunds.approve_by_hand": LEADING,
    "refunds.back_to_bulk": OWNER,
    "refunds.back_to_by_hand": SIGNED_IN,
    "refunds.back_to_by_hand_list": LEADING,
    "refunds.back_to_choosing": OWNER,
    "refunds.back_to_form": WORKING,
    "refunds.back_to_hand_form": WORKING,
    "refunds.back_to_mark": SIGNED_IN,
    "refunds.back_to_mark_form": LEADING,
    "refunds.back_to_request": SIGNED_IN,
    "refunds.back_to_refund": SIGNED_IN,
    "refunds.back_to_tasks": SIGNED_IN,
    "refunds.bulk_confirm": OWNER,
    "refunds.bulk_preview": OWNER,
    "refunds.bulk_show": OWNER,
    "refunds.bulk_start": OWNER,
    "refunds.bulk_stop": OWNER,
    "refunds.by_hand_list": LEADING,
    "refunds.check": WORKING,
    "refunds.check_by_hand": WORKING,
    "refunds.check_now": SIGNED_IN,
    "refunds.clear_mark": LEADING,
    "refunds.close_task": WORKING,  # one about a receipt: the owner only, tests/refunds
    "refunds.create": WORKING,
    "refunds.create_by_hand": WORKING,
    "refunds.decline": LEADING,
    "refunds.decline_by_hand": LEADING,
    "refunds.export": LEADING,
    "refunds.export_by_hand_list": LEADING,
    "refunds.fresh": WORKING,
    "refunds.fresh_by_hand": WORKING,
    "refunds.index": SIGNED_IN,
    "refunds.mark_outside": LEADING,
    "refunds.new": WORKING,
    "refunds.new_by_hand": WORKING,
    "refunds.new_mark": LEADING,
    "refunds.remind": WORKING,
    "refunds.reveal_by_hand": LEADING,
    "refunds.reveal_by_hand_list": LEADING,
    "refunds.settle": OWNER,
    "refunds.show": SIGNED_IN,
    "refunds.show_by_hand": SIGNED_IN,
    "refunds.show_mark": SIGNED_IN,
    "refunds.show_request": SIGNED_IN,
    "refunds.task_list": SIGNED_IN,
    "refunds.transferred": LEADING,
    "refunds.withdraw": WORKING,
    "refunds.withdraw_by_hand": WORKING,
    "setup.back_to_doctor": OWNER,
    "setup.choose": OWNER,
    "setup.connection": OWNER,
    "setup.contract": OWNER,
    "setup.doctor": OWNER,
    "setup.doctor_live": OWNER,
    "setup.first_sync": OWNER,
    "setup.gateway": OWNER,
    "setup.go_live": OWNER,
    "setup.healthz": ALL,
    "setup.keys": OWNER,
    "setup.owner": ALL,
    "setup.practice": WORKING,
    "setup.practise": WORKING,
    "setup.receipts": OWNER,
    "setup.refund_guards": OWNER,
    "setup.refunds": OWNER,
    "setup.settings": OWNER,
    "setup.shop": OWNER,
    "setup.test_connection": OWNER,
    "setup.view_practice": OWNER,
    "sync.progress": SIGNED_IN,
    "sync.start": WORKING,
}

BATCH = "00000000-0000-4000-8000-000000000007"
BULK = "00000000-0000-4000-8000-000000000003"
BY_HAND = "00000000-0000-4000-8000-000000000005"  # of payment 2
EVIDENCE = "00000000-0000-4000-8000-000000000004"
RECEIPT = "00000000-0000-4000-8000-000000000006"  # of BATCH
REQUEST = "00000000-0000-4000-8000-000000000002"  # of payment 7; a payment request has it, too
REFUND = "00000000-0000-4000-8000-000000000001"  # of payment 2

# A route that takes a POST without a token must be named here, with its reason.
WITHOUT_TOKEN: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Route:
    """One method of one rule, with an address that leads to something real."""

    endpoint: str
    method: str
    path: str
    has_id: bool
    rule: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes(app: Flask, *methods: str, **found: object) -> list[Route]:
    """All routes that answer to one of ``methods``; ``found`` fills the rules' arguments."""
    given = {"order_id": 1, "person_id": 3, "step": "live", "build": "x", "path": "icons.svg"}
    given |= {"deed": "behave", "form_step": "check", "refund_step": "check"}
    given |= {"person_step": "role"}
    given |= {"imp_uid": "imp_000000000001", "refund_id": REFUND, "task_id": 1}
    given |= {"request_id": REQUEST, "request_step": "approve"}
    given |= {"bulk_id": BULK, "bulk_step": "preview", "file_id": EVIDENCE}
    given |= {"by_hand_id": BY_HAND, "by_hand_step": "approve", "mark_id": 1}
    given |= {"pay_step": "look", "product_id": 1, "webhook_id": 1}
    given |= {"delivery_step": "form", "view_id": 1}
    given |= {"receipt_step": "look", "receipt_id": RECEIPT, "batch_id": BATCH}
    given |= found
    adapter = app.url_map.bind("127.0.0.1:5000")
    return [
        Route(
            endpoint=rule.endpoint,
            method=method,
            path=adapter.build(rule.endpoint, _arguments(rule, given), method=method),
            has_id=any(name.endswith(("_id", "_uid")) for name in rule.arguments),
            rule=rule.rule,
        )
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method in methods
    ]


def _arguments(rule: Rule, given: dict[str, object]) -> dict[str, object]:
    missing = rule.arguments - given.keys()
    assert not missing, f"{rule.rule}: say in tests/door/routes.py what {missing} may be"
    return {name: given[name] for name in rule.arguments}
