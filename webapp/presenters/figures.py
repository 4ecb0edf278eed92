"""Money, dates, counts and scores as a Chinese reader expects them."""

from __future__ import annotations

from datetime import datetime

from marketplace.days import BEIJING

UNSTATED = "未注明"
_WAN_PER_YI = 10_000


def plain(value: float) -> str:
    """A number with thousands separators and no needless decimals."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def money(wan: float | None) -> str:
    """A sum given in 万元, written in 万元 or 亿元."""
    if wan is None:
        return UNSTATED
    if wan >= _WAN_PER_YI:
        return f"{plain(wan / _WAN_PER_YI)} 亿元"
    return f"{plain(wan)} 万元"


def count(number: int) -> str:
    """A whole number with thousands separators."""
    return f"{number:,}"


def trl(level: int | None) -> str:
    """A technology readiness level."""
    return UNSTATED if level is None else f"TRL {level}"


def score(value: float) -> str:
    """A score of 0..1 with two decimals; what is not certain is never shown as 0.00 or 1.00."""
    return f"{min(0.99, max(0.01, value)):.2f}" if 0 < value < 1 else f"{value:.2f}"


def signed(value: float) -> str:
    """A contribution with its sign; a true minus sign keeps columns aligned."""
    text = f"{value:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", "−")


def figure(value: float | None, unit: str) -> str:
    """A measured figure with its unit, or that there is none."""
    if value is None:
        return "无数据"
    return f"{plain(value)}{unit}" if unit in ("%", "℃", "‰") else f"{plain(value)} {unit}".strip()


def size(octets: int) -> str:
    """A file size in MB."""
    return f"{octets / 1_000_000:,.1f} MB"


def moment(stamp: str) -> str:
    """A time stamp of the store in Beijing time; anything else as it is."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    if found.tzinfo is None:
        return stamp
    return f"{found.astimezone(BEIJING):%Y-%m-%d %H:%M}（北京时间）"


def day(stamp: str) -> str:
    """The day of a time stamp in Beijing; anything else as it is."""
    return moment(stamp).split(" ", 1)[0]


def item_names(places: tuple[int, ...], *, story: bool) -> str:
    """The names of several items of a need: R1、R3."""
    return "、".join(item_name(place, story=story) for place in places)


def item_name(place: int, *, story: bool) -> str:
    """The name of what is judged at ``place``, counted from 0: a requirement, or a sentence of the story."""
    return f"描述句{place + 1}" if story else f"R{place + 1}"
