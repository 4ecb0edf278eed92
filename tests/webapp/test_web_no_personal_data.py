"""Every public address of a stocked site is fetched and searched for the personal data of its contacts."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from factories import make_capability, make_opportunity
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from market_tools import Shop, sample_lines
from office import office_app, office_market

from marketplace import Market, Viewer
from marketplace.contacts import POSTING
from marketplace.store.database import transaction
from matching import MatchingSettings
from webapp import WebSettings

PERSON, MOBILE, MAIL = "欧阳示例", "13800001111", "shili.ouyang@example.cn"
# Written into public text by an old list, in the forms such lists use.
CARELESS = f"需求详情请联系{PERSON}老师，手机 138 0000 1111 或１３８００００１１１１，邮箱 {MAIL}。"
LAND_LINE = "027-87650000"
SECRETS = (PERSON, MOBILE, "138 0000 1111", MAIL, "shili.ouyang")
PATTERNS = (
    re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)"),
    re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z.]+"),
    re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?![\dA-Za-z])"),
)
KEYS = re.compile(r"/\d{15,19}\b")
MOST = 1500


@pytest.fixture
def stocked_site(tmp_path: Path, matching_settings: MatchingSettings) -> Flask:
    """Sample lists, three careless postings, protected contacts on several; rankings public, as on the sample site."""
    market = office_market(tmp_path, matching_settings)
    shop = Shop(market.settings)
    shop.take(
        *sample_lines("opportunities", range(1, 25)),
        make_opportunity(id="JH-C1", background=f"井盖丢了没人知道。{CARELESS}"),
        make_opportunity(id="JH-C2", requirements=(f"告警及时，{CARELESS}", "电池使用不少于5年")),
    )
    shop.take(
        *sample_lines("capabilities", range(1, 31)),
        make_capability(id="NL-C1", summary=f"窨井状态感知终端。{CARELESS}", cases=(f"某水务集团，{CARELESS}",)),
    )
    seal_contacts(market, shop)
    return office_app(market, WebSettings(public_matches=True, sample_site=True))


def seal_contacts(market: Market, shop: Shop) -> None:
    phone, sealed = market.contacts.seal_cell(f"{PERSON} {MOBILE} {MAIL} {LAND_LINE}")
    with transaction(shop.db):
        for posting_id in ("JH-2026-001", "NL-2026-001", "JH-C1", "NL-C1"):
            market.contacts.save(
                shop.db, Viewer(1, "甲"), POSTING, shop.key(posting_id), office_phone=phone, sealed=sealed
            )


def addresses(path: str, text: str) -> Iterator[str]:
    """The addresses of this site that a page leads to, forms that only read among them."""
    for element in html.document_fromstring(text).iter("a", "link", "script", "form", "use", "image"):
        for name in ("href", "src", "action"):
            value = element.get(name)
            if value and not (element.tag == "form" and element.get("method", "get").lower() == "post"):
                target = urlsplit(urljoin(f"http://localhost{path}", urldefrag(value).url))
                if target.netloc == "localhost" and target.scheme == "http":
                    yield target.path + (f"?{target.query}" if target.query else "")


def readable(body: bytes, kind: str) -> str:
    """Everything a reader can take out of an answer, also out of zipped and database files."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            texts = (parts.read(name).decode("utf-8", "ignore") for name in parts.namelist())
            return "\n".join(re.sub(r"<[^>]+>", "", text) for text in texts)
    if body[:6] == b"SQLite":
        database = sqlite3.connect(":memory:")
        database.deserialize(body)
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        rows = [list(database.execute(f"select * from [{name}]")) for name in tables if "fts" not in name]
        database.close()
        return json.dumps(rows, ensure_ascii=False, default=str)
    return body.decode("utf-8-sig") if "image" not in kind else ""


def fetch_all(client: FlaskClient, starts: list[str]) -> dict[str, str]:
    """The readable text of every address reachable from ``starts``, one page for each list and each posting's kind."""
    waiting, seen, found = list(starts), set(starts), {}
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        assert answer.status_code in (200, 301, 302, 303, 403, 404, 429), (path, answer.status)
        text = readable(answer.data, answer.mimetype)
        answer.close()
        found[path] = text
        assert len(found) < MOST, "the site has more addresses than this test expects"
        onward = [answer.location] if answer.location else []
        if answer.mimetype == "text/html":
            onward += addresses(path, text)
        for one in onward:
            clean = one.removeprefix("http://localhost")
            # Facets combine without end: one value at a time shows every page there is.
            if clean not in seen and clean.startswith("/") and clean.count("&") < 1 and "next=" not in clean:
                seen.add(clean)
                waiting.append(clean)
    return found


@pytest.mark.slow
def test_no_public_address_gives_away_a_contact(stocked_site: Flask) -> None:
    client = stocked_site.test_client()
    rules = {rule.rule for rule in stocked_site.url_map.iter_rules() if "GET" in (rule.methods or ())}
    plain = sorted(rule for rule in rules if "<" not in rule)
    found = fetch_all(client, ["/", *plain])
    # The crawl must have been everywhere it matters, or it proves nothing.
    kinds = {re.sub(r"\d{15,19}", "N", urlsplit(path).path) for path in found}
    assert {"/opportunities/N", "/capabilities/N", "/pairs/N/N", "/open-data", "/benchmarks"} <= kinds
    types = {Path(urlsplit(path).path).suffix for path in found}
    assert {".xlsx", ".csv", ".jsonl", ".sqlite", ".atom", ".docx"} <= types
    leaks = [(path, secret) for path, text in found.items() for secret in SECRETS if secret in text]
    assert leaks == []
    # Masked forms prove that the careless postings were met.
    assert any("138****1111" in text for text in found.values())
    patterns = [
        (path, match.group())
        for path, text in found.items()
        for pattern in PATTERNS
        for match in pattern.finditer(KEYS.sub("", text))
        if not path.startswith("/static/")
    ]
    assert patterns == []


def test_an_office_phone_may_be_shown_and_nothing_else(stocked_site: Flask) -> None:
    client = stocked_site.test_client()
    page = client.get("/opportunities?q=井盖")
    assert MOBILE not in page.text
    key = re.search(r"/opportunities/(\d+)", page.text)
    assert key
    # A visitor who types the address of the contact is sent to sign in.
    assert client.get(f"/contacts/{key[1]}").status_code == 303
