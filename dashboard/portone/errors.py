"""What can go wrong with a call to PortOne: one family, one class per reaction."""

from __future__ import annotations

from enum import StrEnum


def N_(text: str) -> str:
    """Mark a sentence for the message catalogue; pages translate it when they show it."""
    return text


class Why(StrEnum):
    """What stood behind an error, for pages that can say what to do about it."""

    SAID_NO = "said_no"  # PortOne's own words are in user_message
    NO_CONNECTION = "no_connection"  # refused, unknown name, connect timeout
    NOT_SECURE = "not_secure"  # TLS failed: wrong clock, antivirus, somebody in between
    ADDRESS = "address"  # the name leads to an address we never talk to (SEC-46)
    NO_TIME = "no_time"  # the deadline left no room to start
    NO_ANSWER = "no_answer"  # closed, reset, cut off, timed out
    BROKEN_ANSWER = "broken_answer"
    TOO_LARGE = "too_large"
    LOGIN_PAGE = "login_page"  # HTML instead of an answer: a hotel's or a cafe's login page
    REDIRECT = "redirect"
    SERVER_ERROR = "server_error"  # 5xx
    TOO_MANY = "too_many"  # 429
    KEY = "key"  # 401
    IP = "ip"  # 403
    NOT_FOUND = "not_found"
    OTHER_PAYMENT = "other_payment"  # the answer is about something we did not ask for


SENTENCES: dict[Why, str] = {
    Why.SAID_NO: N_("포트원이 요청을 거절했습니다."),
    Why.NO_CONNECTION: N_("포트원에 연결하지 못했습니다. 인터넷 연결을 확인해 주세요."),
    Why.NOT_SECURE: N_(
        "포트원과 보안 연결을 하지 못했습니다. PC의 시계와 백신 프로그램을 확인해 주세요."
    ),
    Why.ADDRESS: N_("포트원 주소가 허용되지 않은 곳을 가리켜 연결하지 않았습니다."),
    Why.NO_TIME: N_("제한 시간이 지나 포트원에 요청을 보내지 않았습니다."),
    Why.NO_ANSWER: N_("포트원의 응답을 받지 못했습니다."),
    Why.BROKEN_ANSWER: N_("포트원의 응답을 읽을 수 없습니다."),
    Why.TOO_LARGE: N_("포트원의 응답이 너무 큽니다."),
    Why.LOGIN_PAGE: N_(
        "포트원 대신 웹페이지가 응답했습니다. "
        "인터넷 로그인(와이파이 인증)이 필요한지 확인해 주세요."
    ),
    Why.REDIRECT: N_(
        "포트원이 아닌 다른 주소로 넘기는 응답을 받았습니다. "
        "인터넷 로그인(와이파이 인증)이 필요한지 확인해 주세요."
    ),
    Why.SERVER_ERROR: N_("포트원 서버에 오류가 있습니다. 잠시 뒤에 다시 확인해 주세요."),
    Why.TOO_MANY: N_("포트원에 요청이 너무 많습니다. 잠시 뒤에 다시 확인해 주세요."),
    Why.KEY: N_("API 키 확인이 필요합니다. 포트원이 REST API Key 또는 Secret을 거절했습니다."),
    Why.IP: N_(
        "포트원이 이 PC의 접속을 거절했습니다. "
        "포트원 콘솔의 IP 보안설정에 이 PC의 IP를 추가해 주세요."
    ),
    Why.NOT_FOUND: N_("포트원에서 찾을 수 없습니다."),
    Why.OTHER_PAYMENT: N_("포트원이 요청하지 않은 다른 건의 내용을 보냈습니다."),
}


class PortOneError(Exception):
    """Every failed call.

    :ivar code: PortOne's ``code``, None when no whole answer came
    :ivar http_status: HTTP status, None when none came
    :ivar user_message: PortOne's words, one line, without our secrets; else our Korean sentence,
        which is a message of the catalogue
    :ivar why: what stood behind it
    :ivar retry_after: seconds PortOne asks a reader to wait, when it said so
    :ivar nothing_asked: proven: the call itself never went out

    ``str()`` and ``repr()`` leave the message out: a gateway's words may name a buyer, and logs
    must not (SEC-51).
    """

    def __init__(
        self,
        code: int | None = None,
        http_status: int | None = None,
        user_message: str = "",
        *,
        why: Why = Why.SAID_NO,
    ) -> None:
        super().__init__(f"why={why} http_status={http_status} code={code}")
        self.code = code
        self.http_status = http_status
        self.user_message = user_message or SENTENCES[why]
        self.why = why
        self.retry_after: float | None = None
        self.nothing_asked = False


class PortOneRejected(PortOneError):
    """PortOne said no. After a write, read back before believing it."""


class PortOneOutcomeUnknown(PortOneError):
    """No answer that can be believed. After a write money may have moved: read back."""


class PortOneNotSent(PortOneError):
    """Proven: nothing was asked of PortOne. Trying again is safe."""

    def __init__(
        self,
        code: int | None = None,
        http_status: int | None = None,
        user_message: str = "",
        *,
        why: Why = Why.SAID_NO,
    ) -> None:
        super().__init__(code, http_status, user_message, why=why)
        self.nothing_asked = True


class PortOneNotFound(PortOneError):
    """PortOne does not know it; also a test-channel payment that was asked for as a live one."""


class PortOneNotAuthorised(PortOneError):
    """The key is wrong (``why`` KEY) or this PC's address is not on the shop's list (IP)."""


class PortOneRateLimited(PortOneError):
    """A read was refused for asking too often, and kept being refused."""
