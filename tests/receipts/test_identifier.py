"""식별번호: what is read, what is refused, and that no error shows a number (SEC-54)."""

import re
import traceback
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.business_number import is_business_number
from dashboard.receipts.identifier import (
    SELF_ISSUE,
    TYPES,
    BadIdentifier,
    Identifier,
    clean,
    fingerprint,
    is_unusual,
    read,
)

BUSINESS = "1178178260"
CARD = "9445567856785678"
FULL_WIDTH = str.maketrans("0123456789-()+", "０１２３４５６７８９－（）＋")
SEPARATORS = (
    "",
    "",
    "",
    "-",
    " ",
    ".",
    "\u3000",
    "\u2013",
    "\u2212",
    "\uff0d",
    "\u200b",
    "--",
    "  ",
)


def why(typed, identifier_type="", **how):
    with pytest.raises(BadIdentifier) as caught:
        read(typed, identifier_type, **how)
    return caught.value.why


@pytest.mark.parametrize(
    ("typed", "identifier_type", "digits"),
    [
        ("010-1234-5678", "phone", "01012345678"),
        ("01012345678", "phone", "01012345678"),
        ("(010) 1234.5678", "phone", "01012345678"),
        ("０１０－１２３４－５６７８", "phone", "01012345678"),
        ("011-234-5678", "phone", "0112345678"),
        ("+82 10 1234 5678", "phone", "01012345678"),
        ("+82-(0)10-1934-5678", "phone", "01019345678"),
        ("82-10-1234-5678", "phone", "01012345678"),
        ("＋８２ 11 234 5678", "phone", "0112345678"),
        ("117-81-78260", "business", BUSINESS),
        (" 117 81 78260 ", "business", BUSINESS),
        ("9445-5678-5678-5678", "taxcard", CARD),
        ("9" * 13, "taxcard", "9" * 13),
        ("9" * 19, "taxcard", "9" * 19),
    ],
)
def test_the_kind_is_told_by_the_form(typed, identifier_type, digits):
    wanted = Identifier(identifier_type=identifier_type, digits=digits)
    assert read(typed) == wanted
    assert read(typed, identifier_type) == wanted


@pytest.mark.parametrize(
    ("typed", "identifier_type", "wanted"),
    [
        ("", "", "empty"),
        (" - ", "phone", "empty"),
        ("010-1234-567a", "", "letters"),
        ("9.44512345678901E+15", "", "letters"),
        ("٠١٠١٢٣٤٥٦٧٨", "", "letters"),
        ("010-1234-56789", "", "phone"),
        ("010-123-456", "", "phone"),
        ("02-123-4567", "phone", "phone"),
        (BUSINESS, "phone", "phone"),
        ("117-81-78261", "", "business"),
        ("010-1234-5678", "business", "business"),
        ("0112345678", "business", "business"),
        ("12345", "", "length"),
        ("9" * 12, "taxcard", "length"),
        ("9" * 20, "", "length"),
        ("010-1234-5678", "taxcard", "length"),
    ],
)
def test_what_is_no_number_of_its_kind_is_refused(typed, identifier_type, wanted):
    assert why(typed, identifier_type) == wanted


@pytest.mark.parametrize(
    "typed",
    [
        "900101-1234567",
        "9001011234567",
        "900101 - 1234567",
        "900101-----1234567",
        "9 0 0 1 0 1 1 2 3 4 5 6 7",
        "９００１０１－１２３４５６７",
        "900101\u22121234567",
        "900101\u200b1234567",
        "(900101) (8234567)",
        "𝟗𝟎𝟎𝟏𝟎𝟏-𝟏𝟐𝟑𝟒𝟓𝟔𝟕",
        "12 9001011234567",
        "²9001011234567",
        "²900101 -- 1234567",
        "900101-1234567 / 010-1234-5678",
        "주민번호 900101-1234567",
        "+82 010-1234-5678",  # 820101-2345678 could be somebody
    ],
)
@pytest.mark.parametrize("identifier_type", ["", *TYPES])
@pytest.mark.parametrize("self_issue", [False, True])
def test_a_resident_number_is_refused_as_whatever(typed, identifier_type, self_issue):
    assert why(typed, identifier_type, self_issue=self_issue) == "resident"


def test_an_unknown_kind_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="^unknown identifier_type$"):
        read("9001011234567", "person")


@pytest.mark.parametrize("typed", ["", " ", "010-000-1234", "0100001234", "+82 10 000 1234"])
def test_self_issue_is_chosen_never_typed_by_accident(typed):
    issued = read(typed, self_issue=True)
    assert issued == Identifier(identifier_type="phone", digits=SELF_ISSUE)
    assert issued.is_self_issue
    if clean(typed):
        for identifier_type in ("", *TYPES):
            assert why(typed, identifier_type) == "self_issue"


@pytest.mark.parametrize("typed", ["010-1234-5678", BUSINESS, "x", CARD])
def test_self_issue_has_no_other_number(typed):
    assert why(typed, self_issue=True) == "self_issue"


def test_what_is_usual():
    phone, business, card = read("01012345678"), read(BUSINESS), read(CARD)
    assert [one.usual_type for one in (phone, business, card)] == ["person", "company", "person"]
    assert not phone.is_self_issue
    assert phone.last4 == "5678"
    assert [is_unusual(one, "person") for one in (phone, business, card)] == [False, True, False]
    assert [is_unusual(one, "company") for one in (phone, business, card)] == [True, False, True]


def test_a_fingerprint_hangs_on_number_kind_and_key():
    same = fingerprint(read("010-1234-5678"), b"k")
    assert same == fingerprint(read("+82 10 1234 5678"), b"k")
    assert re.fullmatch("[0-9a-f]{64}", same)
    others = (
        fingerprint(read("010-1234-5679"), b"k"),
        fingerprint(Identifier(identifier_type="taxcard", digits="01012345678"), b"k"),
        fingerprint(read("010-1234-5678"), b"l"),
    )
    assert len({same, *others}) == 4


def spaced(data, digits):
    """The digits with anything between them that people, phones and web pages put there."""
    parts = data.draw(st.lists(st.sampled_from(SEPARATORS), min_size=21, max_size=21))
    text = "".join(part + digit for part, digit in zip(parts, digits, strict=False)) + parts[20]
    return text.translate(FULL_WIDTH) if data.draw(st.booleans()) else text


phones = st.from_regex(r"01[016789][0-9]{7,8}", fullmatch=True).filter(
    lambda digits: digits != SELF_ISSUE
)
businesses = st.from_regex(r"[1-9][0-9]{9}", fullmatch=True).map(
    lambda stem: next(
        (number for end in range(10) if is_business_number(number := f"{stem[:9]}{end}")), BUSINESS
    )
)
cards = st.text("56789", min_size=13, max_size=19)  # no month of a birthday in it


@given(data=st.data(), digits=st.one_of(phones, businesses, cards))
def test_however_a_number_is_typed_it_reads_the_same(data, digits):
    assert read(spaced(data, digits)) == read(digits)
    assert read(digits).digits == digits


residents = st.from_regex(
    r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[1-8][0-9]{6}", fullmatch=True
)
around = st.text(max_size=8).map(lambda text: text if not text[-1:].isdecimal() else f"{text} ")


@given(
    data=st.data(),
    digits=residents,
    before=around,
    after=st.text(max_size=8).filter(lambda text: not text[:1].isdecimal()),
    identifier_type=st.sampled_from(["", *TYPES]),
    self_issue=st.booleans(),
)
def test_no_text_with_a_resident_number_is_taken(
    data, digits, before, after, identifier_type, self_issue
):
    between = "".join(data.draw(st.lists(st.sampled_from(SEPARATORS), max_size=5)))
    number = f"{digits[:6]}{between}{digits[6:]}"
    if data.draw(st.booleans()):
        number = number.translate(FULL_WIDTH)
    typed = f"{before}{number}{after}"
    why(typed, identifier_type, self_issue=self_issue)
    assert why(spaced(data, digits), identifier_type, self_issue=self_issue) == "resident"


@given(data=st.data(), digits=st.text("0123456789", min_size=4, max_size=20))
def test_no_digits_in_what_errors_and_objects_say(data, digits):
    typed = spaced(data, digits)
    try:
        said = repr(read(typed)) + str(read(typed))
    except BadIdentifier as error:
        said = str(error) + repr(error) + "".join(traceback.format_exception_only(error))
        assert error.__cause__ is None and error.__context__ is None
    assert not any(char.isdigit() for char in unicodedata.normalize("NFKC", said))
