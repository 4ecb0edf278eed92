"""Unified social credit codes: alphabet, both check characters, and how they are written."""

from __future__ import annotations

import random

import pytest

from marketplace.errors import RefusedError
from marketplace.taxonomies import check_credit_code, credit_code_fault
from marketplace.taxonomies.credit_code import ALPHABET, credit_check_character, organisation_check_character


def make_credit_code(body: str, head: str = "91420115") -> str:
    """Return a right code of an eight-character organisation body."""
    start = head + body + organisation_check_character(body)
    return start + credit_check_character(start)


# Computed on paper: the organisation code sums to 413 = 37×11 + 6, so its check is 11 − 6 = 5;
# the whole sums to 1632 = 52×31 + 20, so the last stands for 31 − 20 = 11, the letter B.
KNOWN = "91420115MA4K12345B"


def test_check_characters_agree_with_a_second_way_of_computing_them():
    chance = random.Random(20)
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for _ in range(300):
        body = "".join(chance.choices(ALPHABET, k=8))
        code = make_credit_code(body)
        # A right code makes the weighted sum with its check character divisible.
        check = 10 if code[16] == "X" else int(code[16])
        weights = (3, 7, 9, 10, 5, 8, 4, 2, 1)
        values = [*map(letters.index, body), check]
        assert sum(weight * value for weight, value in zip(weights, values, strict=True)) % 11 == 0
        remainder = 0
        for character in reversed(code[:17]):
            remainder = (remainder * 3 + ALPHABET.index(character)) % 31
        assert (remainder + ALPHABET.index(code[17])) % 31 == 0
        assert credit_code_fault(code) is None


def test_right_code_is_given_with_its_parts():
    found = check_credit_code(KNOWN)
    assert found.code == KNOWN == make_credit_code("MA4K1234")
    assert found.division_code == "420115"
    assert found.organisation_code == "MA4K1234-5"


@pytest.mark.parametrize(
    "written",
    [
        KNOWN.lower(),
        "".join(chr(ord(character) + 0xFEE0) for character in KNOWN),
        f"　{KNOWN[:8]} {KNOWN[8:]}\n",
        f"{KNOWN[:8]}-{KNOWN[8:16]}－{KNOWN[16:]}",
        f"\ufeff{KNOWN}\u200b",
    ],
)
def test_ways_of_writing_one_code(written):
    assert check_credit_code(written).code == KNOWN
    assert credit_code_fault(written) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "有 0 位；应为 18 位"),
        (KNOWN[:-1], "有 17 位"),
        (KNOWN + "0", "有 19 位"),
        (KNOWN[:8] + "I" + KNOWN[9:], "第 9 位是“I”"),
        ("O" + KNOWN[1:], "第 1 位是“O”"),
        (KNOWN[:9] + "企" + KNOWN[10:], "第 10 位是“企”"),
        (KNOWN[:2] + "A" + KNOWN[3:], "第 3～8 位是“A20115”"),
        (KNOWN[:17] + "0", "第 18 位（校验位）是“0”"),
        (KNOWN[:8] + "MA4K1243" + KNOWN[16:], "第 17 位（组织机构代码校验位）"),
        ("92" + KNOWN[2:], "第 18 位（校验位）"),
    ],
)
def test_wrong_code_is_refused_saying_where(written, said):
    assert said in (credit_code_fault(written) or "")
    with pytest.raises(ValueError, match="统一社会信用代码") as caught:
        check_credit_code(written)
    assert isinstance(caught.value, RefusedError)
    assert str(caught.value) == credit_code_fault(written)


def test_one_wrong_or_swapped_character_is_always_noticed():
    for place in range(18):
        for other in set(ALPHABET) - {KNOWN[place]}:
            assert credit_code_fault(KNOWN[:place] + other + KNOWN[place + 1 :])
    for place in range(17):
        swapped = KNOWN[:place] + KNOWN[place + 1] + KNOWN[place] + KNOWN[place + 2 :]
        assert swapped == KNOWN or credit_code_fault(swapped)
