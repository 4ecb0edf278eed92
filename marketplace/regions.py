"""The nine cities and the city a written district belongs to."""

from __future__ import annotations

import re

from matching import fold

CITIES = ("武汉市", "黄石市", "鄂州市", "孝感市", "黄冈市", "咸宁市", "仙桃市", "天门市", "潜江市")
_CITY = re.compile(r"^(?:[\u4e00-\u9fff]{2,8}?省)?([\u4e00-\u9fff]{2,6}?市)")
_PROVINCE = re.compile(r"^湖北省?")
OTHER = "未注明"


def city_of(district: str) -> str:
    """Return the city that ``district`` names, the nine cities also without 市; 未注明 when empty."""
    text = fold(district)
    text = _PROVINCE.sub("", text) or text
    for city in CITIES:
        if text.startswith(city[:2]):
            return city
    match = _CITY.match(text)
    return match.group(1) if match else text[:6] or OTHER
