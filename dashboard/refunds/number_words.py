"""Won in Korean words, as on a cheque: 120000 is 일십이만원. Pure."""

from __future__ import annotations

_DIGITS = "영일이삼사오육칠팔구"
_TENS = ("", "십", "백", "천")
_MYRIADS = ("", "만", "억", "조", "경")
MOST = 10 ** (4 * len(_MYRIADS)) - 1


def won_in_words(amount: int) -> str:
    """``일십이만원`` for 120000; every 일 is written, so that nothing can be put in front.

    :param amount: won, 0 to ``MOST``
    :raise ValueError: below or above that
    """
    if not 0 <= amount <= MOST:
        raise ValueError(f"{amount} won has no words here")
    words = []
    for myriad in _MYRIADS:
        amount, four = divmod(amount, 10_000)
        if four:
            words.append(_below_a_myriad(four) + myriad)
    return ("".join(reversed(words)) or _DIGITS[0]) + "원"


def _below_a_myriad(number: int) -> str:
    return "".join(
        _DIGITS[int(digit)] + _TENS[3 - place]
        for place, digit in enumerate(f"{number:04d}")
        if digit != "0"
    )
