"""Checks unified social credit codes (GB 32100-2015) with the organisation code inside (GB 11714)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from marketplace.errors import RefusedError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18
_WEIGHTS = tuple(pow(3, place, 31) for place in range(_LENGTH - 1))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_IGNORED = re.compile(r"[\s\u200b\ufeff-]")


class CreditCodeError(RefusedError, ValueError):
    """The text is no unified social credit code; the message is one Chinese sentence."""


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A code whose check characters are right; that the body exists is not said."""

    code: str
    division_code: str
    organisation_code: str


def check_credit_code(text: str) -> CreditCode:
    """Return the code in capital half-width letters, with its division and organisation code.

    Raises CreditCodeError naming the first thing that is wrong.
    """
    code = _normalised(text)
    fault = _fault(code)
    if fault:
        raise CreditCodeError(fault)
    return CreditCode(code, code[2:8], f"{code[8:16]}-{code[16]}")


def credit_code_fault(text: str) -> str | None:
    """Return the Chinese sentence that says what is wrong with the code, None when nothing is."""
    return _fault(_normalised(text)) or None


def organisation_check_character(body: str) -> str:
    """Return the ninth character of an organisation code for its first eight (GB 11714)."""
    values = map(_ORGANISATION_ALPHABET.index, body)
    total = sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def credit_check_character(body: str) -> str:
    """Return the eighteenth character of a credit code for its first seventeen (GB 32100-2015)."""
    values = map(ALPHABET.index, body)
    total = sum(value * weight for value, weight in zip(values, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def _normalised(text: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()


def _fault(code: str) -> str:
    if len(code) != _LENGTH:
        return f"统一社会信用代码有 {len(code)} 位；应为 {_LENGTH} 位。"
    for place, character in enumerate(code, 1):
        if character not in ALPHABET:
            return (
                f"统一社会信用代码第 {place} 位是“{character}”；"
                "只能用数字和除 I、O、S、V、Z 以外的大写字母（注意 0 与 O、1 与 I、2 与 Z、5 与 S）。"
            )
    if not code[2:8].isdigit():
        return f"统一社会信用代码第 3～8 位是“{code[2:8]}”；应为 6 位数字的行政区划码。"
    if code[16] != organisation_check_character(code[8:16]):
        return f"统一社会信用代码第 17 位（组织机构代码校验位）是“{code[16]}”，与前面各位不符；请核对第 9～17 位。"
    if code[17] != credit_check_character(code[:17]):
        return f"统一社会信用代码第 18 位（校验位）是“{code[17]}”，与前面各位不符；请核对全部 18 位。"
    return ""
