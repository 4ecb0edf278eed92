"""The inbox: why each notice came, and that only a form marks it as read."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from office import by_role, office_app, office_market, page_of, send, sign_in, words

from marketplace import Market, Viewer
from marketplace.notices import notify
from marketplace.store.database import transaction
from matching import MatchingSettings


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def client(market: Market) -> FlaskClient:
    return office_app(market).test_client()


@pytest.fixture
def viewer(client: FlaskClient) -> Viewer:
    return sign_in(client, roles=["reviewer"])


def tell(market: Market, viewer: Viewer, title: str, link: str = "/jobs") -> None:
    with transaction(market._keeper.db) as db:
        notify(
            db, [viewer.account_key], kind="freshness", title=title, body="第一行\n<b>第二行</b>", link=link,
            reason="您是该区域的审核员。",
        )  # fmt: skip


def lines(client: FlaskClient) -> list[HtmlElement]:
    return by_role(page_of(client.get("/inbox")), "notice")


def unread(client: FlaskClient) -> list[str]:
    """What the head of every page says."""
    return [words(one) for one in by_role(page_of(client.get("/jobs")), "unread")]


def press(client: FlaskClient, form: HtmlElement, **more: str) -> str:
    answer = client.post(form.action, data=dict(form.form_values()) | more)
    assert answer.status_code == 303
    return str(answer.location)


def test_each_notice_says_why_it_came(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    assert by_role(page_of(client.get("/inbox")), "empty")
    tell(market, viewer, "3 条清单需要确认")
    (line,) = lines(client)
    assert words(line.find(".//h2")) == "3 条清单需要确认"
    assert words(line.xpath(".//*[@data-role='reason']")[0]) == "通知原因：您是该区域的审核员。"
    assert words(line.xpath(".//*[@data-role='stop']")[0]).startswith("停止方式：关系到内容是否自动下架，不能停止")
    assert [words(one) for one in line.xpath("./p[not(@class)]")] == ["第一行", "<b>第二行</b>"]
    assert unread(client) == ["1"]


def test_looking_changes_nothing_and_the_form_marks(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    tell(market, viewer, "甲")
    (line,) = lines(client)
    assert lines(client)[0].get("data-read") == "0"
    (link,) = line.xpath(".//a")
    assert client.get(link.get("href")).status_code == 200
    assert unread(client) == ["1"]
    opening, marking = line.iter("form")
    assert press(client, opening, open="1") == "/jobs"
    assert lines(client)[0].get("data-read") == "1"
    assert unread(client) == []
    assert press(client, marking) == "/inbox"
    assert client.get(str(marking.action)).status_code == 405


def test_unread_come_first_and_all_are_marked_at_once(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    for title in ("甲", "乙", "丙"):
        tell(market, viewer, title, link="")
    press(client, next(lines(client)[0].iter("form")))
    assert [words(line.find(".//h2")) for line in lines(client)] == ["乙", "甲", "丙"]
    page = page_of(client.get("/inbox"))
    assert words(by_role(page, "summary")[0]) == "2 条未读，共 3 条。"
    press(client, page.xpath("//form[contains(@action, 'read-all')]")[0])
    assert {line.get("data-read") for line in lines(client)} == {"1"}
    assert not page_of(client.get("/inbox")).xpath("//form[contains(@action, 'read-all')]")


def test_notices_of_others_are_not_there(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    tell(market, viewer, "甲")
    key = lines(client)[0].get("data-key")
    other = client.application.test_client()
    assert other.get("/inbox").status_code == 303
    sign_in(other, roles=["reviewer"])
    assert lines(other) == []
    assert send(other, f"/inbox/{key}/read", {}).status_code == 404
    assert lines(client)[0].get("data-read") == "0"


def test_marking_without_token_is_refused(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    tell(market, viewer, "甲")
    assert client.post(f"/inbox/{lines(client)[0].get('data-key')}/read").status_code == 400
    assert client.post("/inbox/read-all").status_code == 400


def test_many_notices_have_pages(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    for place in range(21):
        tell(market, viewer, str(place))
    first = page_of(client.get("/inbox"))
    assert len(by_role(first, "notice")) == 20
    (older,) = first.xpath("//a[@rel='next']/@href")
    last = page_of(client.get(older))
    assert len(by_role(last, "notice")) == 1
    assert last.xpath("//a[@rel='prev']/@href") == ["/inbox?page=1"]
