"""A stocked site with matchmakers, for the pages they work on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flask.testing import FlaskClient
from lxml.html import HtmlElement
from market_tools import Shop, sample_lines
from office import enter, make_account, make_organisation, office_app, office_market, page_of

from marketplace.store.database import transaction
from marketplace.store.matches import matches_of
from matching import MatchingSettings, Side
from webapp import WebSettings

AGENCY, FIRM = "江夏区城市管理执法局（示例）", "武汉楚光智感科技有限公司（示例）"


class DeskSite:
    """Eight opportunities and nine capabilities, matched; the site is closed to visitors, as it comes."""

    def __init__(self, folder: Path, matching: MatchingSettings) -> None:
        self.market = office_market(folder, matching)
        self.app = office_app(self.market, WebSettings(public_matches=False))
        self.shop = Shop(self.market.settings)
        self.db = self.shop.db
        self.shop.take(*sample_lines("opportunities", range(1, 9)))
        self.shop.take(*sample_lines("capabilities", (*range(1, 9), 70)))
        self.need = self.shop.key("JH-2026-001")
        self.rows = matches_of(self.db, self.need, Side.OPPORTUNITY)
        self.offer = self.rows[0].capability_key
        self.broker_login, self.broker_key = make_account(self.market, roles=["matchmaker"])
        self.broker = self.client(self.broker_login)

    @property
    def pair(self) -> str:
        """The address of the best pair of the first need."""
        return f"/pairs/{self.need}/{self.offer}"

    def client(self, login: str) -> FlaskClient:
        """A browser signed in with this login."""
        client = self.app.test_client()
        enter(client, login)
        return client

    def person(self, role: str, *, organisations: Iterable[str] = (), districts: Iterable[str] = ()) -> FlaskClient:
        """A browser of a new account with this role."""
        return self.client(make_account(self.market, roles=[role], organisations=organisations, districts=districts)[0])

    def own(self, posting_key: int, name: str, kind: str = "government") -> int:
        """Give a posting to an organisation."""
        key = make_organisation(self.market, name, kind)
        with transaction(self.db):
            self.db.table("posting").update(posting_key, {"organisation_key": key})
        return key

    def band(self, pair: tuple[int, int], band: str, score: float) -> None:
        """Let the machine have found a pair so good."""
        with transaction(self.db):
            self.db.conn.execute(
                "update match set band = ?, score = ? where opportunity_key = ? and capability_key = ?",
                [band, score, *pair],
            )


def page_at(client: FlaskClient, path: str) -> HtmlElement:
    """The page at an address, which must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status)
    return page_of(answer)


def inside(element: HtmlElement, role: str) -> list[HtmlElement]:
    """The elements with this ``data-role`` within another."""
    found: list[HtmlElement] = element.xpath(".//*[@data-role=$role]", role=role)
    return found
