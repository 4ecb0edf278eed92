"""Feeds: valid Atom, the same filters as the lists, nothing sent twice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity, write_lines
from flask.testing import FlaskClient
from lxml import etree
from office import office_app, office_market
from werkzeug.test import TestResponse

from marketplace import Market
from marketplace.commands import Workshop
from matching import MatchingSettings

ATOM = "{http://www.w3.org/2005/Atom}"
NEED = make_opportunity(title="甲<乙>&\ufffe“丙”", background="来电 13800000000，<script>", publisher="某局&（示例）")


@pytest.fixture
def shop(tmp_path: Path, matching_settings: MatchingSettings) -> Workshop:
    market = office_market(tmp_path, matching_settings)
    shop = Workshop(market.settings, lambda _: None, HashingEncoder())
    needs = [NEED, make_opportunity(id="JH-002", domain="智慧水利"), make_opportunity(id="JH-003", domain="")]
    shop.take(write_lines(tmp_path / "needs.jsonl", needs), "opportunities")
    shop.take(write_lines(tmp_path / "offers.jsonl", [make_capability()]), "capabilities")
    return shop


@pytest.fixture
def client(shop: Workshop) -> FlaskClient:
    return office_app(Market(shop.settings, HashingEncoder())).test_client()


def parsed(answer: TestResponse) -> etree._Element:
    assert answer.status_code == 200
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    return etree.fromstring(answer.data)


def texts(element: etree._Element, *path: str) -> list[str]:
    return [one.text or "" for one in element.iterfind("/".join(ATOM + name for name in path))]


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    assert found.tzinfo is not None
    return found


@pytest.mark.parametrize("kind", ["opportunities", "capabilities"])
def test_a_feed_has_what_the_standard_asks_for(client: FlaskClient, kind: str) -> None:
    feed = parsed(client.get(f"/feeds/{kind}.atom"))
    assert feed.tag == ATOM + "feed"
    for element in (feed, *feed.iterfind(ATOM + "entry")):
        for name in ("id", "title", "updated"):
            (text,) = texts(element, name)
            assert text
        assert element.find(ATOM + "id").text.startswith("urn:uuid:")
        assert moment(element.find(ATOM + "updated").text) <= datetime.now(UTC)
    links = {link.get("rel"): link.get("href") for link in feed.iterfind(ATOM + "link")}
    assert links == {
        "self": f"http://localhost/feeds/{kind}.atom", "alternate": f"http://localhost/{kind}",
    }  # fmt: skip
    entries = feed.findall(ATOM + "entry")
    assert len({entry.find(ATOM + "id").text for entry in entries}) == len(entries) > 0
    for entry in entries:
        assert texts(entry, "author", "name") != [""]
        assert moment(entry.find(ATOM + "published").text)
        address = entry.find(ATOM + "link").get("href")
        assert client.get(address).status_code == 200


def test_texts_are_escaped_masked_and_fit_for_xml(client: FlaskClient) -> None:
    feed = parsed(client.get("/feeds/opportunities.atom"))
    entry = next(one for one in feed.iterfind(ATOM + "entry") if texts(one, "title") == ["甲<乙>&“丙”"])
    assert texts(entry, "summary") == ["来电 138****0000，<script>"]
    assert texts(entry, "author", "name") == ["某局&（示例）"]
    parsed(client.get("/feeds/opportunities.atom", query_string={"q": "甲\ufffe<"}))
    assert [one.get("term") for one in entry.iterfind(ATOM + "category")] == ["智慧城市"]


def test_filters_are_those_of_the_list(client: FlaskClient) -> None:
    feed = parsed(client.get("/feeds/opportunities.atom?domain=智慧水利&domain=none&order=deadline&page=3"))
    assert len(feed.findall(ATOM + "entry")) == 2
    (own,) = texts(feed, "id")
    (whole,) = texts(parsed(client.get("/feeds/opportunities.atom")), "id")
    assert own != whole
    (self_url,) = [link.get("href") for link in feed.iterfind(ATOM + "link") if link.get("rel") == "self"]
    assert texts(parsed(client.get(self_url)), "id") == [own]


def test_ids_are_the_same_under_every_address(client: FlaskClient, shop: Workshop) -> None:
    def ids(base: str, site: FlaskClient = client) -> list[str]:
        feed = parsed(site.get("/feeds/opportunities.atom?domain=智慧水利&domain=none", base_url=base))
        return texts(feed, "id") + texts(feed, "entry", "id")

    own = ids("http://localhost")
    assert len(set(own)) == 3
    assert ids("http://evil.example:8080") == ids("https://changjing.example.cn") == own
    restarted = office_app(Market(shop.settings, HashingEncoder())).test_client()
    assert ids("http://localhost", restarted) == own


def test_two_installations_share_no_id(tmp_path: Path, matching_settings: MatchingSettings) -> None:
    sites = [office_app(office_market(tmp_path / name, matching_settings)).test_client() for name in ("a", "b")]
    one, other = (texts(parsed(site.get("/feeds/opportunities.atom")), "id") for site in sites)
    assert one != other


def test_an_empty_feed_is_a_feed(client: FlaskClient) -> None:
    feed = parsed(client.get("/feeds/capabilities.atom?domain=没有这个领域"))
    assert feed.findall(ATOM + "entry") == []
    assert moment(texts(feed, "updated")[0])


def test_what_a_reader_has_seen_is_not_sent_again(client: FlaskClient, shop: Workshop) -> None:
    first = client.get("/feeds/opportunities.atom")
    seen = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
    again = client.get("/feeds/opportunities.atom", headers=seen)
    assert (again.status_code, again.data) == (304, b"")
    by_time = client.get("/feeds/opportunities.atom", headers={"If-Modified-Since": seen["If-Modified-Since"]})
    assert by_time.status_code == 304
    shop.withdraw("JH-002", None, False)
    changed = client.get("/feeds/opportunities.atom", headers={"If-None-Match": seen["If-None-Match"]})
    assert len(parsed(changed).findall(ATOM + "entry")) == 2


def test_other_feeds_are_not_found(client: FlaskClient) -> None:
    assert client.get("/feeds/landings.atom").status_code == 404
