"""Where this shop's payments go: its PortOne code and channel, and the addresses buyers reach.

What the owner said in the settings; in practice, what the practice PortOne has.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlite_utils import Database

from dashboard import settings
from dashboard.ksnet.window_facts import WindowShop
from dashboard.runtime import Runtime

SCRIPT_URL = "https://cdn.iamport.kr/v1/iamport.js"
"""The only SDK KSNET works with (K49)."""

SCRIPT_PATH = "/v1/iamport.js"
PAY_PATH, CONFIRM_PATH, NOTICE_PATH = "/pay", "/portone/confirm", "/portone/webhook"


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """One shop's gateway as it is set up now.

    :ivar public_url: the address of a tunnel, without a slash at its end; "" when there is none
    :ivar local_url: the same pages on this PC; "" while nobody serves them
    :ivar card_quota: the usual instalment months, 0 for lump sum; None: never said
    """

    shop: WindowShop
    public_url: str
    local_url: str
    confirm_on: bool
    card_quota: tuple[int, ...] | None

    @property
    def buyers_url(self) -> str:
        """Where a buyer's page is: the public address, else this PC."""
        return self.public_url or self.local_url

    @property
    def reachable(self) -> bool:
        """Whether PortOne can call back: through a tunnel, or because it is on this PC, too."""
        return bool(self.public_url or (self.shop.practice and self.local_url))

    @property
    def notice_url(self) -> str:
        """Where PortOne sends webhooks; "" when it cannot: then results are polled for."""
        return f"{self.buyers_url}{NOTICE_PATH}" if self.reachable else ""

    @property
    def confirm_url(self) -> str:
        """Where PortOne asks before it approves; "" unless it was switched on."""
        return f"{self.buyers_url}{CONFIRM_PATH}" if self.reachable and self.confirm_on else ""

    @property
    def ready(self) -> bool:
        """Whether a window can be opened at all."""
        return bool(self.shop.merchant_code and (self.shop.channel_key or self.shop.pg_mid))


def read(runtime: Runtime, db: Database) -> Gateway:
    """The gateway of the current mode."""

    def said(name: str) -> str:
        return str(settings.get(db, name) or "")

    practice = runtime.mode == "practice"
    channel = {name: said(name) for name in ("merchant_code", "channel_key", "pg_mid")}
    sandbox = bool(settings.get(db, "channel_sandbox"))
    if practice:
        from dashboard.practice import Practice  # not for the start of a real shop

        if not (channel["channel_key"] or channel["pg_mid"]):
            channel["channel_key"], channel["pg_mid"] = Practice.channel_key, Practice.pg_mid
            sandbox = False
        channel["merchant_code"] = channel["merchant_code"] or Practice.merchant_code
    quota = settings.get(db, "card_quota")
    port = runtime.public_port
    host = "[::1]" if runtime.config.host == "::1" else "127.0.0.1"
    return Gateway(
        shop=WindowShop(
            **channel,
            sandbox=sandbox,
            practice=practice,
            business_name=said("shop_name"),
            business_number=said("business_number"),
            ceo_name=said("ceo_name"),
            address=said("shop_address"),
            phone=said("shop_phone"),
            contracts={name: settings.get(db, name) for name in settings.CONTRACTS},
        ),
        public_url=said("public_url").rstrip("/"),
        local_url=f"http://{host}:{port}" if port else "",
        confirm_on=practice or bool(settings.get(db, "confirm_on")),
        card_quota=None if quota is None else tuple(quota),
    )


def script_url(runtime: Runtime) -> str:
    """What a buyer's page loads: PortOne's own, unless this PC plays PortOne."""
    url = runtime.practice.url if runtime.mode == "practice" else runtime.config.portone_url
    return f"{url}{SCRIPT_PATH}" if urlsplit(url).scheme == "http" else SCRIPT_URL
