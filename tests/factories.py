"""Makes postings and exchange files for tests; every field can be overridden."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from matching import Capability, Listing, Opportunity, to_exchange

_LISTING = {field.name for field in fields(Listing)}


def make_opportunity(**overrides: Any) -> Opportunity:
    """Return a complete opportunity; listing fields (state, batch, extra, …) are given like any other."""
    own, listing = _split(overrides)
    values: dict[str, Any] = {
        "id": "JH-001",
        "title": "窨井盖缺失移位自动发现",
        "publisher": "江夏区城市管理执法局（示例）",
        "publisher_type": "government",
        "district": "武汉市江夏区",
        "domain": "智慧城市",
        "background": "井盖丢了没人知道，靠巡查员每周走一遍。雨后积水时看不见井口，去年有两起非机动车摔伤。",
        "requirements": ("井盖移位、缺失后15分钟内告警", "终端电池使用不少于5年", "数据不出域，部署在区政务云"),
        "budget_wan": 120.0,
        "deadline": "2027-03-31",
        "year": 2026,
    }
    return Opportunity(**(values | own), **listing)


def make_capability(**overrides: Any) -> Capability:
    """Return a complete capability; listing fields are given like any other."""
    own, listing = _split(overrides)
    values: dict[str, Any] = {
        "id": "NL-001",
        "title": "窨井状态感知终端",
        "company": "武汉楚光智感科技有限公司（示例）",
        "district_or_city": "武汉市东湖高新区",
        "domains": ("智慧城市", "应急安全"),
        "summary": "低功耗倾角与水位一体终端，井盖移位、翻转、浸水自动上报。平台可部署在政务云。",
        "features": ("井盖移位后5分钟内告警到手机", "一次性锂电池供电，使用6年", "支持窄带物联网，IP68防护"),
        "maturity": 8,
        "cases": ("某地级市水务集团布设3200套，漏报率低于2%",),
        "year": 2026,
    }
    return Capability(**(values | own), **listing)


def _split(overrides: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    own = {key: value for key, value in overrides.items() if key not in _LISTING}
    listing = {key: value for key, value in overrides.items() if key in _LISTING}
    return own, {"listing": Listing(**listing)} if listing else {}


def write_lines(path: Path, rows: Iterable[Opportunity | Capability | Mapping[str, Any]]) -> Path:
    """Write postings or plain objects as an exchange file and return its path."""
    objects = [dict(row) if isinstance(row, Mapping) else to_exchange(row) for row in rows]
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
    path.write_text(text, encoding="utf-8")
    return path
