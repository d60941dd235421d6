"""What stands between a shop and its first real payment, line by line: facts in, lines out.

PortOne's pre-launch checklist, looked at instead of ticked. The page of it and
``flask --app app check`` show the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext

from dashboard.channels import Channels, is_for_windows
from dashboard.formatting import ago, kst
from dashboard.gateway import Gateway
from dashboard.portone import Channel, Why
from dashboard.portone.errors import SENTENCES

CLOCK_WARN_S = 120  # refund-safety, 1.8
SYNC_WARN_S = 3600  # payments come in every few minutes while the shop's PC is on

Tone = Literal["good", "warn", "bad", "unknown"]
_Draw = Callable[[Tone, str], "Line"]


@dataclass(frozen=True, kw_only=True)
class Act:
    """The one button of a line; without an ``endpoint`` it asks again."""

    word: str
    endpoint: str = ""
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that was looked at, one sentence, and what to do about it."""

    name: str
    about: str
    tone: Tone
    said: str
    act: Act | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What asking PortOne and this PC brought.

    :ivar where: which PortOne
    :ivar trouble: why PortOne did not answer, "no_keys" or "bad_keys" where it was never asked
    :ivar skew_s: seconds this PC's clock is ahead; None: PortOne did not say
    :ivar channels: None where they could not be asked for
    :ivar served: whether somebody answers at the buyers' port; None: nobody tried
    """

    where: str = ""
    trouble: Why | Literal["no_keys", "bad_keys"] | None = None
    skew_s: float | None = None
    channels: Channels | None = None
    served: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Sync:
    """The newest synchronisation: ``queued``, ``running``, ``done``, ``failed``, or "" for none."""

    state: str = ""
    done_at: int | None = None  # when one last got through, UNIX seconds


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """The newest knock: when, UNIX seconds, and what became of it (``webhook_inbox.verdict``)."""

    at: int
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the shop said and what happened to it so far.

    :ivar contracts: names of contract items in words, by the names of ``settings.CONTRACTS``
    """

    gateway: Gateway
    contracts: Mapping[str, str]
    webhook: Webhook | None
    sync: Sync
    refunds_locked: bool
    now: int
    port: int | None


def _(text: str, **values: object) -> str:
    return str(gettext(text, **values))


def _again() -> Act:
    return Act(word=_("지금 확인"))


def _to_gateway(word: str, anchor: str = "") -> Act:
    return Act(word=word, endpoint="setup.gateway", anchor=anchor)


# -- what has to be asked for -------------------------------------------------------------------


def asked_lines(facts: Facts, asked: Asked) -> list[Line]:
    """Key, list of addresses, clock, channel, the buyers' port."""
    return [
        _token(facts, asked),
        _ip(asked),
        _clock(asked),
        _channel(facts.gateway, asked.channels),
        _served(facts.port, asked.served),
    ]


def _token(facts: Facts, asked: Asked) -> Line:
    tone: Tone = "bad"
    to_keys = Act(word=_("키 고치기"), endpoint="setup.connection")
    act: Act | None = to_keys
    match asked.trouble:
        case None:
            tone, act = "good", None
            said = _("%(where)s에서 키를 받아들였습니다.", where=asked.where)
        case "no_keys":
            said = _("REST API Key와 Secret이 없습니다.")
        case "bad_keys":
            said = _("키에 쓸 수 없는 글자가 있습니다.")
        case Why.IP:
            tone, act = "unknown", _again()
            said = _("포트원이 이 PC를 막아 키를 확인하지 못했습니다.")
        case why:
            said = _(SENTENCES[why])
            act = to_keys if why is Why.KEY else _again()
    if act is to_keys and facts.gateway.shop.practice:
        act = Act(word=_("연습 화면 열기"), endpoint="setup.practice")
    return Line(name="token", about=_("API 토큰"), tone=tone, said=said, act=act)


def _ip(asked: Asked) -> Line:
    about, act = _("IP 보안설정"), _again()
    if asked.trouble is None:
        said = _("지금은 이 PC를 받아들입니다. 허용 목록을 쓰는지는 여기서 알 수 없습니다.")
        return Line(name="ip", about=about, tone="good", said=said)
    if asked.trouble is Why.IP:
        return Line(name="ip", about=about, tone="bad", said=_(SENTENCES[Why.IP]), act=act)
    said = _("키를 확인하지 못해 IP가 막혔는지 알 수 없습니다.")
    return Line(name="ip", about=about, tone="unknown", said=said, act=act)


def _clock(asked: Asked) -> Line:
    about = _("시계")
    if asked.skew_s is None:
        said = _("포트원이 시각을 알려 주지 않아 비교하지 못했습니다.")
        return Line(name="clock", about=about, tone="unknown", said=said, act=_again())
    seconds = round(asked.skew_s)
    if abs(asked.skew_s) <= CLOCK_WARN_S:
        said = _("포트원과 %(seconds)s초 차이입니다.", seconds=seconds)
        return Line(name="clock", about=about, tone="good", said=said)
    said = _("포트원과 %(seconds)s초 차이이므로 PC의 시각을 자동으로 맞춰 주세요.", seconds=seconds)
    return Line(name="clock", about=about, tone="bad", said=said, act=_again())


def _channel(gateway: Gateway, channels: Channels | None) -> Line:
    about, choose = _("채널"), _to_gateway(_("채널 고르기"))

    def line(tone: Tone, said: str, act: Act | None = choose) -> Line:
        return Line(name="channel", about=about, tone=tone, said=said, act=act)

    shop = gateway.shop
    if not (shop.channel_key or shop.pg_mid):
        return line("warn", _("결제창을 열 채널을 아직 정하지 않았습니다."))
    if channels is None:
        return line("unknown", _("포트원에 채널을 물어보지 못했습니다."), _again())
    if not shop.channel_key:
        return _mid_only(shop.pg_mid, channels, line)
    found = channels.get(shop.channel_key)
    if found is None:
        return line("bad", _("정해 둔 채널이 포트원의 KSNET 채널 목록에 없습니다."))
    if not is_for_windows(found):
        return line("bad", _("정해 둔 채널은 결제창을 열지 못하는 API 결제용입니다."))
    if (found.sandbox, found.pg_id) != (shop.sandbox, shop.pg_mid):
        return line("bad", _("저장한 뒤 포트원에서 채널이 바뀌었으니 다시 골라 저장해 주세요."))
    return line(
        "good", _("포트원의 목록에 있는 결제창 채널입니다. %(name)s", name=_named(found)), None
    )


def _mid_only(mid: str, channels: Channels, line: _Draw) -> Line:
    if mid in {one.pg_id for one in channels.found}:
        said = _("채널키 없이 상점아이디로 열고 있으니 목록에서 채널을 골라 주세요.")
        return line("warn", said)
    return line("bad", _("정해 둔 상점아이디가 포트원의 KSNET 채널 목록에 없습니다."))


def _named(channel: Channel) -> str:
    return " · ".join(filter(None, (channel.channel_name, channel.pg_id)))


def _served(port: int | None, served: bool | None) -> Line:
    about = _("구매자 포트")
    if port is None or served is None:
        said = _("구매자 포트가 열려 있는지 여기서는 알 수 없습니다.")
        return Line(name="port", about=about, tone="unknown", said=said, act=_again())
    if not served:
        said = _("%(port)s번 포트가 응답하지 않으니 장부를 다시 시작해 주세요.", port=port)
        return Line(name="port", about=about, tone="bad", said=said, act=_again())
    said = _(
        "이 PC의 %(port)s번 포트가 열려 있습니다. 터널로도 열리는지는 알 수 없습니다.",
        port=port,
    )
    return Line(name="port", about=about, tone="good", said=said)


# -- what the shop knows by itself --------------------------------------------------------------


def known_lines(facts: Facts) -> list[Line]:
    """Everything that needs nobody's answer."""
    lines = [
        _mode(facts.gateway),
        _merchant_code(facts.gateway),
        _tax(facts.gateway),
        *_contracts(facts),
        _details(facts.gateway),
        _address(facts.gateway),
        _webhook(facts),
        _console(facts.gateway),
        _sync(facts),
        _lock(facts),
    ]
    return lines


def _mode(gateway: Gateway) -> Line:
    about, shop = _("모드"), gateway.shop
    if shop.practice:
        act = Act(word=_("실제로 시작하기"), endpoint="setup.go_live")
        said = _("연습 모드라 실제 돈은 움직이지 않습니다.")
        return Line(name="mode", about=about, tone="unknown", said=said, act=act)
    act = _to_gateway(_("채널 고르기"))
    if shop.sandbox:
        said = _("테스트 채널이라 결제해도 돈이 들어오지 않습니다.")
        return Line(name="mode", about=about, tone="warn", said=said, act=act)
    if not (shop.channel_key or shop.pg_mid):
        said = _("채널을 정하면 실연동인지 테스트인지 알 수 있습니다.")
        return Line(name="mode", about=about, tone="unknown", said=said, act=act)
    return Line(name="mode", about=about, tone="good", said=_("실연동 채널로 결제받습니다."))


def _merchant_code(gateway: Gateway) -> Line:
    about, shop = _("고객사 식별코드"), gateway.shop
    if shop.merchant_code:
        said = _(
            "%(code)s를 씁니다. 맞는 코드인지는 결제창이 열릴 때 알 수 있습니다.",
            code=shop.merchant_code,
        )
        return Line(name="merchant_code", about=about, tone="good", said=said)
    begun = bool(shop.channel_key or shop.pg_mid)
    return Line(
        name="merchant_code",
        about=about,
        tone="bad" if begun else "warn",
        said=_("식별코드가 없어 결제창을 열 수 없습니다."),
        act=_to_gateway(_("코드 입력하기")),
    )


def _tax(gateway: Gateway) -> Line:
    about, act = _("과세 설정"), Act(word=_("계약 고치기"), endpoint="setup.contract")
    answer = gateway.shop.contracts.get("contract_mixed_tax")
    if answer == "yes":
        said = _("상점아이디가 복합과세입니다.")
        return Line(name="tax", about=about, tone="good", said=said)
    if answer == "no":
        said = _(
            "상점아이디가 복합과세가 아니라 결제할 수 없으니 KSNET에 바꿔 달라고 하십시오. (K15)"
        )
        return Line(name="tax", about=about, tone="bad", said=said, act=act)
    said = _("상점아이디가 복합과세인지 KSNET에 확인해 주세요. (K15)")
    return Line(name="tax", about=about, tone="warn", said=said, act=act)


def _contracts(facts: Facts) -> list[Line]:
    about, act = _("KSNET 계약"), Act(word=_("계약 고치기"), endpoint="setup.contract")
    answers = {
        name: facts.gateway.shop.contracts.get(name)
        for name in facts.contracts
        if name != "contract_mixed_tax"
    }
    unknown = [facts.contracts[name] for name, answer in answers.items() if answer is None]
    without = [facts.contracts[name] for name, answer in answers.items() if answer == "no"]
    lines = []
    if unknown:
        said = _("계약에 있는지 모릅니다: %(items)s", items=", ".join(unknown))
        lines.append(Line(name="contract", about=about, tone="warn", said=said, act=act))
    if without:
        said = _("계약에 없어 쓰지 않습니다: %(items)s", items=", ".join(without))
        lines.append(
            Line(
                name="no_contract", about=_("계약에 없는 기능"), tone="unknown", said=said, act=act
            )
        )
    if not lines:
        said = _("모든 항목이 계약에 있습니다.")
        lines.append(Line(name="contract", about=about, tone="good", said=said))
    return lines


def _details(gateway: Gateway) -> Line:
    about, shop = _("가게 정보"), gateway.shop
    typed_here = {
        _("대표자명"): shop.ceo_name,
        _("가게 주소"): shop.address,
        _("가게 전화번호"): shop.phone,
    }
    elsewhere = {_("상호명"): shop.business_name, _("사업자등록번호"): shop.business_number}
    missing = [name for name, value in (elsewhere | typed_here).items() if not value]
    if not missing:
        said = _("바로 호출에 필요한 정보가 모두 있습니다.")
        return Line(name="details", about=about, tone="good", said=said)
    wallets = shop.contracts.get("contract_easy_pay") == "yes"
    here = any(name in typed_here for name in missing)
    return Line(
        name="details",
        about=about,
        tone="warn" if wallets else "unknown",
        said=_(
            "카드사·간편결제 바로 호출에 필요한 정보가 없습니다: %(items)s",
            items=", ".join(missing),
        ),
        act=_to_gateway(_("입력하기"), "details")
        if here
        else Act(word=_("입력하기"), endpoint="setup.shop"),
    )


def _address(gateway: Gateway) -> Line:
    about = _("공개 주소")
    if gateway.public_url:
        said = (
            _("%(url)s에서 웹훅과 컨펌을 받습니다.", url=gateway.public_url)
            if gateway.confirm_on
            else _("%(url)s에서 웹훅을 받습니다. 컨펌은 꺼져 있습니다.", url=gateway.public_url)
        )
        return Line(name="address", about=about, tone="good", said=said)
    said = _("공개 주소가 없어 결제 결과를 포트원에 직접 물어봅니다.")
    act = _to_gateway(_("주소 정하기"), "addresses")
    return Line(name="address", about=about, tone="unknown", said=said, act=act)


def _webhook(facts: Facts) -> Line:
    about = _("마지막 웹훅")
    act = Act(word=_("웹훅 목록"), endpoint="checkout.webhooks")

    def line(tone: Tone, said: str) -> Line:
        return Line(
            name="webhook", about=about, tone=tone, said=said, act=None if tone == "good" else act
        )

    found = facts.webhook
    if found is None:
        if facts.gateway.public_url:
            return line("warn", _("공개 주소가 있는데 아직 웹훅이 오지 않았습니다."))
        return line("unknown", _("아직 없음"))
    at = kst(found.at)
    if found.verdict in ("changed", "known"):
        return line("good", _("%(at)s에 받아 포트원에서 확인했습니다.", at=at))
    if found.verdict == "waiting":
        return line("unknown", _("%(at)s에 받아 포트원에서 확인하는 중입니다.", at=at))
    return line("warn", _("%(at)s에 받은 것은 포트원의 값과 맞지 않아 쓰지 않았습니다.", at=at))


def _console(gateway: Gateway) -> Line:
    about = _("콘솔의 웹훅 주소")
    act = Act(word=_("설명 보기"), endpoint="help.index", anchor="gateway")
    if gateway.public_url:
        said = _("다른 곳에서 받은 결제도 바로 알려면 콘솔에 같은 웹훅 주소를 넣어 주세요.")
    else:
        said = _("공개 주소가 없으니 콘솔에 웹훅 주소를 넣지 않아도 됩니다.")
    return Line(name="console", about=about, tone="unknown", said=said, act=act)


def _sync(facts: Facts) -> Line:
    about, act = _("마지막 동기화"), Act(word=_("동기화 보기"), endpoint="sync.progress")

    def line(tone: Tone, said: str) -> Line:
        return Line(
            name="sync", about=about, tone=tone, said=said, act=None if tone == "good" else act
        )

    sync = facts.sync
    if sync.state == "failed":
        return line("bad", _("포트원의 결제를 가져오지 못했습니다."))
    if sync.done_at is None:
        if sync.state:
            return line("unknown", _("처음으로 결제를 가져오는 중입니다."))
        return line("warn", _("포트원의 결제를 아직 가져오지 않았습니다."))
    said = _("%(ago)s에 끝났습니다.", ago=ago(sync.done_at, facts.now))
    return line("good" if facts.now - sync.done_at <= SYNC_WARN_S else "warn", said)


def _lock(facts: Facts) -> Line:
    about = _("환불 잠금")
    if not facts.refunds_locked:
        return Line(name="lock", about=about, tone="good", said=_("환불을 보낼 수 있습니다."))
    said = _("환불이 잠겨 있고, 포트원의 결제를 다시 다 읽으면 풀립니다.")
    act = Act(word=_("동기화 보기"), endpoint="sync.progress")
    return Line(name="lock", about=about, tone="bad", said=said, act=act)
