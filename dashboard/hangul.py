"""Hangul as it is typed: initials alone (``ㅎㅂ``), and syllables that are not finished yet."""

from __future__ import annotations

import unicodedata

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"  # in the order of the syllables
FINALS = (  # in the order of the syllables, as they are typed
    "ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ"
    " ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ"
).split()
_FIRST, _LAST = ord("가"), ord("힣")
_PER_VOWEL = len(FINALS) + 1
_PER_INITIAL = 21 * _PER_VOWEL
_LEADING = 0x1100  # what NFKC makes of ㄱ, and so on in the same order


def initial(letter: str) -> str:
    """``홍`` → ``ㅎ``, and so the ``ㅎ`` that NFKC makes; "" for what has no Korean initial."""
    code = ord(letter)
    if _FIRST <= code <= _LAST:
        return INITIALS[(code - _FIRST) // _PER_INITIAL]
    return INITIALS[code - _LEADING] if 0 <= code - _LEADING < len(INITIALS) else ""


def initials(text: str) -> str:
    """``환불 목록 A1`` → ``ㅎㅂ ㅁㄹ A1``."""
    return "".join(initial(letter) or letter for letter in text)


def matches(text: str, typed: str) -> bool:
    """Whether ``text`` holds what was typed so far, spaces and case aside.

    A single consonant stands for every syllable that begins with it, and the last syllable may be
    under way: ``화`` is on the way to ``환``, ``동`` to ``도움``.
    """
    letters, wanted = _plain(text), _plain(typed)
    return _holds(letters, wanted) or any(_holds(letters, one) for one in _borrowed(wanted))


def _holds(letters: str, wanted: str) -> bool:
    return any(
        all(_fits(letters[start + at], one, at == len(wanted) - 1) for at, one in enumerate(wanted))
        for start in range(len(letters) - len(wanted) + 1)
    )


def _fits(letter: str, typed: str, last: bool) -> bool:
    if letter == typed or initial(letter) == typed:
        return True
    parts = unicodedata.normalize("NFD", typed)
    return last and len(parts) > 1 and unicodedata.normalize("NFD", letter).startswith(parts)


def _borrowed(typed: str) -> list[str]:
    """``동`` → ``도ㅇ``, ``않`` → ``안ㅎ``: the last syllable holds the next one's initial."""
    place = ord(typed[-1]) - _FIRST if typed else -1
    final = place % _PER_VOWEL
    if not 0 <= place <= _LAST - _FIRST or not final:
        return []
    kept, following = FINALS[final - 1][:-1], FINALS[final - 1][-1]
    syllable = chr(_FIRST + place - final + (FINALS.index(kept) + 1 if kept else 0))
    return [typed[:-1] + syllable + following]


def _plain(text: str) -> str:
    # Not NFKC: it would turn a typed ㅎ into the one that only stands inside syllables.
    return "".join(unicodedata.normalize("NFC", text).casefold().split())
