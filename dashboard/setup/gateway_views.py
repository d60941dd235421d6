"""Settings of the gateway: where payments go, and the addresses PortOne and buyers reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from dashboard import gateway as gateways
from dashboard import settings
from dashboard.accounts.permissions import needs
from dashboard.channels import ask_channels
from dashboard.database import get_db
from dashboard.formatting import tel
from dashboard.gateway import CONFIRM_PATH, NOTICE_PATH, PAY_PATH, Gateway
from dashboard.runtime import runtime
from dashboard.setup import service
from dashboard.setup.blueprint import blueprint
from dashboard.setup.contract_views import contract_words
from dashboard.setup.gateway_forms import GatewayForm


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One fact of the shop, and which ways to pay need it."""

    name: str
    there: bool
    needed_for: str


@blueprint.route("/settings/gateway", methods=["GET", "POST"])
@needs("settings")
def gateway() -> ResponseReturnValue:
    """Channel, codes, instalments, details of the shop, addresses."""
    db = get_db()
    form = GatewayForm(data=_kept())
    form.channel_key.offer(ask_channels(runtime()))
    if form.validate_on_submit():
        service.save_shop_facts(db, form.facts, current_user.id, runtime().now())
        flash(_("결제 연동을 저장했습니다."), "success")
        return redirect(url_for("setup.settings") + "#gateway", code=303)
    there = gateways.read(runtime(), db)
    page = render_template(
        "setup/gateway.html",
        form=form,
        asked=form.channel_key.channels.asked,
        gateway=there,
        addresses=addresses(there),
        port=runtime().public_port,
        details=details(there),
        contracts=contract_words(there.shop.contracts),
    )
    return page, form.status, form.headers


def addresses(gateway: Gateway) -> list[tuple[str, str, str]]:
    """Name, address and use of what PortOne and buyers reach; none while they cannot."""
    if not gateway.reachable:
        return []
    root = gateway.buyers_url
    return [
        (
            _("결제 화면"),
            f"{root}{PAY_PATH}/",
            _("구매자가 여는 주소입니다. 뒤에 결제 요청마다 다른 글자가 붙습니다."),
        ),
        (_("웹훅"), f"{root}{NOTICE_PATH}", _("결제와 입금을 포트원이 알려 주는 주소입니다.")),
        (_("컨펌"), f"{root}{CONFIRM_PATH}", _("승인하기 직전에 포트원이 물어보는 주소입니다.")),
    ]


def details(gateway: Gateway) -> list[Detail]:
    """What direct calls want to know of the shop. Source: K24, K29–K31."""
    shop = gateway.shop
    return [
        Detail(
            name=_("상호명"),
            there=bool(shop.business_name),
            needed_for=_("카드사·네이버페이·페이코 바로 호출 (K24, K29, K31)"),
        ),
        Detail(
            name=_("사업자등록번호"),
            there=bool(shop.business_number),
            needed_for=_("카드사·페이코 바로 호출 (K24, K31)"),
        ),
        Detail(name=_("대표자명"), there=bool(shop.ceo_name), needed_for=_("카카오페이 (K30)")),
        Detail(name=_("가게 주소"), there=bool(shop.address), needed_for=_("카카오페이 (K30)")),
        Detail(name=_("가게 전화번호"), there=bool(shop.phone), needed_for=_("카카오페이 (K30)")),
    ]


def quota_words(months: tuple[int, ...] | None) -> str:
    """The usual instalments, ready to print; 0 is lump sum."""
    if months is None:
        return str(_("KSNET 결제창에 맡김"))
    some = ", ".join(str(month) for month in months if month)
    return str(_("일시불, %(months)s개월", months=some) if some else _("일시불만"))


def _kept() -> dict[str, Any]:
    """What the form starts with."""
    db = get_db()
    names = (*settings.GATEWAY, *settings.SHOP_DETAILS)
    kept = {name: settings.get(db, name) or "" for name in names}
    quota = settings.get(db, "card_quota")
    return kept | {
        "shop_phone": tel(kept["shop_phone"]),
        "channel_sandbox": bool(kept["channel_sandbox"]),
        "confirm_on": bool(kept["confirm_on"]),
        "quota": "" if quota is None else "some",
        "card_quota": [str(month) for month in quota or () if month],
    }
