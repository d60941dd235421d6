"""The shop's own facts and switches: JSON values by name, in the shop's database."""

from __future__ import annotations

import json
from typing import Any

from sqlite_utils import Database

CONTRACTS = (
    "contract_vbank_refund",
    "contract_vbank_deadline",
    "contract_easy_pay",
    "contract_installments",
    "contract_interest_free",
    "contract_delivery_escrow",
    "contract_key_in",
    "contract_mixed_tax",
    "contract_phone_product",
)
"""What the shop agreed with KSNET: "yes", "no" or None for unknown (K6, K52).

``contract_phone_product`` is "real", "digital" or None.
"""

BANK_CODES = ("bank_code_set", "bank_codes_confirmed")
"""How banks are written for KSNET (``dashboard.banks.CODE_SETS``); whether the shop asked (K8)."""

SHOP_DETAILS = ("ceo_name", "shop_address", "shop_phone", "card_quota")
"""What direct calls of cards and wallets want to know of the shop (K24, K30, K31).

``card_quota`` is the usual list of instalment months as PortOne takes it, 0 for lump sum (K19).
"""

GATEWAY = ("merchant_code", "channel_key", "pg_mid", "channel_sandbox", "public_url", "confirm_on")
"""Where payments go: read through ``dashboard.gateway``. They belong to one mode each.

``merchant_code`` is PortOne's 고객사 식별코드 for ``IMP.init``; ``channel_sandbox`` true for a test
channel; ``public_url`` the https address under which a tunnel leads to the buyers' port;
``confirm_on`` true once PortOne has switched the confirm process on.
"""

SHOP_FACTS = (
    "shop_name",
    "business_number",
    "sells_tax_free",
    *SHOP_DETAILS,
    *CONTRACTS,
    *BANK_CODES,
)
"""Facts of the shop itself: they hold for practice and for the real business alike."""

REFUND_GUARDS = (
    "refund_approval",
    "refund_approval_above",
    "refund_limit_manager",
    "refund_limit_staff",
    "refund_day_limit_manager",
    "refund_day_limit_staff",
    "refund_password_above",
)
"""Who may refund how much alone; read through ``dashboard.refunds.guards``. Won or None, but:

``refund_approval`` is "off", "above" or "always"; ``refund_password_above`` may be :data:`NEVER`.
Shops that never said anything have none of them.
"""

NEVER = "never"

REFUNDS = ("enable_webhook", *BANK_CODES)
"""``enable_webhook``: ask PortOne to send a webhook for cancels made here, true or None."""


RECEIPTS = ("receipt_product_type", "receipt_way")
"""``receipt_product_type``: "real", "digital" or None, what forms start from (K47).

``receipt_way``: how receipts arise in this shop, "buyer", "shop", "gateway" or None (cash-receipts,
2).
"""


def get(db: Database, key: str, default: Any = None) -> Any:
    """The value of one setting, or ``default`` when it was never set."""
    row = db.conn.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return default if row is None else json.loads(row[0])


def put(db: Database, key: str, value: Any) -> None:
    """Set one setting, inside the caller's ``write(db)``; None forgets it."""
    if value is None:
        db.conn.execute("DELETE FROM settings WHERE key = ?", (key,))
        return
    db.conn.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, json.dumps(value, ensure_ascii=False)),
    )
