"""What the tests of the pairings' pages share: a site with one need, one offer and people on every side."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient
from lxml.html import HtmlElement
from market_tools import Shop, sample_lines
from office import by_role, make_organisation, office_app, office_market, page_of, sign_in, submit
from werkzeug.test import TestResponse

from marketplace.store.database import transaction
from matching import MatchingSettings
from webapp import WebSettings

AGENCY, FIRM, RIVAL = "江夏区城市管理执法局（示例）", "武汉楚光智感科技有限公司（示例）", "黄石磁湖数智有限公司（示例）"
PDF = b"%PDF-1.7 accepted"


class Table:
    """The closed site with matchmakers, an agency, a company, its rival and a reviewer, each signed in."""

    def __init__(self, folder: Path, matching: MatchingSettings) -> None:
        self.market = office_market(folder, matching)
        self.app = office_app(self.market, WebSettings(public_matches=False))
        shop = Shop(self.market.settings)
        shop.take(*sample_lines("opportunities", range(1, 4)))
        shop.take(*sample_lines("capabilities", range(1, 5)))
        self.db = shop.db
        self.need, self.offer, self.other = (shop.key(one) for one in ("JH-2026-001", "NL-2026-001", "NL-2026-002"))
        owners = ((self.need, AGENCY), (self.offer, FIRM), (self.other, RIVAL))
        keys = [(posting, make_organisation(self.market, name)) for posting, name in owners]
        with transaction(self.db):
            for posting, organisation in keys:
                self.db.table("posting").update(posting, {"organisation_key": organisation})
        self.broker, self.second = self.someone("matchmaker"), self.someone("matchmaker")
        self.far = self.someone("matchmaker", districts=("随州市",))
        self.reviewer = self.someone("reviewer")
        self.clerk, self.vendor = self.someone("publisher", AGENCY), self.someone("company", FIRM)
        self.rival = self.someone("company", RIVAL)

    def someone(self, role: str, *organisations: str, districts: tuple[str, ...] = ()) -> FlaskClient:
        """A client signed in to a new account."""
        client = self.app.test_client()
        sign_in(client, roles=[role], organisations=organisations, districts=districts)
        return client

    @property
    def pair(self) -> str:
        """The address of the pair's page."""
        return f"/pairs/{self.need}/{self.offer}"

    def open(self) -> str:
        """Open the pairing by the button; its address."""
        answer = submit(self.broker, self.pair, {}, role="open-pairing")
        assert answer.status_code == 303
        return str(answer.location)

    def go(self, path: str, *stages: str) -> TestResponse:
        """Walk these stages by the forms on the page."""
        answer = None
        for stage in stages:
            answer = submit(self.broker, path, WALK[stage], role=f"move-{stage}")
            assert answer.status_code == 303, faults(page_of(answer))
        assert answer is not None
        return answer


WALK: dict[str, dict[str, str | list[str]]] = {
    "contacted": {"contacted_on": "2026-03-01"},
    "meeting": {"met_on": "2026-03-05", "next_step": "准备报价", "next_on": "2099-01-01"},
    "signed": {"amount_wan": "118万元", "signed_on": "2026-04-01", "procurement_route": "竞争性磋商"},
    "building": {"started_on": "2026-04-10"},
}


def page_at(client: FlaskClient, path: str) -> HtmlElement:
    """The parsed page at an address that answers well."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status)
    return page_of(answer)


def faults(page: HtmlElement) -> list[str]:
    """The sentences of the summary of faults."""
    return [" ".join(one.text_content().split()) for part in by_role(page, "faults") for one in part.iter("li")]
