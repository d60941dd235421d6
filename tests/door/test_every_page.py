"""What holds for every page there is, whatever somebody typed into it."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest

from dashboard import settings
from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from tests.conftest import START
from tests.door.conftest import make_payment_like
from tests.door.payloads import LINKS, SQL, XSS
from tests.door.routes import routes
from tests.orders.payments import cancel, make_payment

LINKING = {"href", "src", "action", "formaction", "poster", "data", "srcset", "cite", "background"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.words, self._inside = [], [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._inside = tag

    def handle_endtag(self, _tag):
        self._inside = None

    def handle_data(self, data):
        self.words.append(data)
        assert self._inside not in {"script", "style"} or not data.strip(), data

    @property
    def shape(self):
        """How often each element with each set of attribute names stands on the page."""
        return Counter((tag, tuple(sorted(names))) for tag, names in self.elements)

    @property
    def targets(self):
        """Every address that the page leads to or loads."""
        return [
            value
            for _tag, attributes in self.elements
            for name, value in attributes.items()
            if name in LINKING and value is not None
        ]


def check(page, *, of):
    """SEC-11: nothing inline, nothing from elsewhere."""
    for tag, attributes in page.elements:
        for name in attributes:
            assert not name.startswith("on"), f"{of}: {tag} {name}"
            assert name not in {"style", "srcdoc"}, f"{of}: {tag} {name}"
        assert tag not in {"style", "base", "iframe", "object", "embed"}, of
        assert tag != "script" or attributes.get("src", "").startswith("/assets/"), of
        assert tag != "meta" or attributes.get("http-equiv") in {None, "refresh"}, of
        if attributes.get("http-equiv") == "refresh":  # without a script a page asks again
            assert re.fullmatch(r"\d+", attributes["content"]), of
        if attributes.get("target") == "_blank":
            assert "noopener" in attributes.get("rel", ""), of
    for target in page.targets:
        parts = urlsplit(target)
        assert parts.scheme in {"", "https", "tel", "mailto"}, f"{of}: {target}"
        assert parts.scheme or target.startswith(("/", "#", "?")), f"{of}: {target}"
        assert not target.startswith("//"), f"{of}: {target}"
    loaded = [
        attributes.get("src") or attributes.get("href")
        for tag, attributes in page.elements
        if tag in {"script", "link", "img", "use", "source", "video", "audio", "input"}
    ]
    for address in filter(None, loaded):
        assert address.startswith(("/assets/", "data:image/")), f"{of}: {address}"


def html(answer):
    return Page(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None


@pytest.mark.parametrize("role", ["stranger", "viewer", "owner"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_inline_and_nothing_from_elsewhere(shop, client_as, role, language):
    """SEC-11."""
    browser = shop.test_client() if role == "stranger" else client_as(role)
    browser.send("/language", {"language": language}, page="/sign-in/forgotten")
    seen = 0
    for number in range(1, 9):
        for route in routes(shop, "GET", order_id=number):
            if number == 1 or "order_id" in route.rule:
                for headers in ({}, {"X-Fragment": "1"}):
                    page = html(browser.get(route.path, headers=headers))
                    if page is not None:
                        seen += 1
                        check(page, of=route)
    for page in (browser.get("/no-such-page"), browser.get("/sign-out")):
        check(html(page), of="error page")
    assert seen > 5


def hostile(text, number):
    """A payment whose every text that a buyer, a PG or PortOne fills in is ``text``."""
    texts = (
        "name", "buyer_name", "buyer_email", "buyer_tel", "buyer_addr", "buyer_postcode",
        "custom_data", "user_agent", "card_name", "card_number", "apply_num", "pg_provider",
        "emb_pg_provider", "pg_id", "pg_tid", "fail_reason", "cancel_reason", "vbank_name",
        "vbank_num", "vbank_holder", "bank_name", "channel", "pay_method", "customer_uid",
    )  # fmt: skip
    entry = cancel(1_000, reason=text, pg_tid=text)
    changes = dict.fromkeys(texts, text) | {"cancel_history": [entry], "cancel_amount": 1_000}
    return make_payment_like(make_payment(**changes), number)


def fill(db, text, number):
    """Put ``text`` wherever a row holds text; answers the order's id."""
    with write(db):
        applied = apply_payment(db, hostile(text, number), source="sync", now=START)
        later = type(hostile(text, number)).from_json(
            hostile(text, number).raw | {"cancel_amount": 2_000, "name": f"{text}!"}
        )
        apply_payment(db, later, source="live", now=START + 1)
        db.table("notes").insert(
            {"order_id": applied.order_id, "person_id": 1, "text": text, "created_at": START}
        )
        db.conn.execute("UPDATE people SET name = ? WHERE id = 3", (text,))
        settings.put(db, "shop_name", text)
    return applied.order_id


def of_order(browser, shop, order_id, text):
    """The pages that a buyer's, a colleague's or one's own typing reaches first."""
    pages = {
        "order": browser.get(f"/orders/{order_id}"),
        "revealed": browser.send(f"/orders/{order_id}/reveal"),
        "note": browser.send(f"/orders/{order_id}/notes", {"text": text + "x" * 5_000}),
        "people": browser.send("/people", {"name": text, "role": text, "password": ""}),
        "sign in": shop.test_client().send("/sign-in", {"name": text, "password": ""}),
        "search": browser.get(f"/orders?{urlencode({'q': text})}"),
    }
    return {name: html(answer) for name, answer in pages.items()}


def everywhere(browser, shop):
    """Every page of the product."""
    pages = {str(route): html(browser.get(route.path)) for route in routes(shop, "GET")}
    return {name: page for name, page in pages.items() if page is not None}


def test_typed_text_stays_text(shop, client, db):
    """SEC-36: no payload adds an element, an attribute or an address to any page."""
    for number in range(1_000, 1_060):  # so many that the list has a second page
        order_id = fill(db, f"보통 글 {number}", number)
    plain = of_order(client, shop, order_id, "보통 글") | everywhere(client, shop)
    for text in ("nokey:x", "status:x", "-x", "x"):  # what the search box has to say about a text
        plain[text] = html(client.get(f"/orders?{urlencode({'q': text})}"))
    known = set().union(*(page.shape for page in plain.values()))
    for number, payload in enumerate(XSS, 2_000):
        pages = of_order(client, shop, fill(db, payload, number), payload)
        if number % 9 == 0:
            pages |= everywhere(client, shop)
        for name, page in pages.items():
            check(page, of=f"{name}: {payload}")
            assert set(page.shape) <= known, f"{name}: {payload}"
            assert "1337" not in "".join(page.words), f"{name}: {payload}"  # 7 * 191


def test_only_https_links_lead_to_a_slip(shop, client, db):
    """SEC-36: PortOne's word for an address is no reason to follow it."""
    for number, link in enumerate(LINKS, 2_000):
        raw = make_payment(receipt_url=link).raw
        raw["cancel_history"] = [cancel(1_000, receipt_url=link)]
        raw["cancel_amount"] = 1_000
        payment = make_payment_like(type(make_payment()).from_json(raw), number)
        with write(db):
            order_id = apply_payment(db, payment, source="sync", now=START).order_id
        page = html(client.get(f"/orders/{order_id}"))
        check(page, of=link)
        hosts = {urlsplit(target).netloc for target in page.targets}
        assert hosts <= {""} or link.startswith("https://"), link
        assert not [target for target in page.targets if "evil" in target or "alert" in target]


def arguments(browser, shop):
    """The names that forms and links of the product put into a query."""
    names = {"q", "next", "token", "page", "sort", "order", "cursor", "state", "from", "to"}
    for route in routes(shop, "GET"):
        answer = browser.get(route.path)
        if (page := html(answer)) is None:
            continue
        inside = False
        for tag, attributes in page.elements:
            if tag == "form":
                inside = attributes.get("method", "get").lower() == "get"
            elif inside and tag in {"input", "select", "button"} and attributes.get("name"):
                names.add(attributes["name"])
        for target in page.targets:
            names |= {pair.split("=")[0] for pair in urlsplit(target).query.split("&") if pair}
    return sorted(names)


def test_no_query_breaks_a_page(shop, client, db):
    """SEC-38: quotes and operators are text to look for, in every argument of every page."""
    people, names = db.table("people").count, arguments(client, shop)
    for number, route in enumerate(routes(shop, "GET")):
        if route.endpoint != "assets" and not route.has_id:
            reads = route.endpoint.endswith((".index", ".summary"))
            for value in SQL if reads else SQL[number % 4 :: 4]:  # most read no argument at all
                query = urlencode(dict.fromkeys(names, value))
                answer = client.get(f"{route.path}?{query}")
                assert answer.status_code < 500, f"{route}: {value!r}"
    assert db.table("people").count == people


@pytest.mark.parametrize("path", ["/orders", "/orders/summary"])
def test_no_argument_of_the_list_breaks_it(shop, client, path):
    """SEC-38: each by itself, so that none hides behind the refusal of another."""
    for name in arguments(client, shop):
        for value in SQL[::3]:
            assert client.get(f"{path}?{urlencode({name: value})}").status_code < 500, (name, value)


@pytest.mark.parametrize(
    "text", [text for text in SQL if len(text) > 3 and re.search("[^0-9-]", text)]
)
def test_operators_find_nothing_that_is_not_there(shop, client, text):
    """SEC-38: the search looks for the text as typed, whatever it means to FTS5 or LIKE."""
    page = client.get(f"/orders?{urlencode({'q': text, 'summary': '1'})}").get_data(as_text=True)
    assert '/orders/1"' not in page


def test_twice_the_same_argument_breaks_nothing(shop, client):
    """SEC-31: which of two values counts must never be a matter of luck."""
    for route in routes(shop, "GET"):
        lists = route.endpoint in ("orders.index", "orders.summary")
        for name in arguments(client, shop) if lists else ("next",):
            assert client.get(f"{route.path}?{name}=1&{name}=2").status_code < 500
