"""What the tests of the matchmaker's desk share: a market with scored pairs and people of two districts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from market_tools import Shop
from people import make_person

from marketplace import Market, Viewer
from marketplace.matchmaking import DeskCard
from marketplace.store import MatchRow
from marketplace.store.database import transaction
from marketplace.store.matches import matches_of, pack_matches, replace_all
from marketplace.store.matchmaking import BAND, insert_correction
from marketplace.store.organisations import renew_desks
from marketplace.store.pairings import insert_pairing, load_pairing, update_pairing
from matching import Band, Side, VerdictKind


def day(days: int) -> str:
    """The day so many days from today."""
    return (date.today() + timedelta(days=days)).isoformat()


class DeskFloor:
    """The stocked market, where only the pairs that a test names are any good."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.db, self.settings = shop, shop.db, shop.settings
        self.market = Market(shop.settings)
        self.broker = make_person(shop.db, "matchmaker")
        self.needs = self._keys("opportunity")
        self.offers = self._keys("capability")

    def _keys(self, kind: str) -> list[int]:
        return [key for (key,) in self.db.conn.execute("select key from posting where kind = ? order by key", [kind])]

    def only(self, *pairs: tuple[int, int, float], kind: VerdictKind | None = None) -> None:
        """Let these be the only stored pairs: (opportunity, capability, score), each with one verdict."""
        verdicts = matches_of(self.db, self.needs[0], Side.OPPORTUNITY)[0].verdicts[:1]
        verdicts = tuple(replace(one, kind=kind or one.kind) for one in verdicts)
        rows = [MatchRow(need, offer, score, _band(score), {}, verdicts, "") for need, offer, score in pairs]
        with transaction(self.db):
            replace_all(self.db, pack_matches(rows))

    def change(self, key: int, **columns: Any) -> None:
        """Change columns of a posting, as if it had been written so, and let every desk see it."""
        with transaction(self.db):
            self.db.table("posting").update(key, columns)
            renew_desks(self.db)

    def pairing(self, need: int, offer: int, **columns: Any) -> int:
        """An open pairing with nothing due."""
        plain = {"stage": "recommended", "origin": "match", "acting": "matchmaker", "stage_since": day(-1)}
        with transaction(self.db):
            return insert_pairing(self.db, need, offer, plain | columns)

    def close(self, key: int, stage: str, at: str) -> None:
        """End a pairing at a moment."""
        self.move(key, stage)
        with transaction(self.db):
            self.db.table("pairing").update(key, {"closed_at": at})

    def move(self, key: int, stage: str) -> None:
        """Let a pairing stand at a stage."""
        row = load_pairing(self.db, key)
        assert row is not None
        with transaction(self.db):
            assert update_pairing(self.db, row, stage=stage)

    def band(self, pair: tuple[int, int], band: str) -> None:
        """A matchmaker's band for a pair."""
        with transaction(self.db):
            values = {"band": band, "machine": "", "reason": "现场看过", "account_key": self.broker.account_key}
            insert_correction(self.db, BAND, pair, values)

    def suggested(self, viewer: Viewer | None = None) -> list[tuple[int, int]]:
        """The pairs on the viewer's desk, in their order."""
        page = self.market.workbench.page(viewer or self.broker)
        return [(one.opportunity.key, one.capability.key) for one in page.suggestions]


def keys(cards: tuple[DeskCard, ...]) -> list[int]:
    """The keys of cards, in their order."""
    return [card.key for card in cards]


def _band(score: float) -> Band:
    limits = ((0.5, Band.STRONG), (0.2, Band.GOOD), (0.06, Band.POSSIBLE), (0.0, Band.NONE))
    return next(band for low, band in limits if score >= low)
