"""Hangul as it is typed: initials alone (``ㅎㅂ``), and syllables that are not finished yet."""

from __future__ import annotations

import unicodedata

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST, _LAST = ord("가"), ord("힣")
_PER_INITIAL = 21 * 28


def initial(character: str) -> str:
    """``환`` → ``ㅎ``; anything else stays as it is."""
    place = ord(character) - _FIRST
    return INITIALS[place // _PER_INITIAL] if 0 <= place <= _LAST - _FIRST else character


def initials(text: str) -> str:
    """``환불 목록`` → ``ㅎㅂ ㅁㄹ``."""
    return "".join(map(initial, text))


def matches(text: str, typed: str) -> bool:
    """Whether ``text`` holds what was typed so far, spaces and case aside.

    A single consonant stands for every syllable that begins with it, and the last syllable may be
    under way: ``화`` is on the way to ``환``.
    """
    letters, wanted = _plain(text), _plain(typed)
    return any(
        all(_fits(letters[start + at], one, at == len(wanted) - 1) for at, one in enumerate(wanted))
        for start in range(len(letters) - len(wanted) + 1)
    )


def _fits(letter: str, typed: str, last: bool) -> bool:
    if letter == typed or initial(letter) == typed:
        return True
    parts = unicodedata.normalize("NFD", typed)
    return last and len(parts) > 1 and unicodedata.normalize("NFD", letter).startswith(parts)


def _plain(text: str) -> str:
    # Not NFKC: it would turn a typed ㅎ into the one that only stands inside syllables.
    return "".join(unicodedata.normalize("NFC", text).casefold().split())
