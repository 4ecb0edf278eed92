"""The match table: a change moves its own row and column and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from market_tools import Shop, contents

from marketplace import Market, MarketSettings, RefusedError, Sight, matchkeeper
from marketplace.store.changes import last_change, read_value
from marketplace.store.matches import find_match, load_snapshot, load_team, matches_of
from marketplace.store.postings import load_rows, load_vectors
from matching import CrossMatch, Engine, MatchingSettings, Side, prepare

Pairs = dict[tuple[int, int], dict[str, Any]]


def pairs(shop: Shop) -> Pairs:
    return {(raw["opportunity_key"], raw["capability_key"]): raw for raw in shop.db.table("match").rows}


class Full:
    """Every pair scored anew under the stored snapshot: what the match table must agree with."""

    def __init__(self, shop: Shop) -> None:
        engine = Engine.open(shop.settings.matching, shop.encoder)
        vectors = load_vectors(shop.db, shop.encoder.fingerprint)
        current = load_snapshot(shop.db)
        assert current is not None
        self.keys, lists = {}, {}
        for side in Side:
            rows = [row for row in load_rows(shop.db, side=side) if row.key in vectors]
            self.keys[side] = {row.posting.id: row.key for row in rows}
            lists[side] = prepare([r.posting for r in rows], [vectors[r.key] for r in rows], engine.segmenter)
        self.cross: CrossMatch = engine.match(lists[Side.OPPORTUNITY], lists[Side.CAPABILITY], current[3])
        self.needs = [self.keys[Side.OPPORTUNITY][one] for one in self.cross.opportunity_ids]
        self.offers = [self.keys[Side.CAPABILITY][one] for one in self.cross.capability_ids]

    def scores(self) -> dict[tuple[int, int], float]:
        table = self.cross.table.score
        return {
            (need, offer): float(table[row, column])
            for row, need in enumerate(self.needs)
            for column, offer in enumerate(self.offers)
        }

    def top(self, key: int, side: Side, depth: int) -> list[tuple[int, int]]:
        if side is Side.OPPORTUNITY:
            return [(key, self.offers[n]) for n in self.cross.table.offers_for(self.needs.index(key))[:depth]]
        return [(self.needs[n], key) for n in self.cross.table.needs_for(self.offers.index(key))[:depth]]

    def teams(self) -> dict[int, tuple[list[int], list[int], list[int]]]:
        found = {}
        for row, need in enumerate(self.needs):
            team = self.cross.team(row)
            members = [self.keys[Side.CAPABILITY][one] for one in team.members]
            found[need] = (members, list(team.covered), list(team.uncovered))
        return found


def assert_current(shop: Shop) -> Full:
    """Stored rows, verdicts and teams are what a full scoring under the stored snapshot gives."""
    full, rows = Full(shop), pairs(shop)
    scores = full.scores()
    assert rows.keys() == scores.keys()
    assert {pair: raw["score"] for pair, raw in rows.items()} == pytest.approx(scores, abs=1.01e-6)
    assert {key: load_team(shop.db, key) for key in full.needs} == full.teams()
    assert read_value(shop.db, "matched_through") == str(last_change(shop.db))
    return full


def number(shop: Shop) -> int:
    current = load_snapshot(shop.db)
    assert current is not None
    return current[0]


def edit(shop: Shop, posting_id: str, **values: Any) -> None:
    shop.take(replace(shop.row(posting_id).posting, **values))


def set_state(shop: Shop, posting_id: str, state: str) -> None:
    edit(shop, posting_id, listing=replace(shop.row(posting_id).posting.listing, state=state))


def withdraw_and_bring_back(shop: Shop) -> None:
    shop.withdraw("NL-2026-070")
    shop.withdraw("NL-2026-070", undo=True)


NEW_STORY = "防汛值守靠人看水尺，夜里和雷雨天看不清，要在十五分钟内知道水位超限。"
NEW_NEED = {"background": NEW_STORY, "requirements": ("水位超限15分钟内告警",)}
NEW_OFFER = {"summary": "农机导航", "features": ("支持北斗定位，误差不超过2.5厘米",)}
CHANGES: dict[str, tuple[str, Callable[[Shop], None]]] = {
    "changed opportunity": ("JH-2026-001", lambda shop: edit(shop, "JH-2026-001", **NEW_NEED)),
    "changed capability": ("NL-2026-070", lambda shop: edit(shop, "NL-2026-070", **NEW_OFFER)),
    "changed state only": ("NL-2026-001", lambda shop: set_state(shop, "NL-2026-001", "recheck")),
    "new opportunity": ("JH-001", lambda shop: shop.take(make_opportunity())),
    "new capability": ("NL-001", lambda shop: shop.take(make_capability())),
    "withdrawn opportunity": ("JH-2026-002", lambda shop: shop.withdraw("JH-2026-002")),
    "withdrawn capability": ("NL-2026-070", lambda shop: shop.withdraw("NL-2026-070")),
    "taken off by import": ("NL-2026-094", lambda shop: set_state(shop, "NL-2026-094", "off_shelf")),
    "brought back": ("NL-2026-070", withdraw_and_bring_back),
}


@pytest.mark.parametrize("name", CHANGES)
def test_single_change_moves_only_its_own_row_and_column(stocked_shop: Shop, name: str) -> None:
    shop = stocked_shop
    touched, change = CHANGES[name]
    before, snapshot = pairs(shop), number(shop)
    change(shop)
    key, after = shop.key(touched), pairs(shop)
    assert {pair: row for pair, row in after.items() if key not in pair} == {
        pair: row for pair, row in before.items() if key not in pair
    }
    assert number(shop) == snapshot
    full = assert_current(shop)
    mine = [pair for pair in after if key in pair]
    assert bool(mine) is (shop.row(touched).state in ("published", "recheck"))
    for need, offer in mine[:5]:
        place = full.needs.index(need), full.offers.index(offer)
        stored = find_match(shop.db, need, offer)
        assert stored is not None
        assert [(v.kind, v.passage) for v in stored.verdicts] == [
            (v.kind, v.passage) for v in full.cross.verdicts(*place)
        ]


def test_unchanged_list_moves_nothing(stocked_shop: Shop) -> None:
    before = contents(stocked_shop.db)
    stocked_shop.take(stocked_shop.row("JH-2026-001").posting)
    assert contents(stocked_shop.db) == before


def test_members_of_teams_are_renewed_in_both_directions(stocked_shop: Shop) -> None:
    shop = stocked_shop
    need = make_opportunity(requirements=("井盖移位后5分钟内告警到手机", "部署在区政务云，数据不出域"))
    shop.take(need)
    shop.take(make_capability(summary="", features=("井盖移位后5分钟内告警到手机",), cases=()))
    shop.take(
        make_capability(id="NL-002", title="政务云", summary="", features=("部署在区政务云，数据不出域",), cases=())
    )
    full = assert_current(shop)
    assert set(full.teams()[shop.key("JH-001")][0]) >= {shop.key("NL-001"), shop.key("NL-002")}
    edit(shop, "NL-002", features=("食品冷链运输",), title="冷链")
    assert shop.key("NL-002") not in assert_current(shop).teams()[shop.key("JH-001")][0]


def test_statistics_are_renewed_after_one_in_twenty_changed_at_once(stocked_shop: Shop) -> None:
    shop, before = stocked_shop, number(stocked_shop)
    shop.take(*(replace(shop.row(f"NL-2026-00{n}").posting, summary=NEW_STORY) for n in (1, 2)))
    assert number(shop) == before
    shop.take(*(replace(shop.row(f"NL-2026-00{n}").posting, summary=NEW_STORY) for n in (3, 4, 5)))
    assert number(shop) == before + 1
    assert_current(shop)


def test_statistics_are_renewed_after_one_in_twenty_changed_one_by_one(stocked_shop: Shop) -> None:
    shop, before = stocked_shop, number(stocked_shop)
    for n in (1, 1, 1, 2):
        edit(shop, f"NL-2026-00{n}", summary=f"{NEW_STORY}{last_change(shop.db)}")
    assert number(shop) == before  # four changes, but of two postings only
    edit(shop, "NL-2026-003", summary=NEW_STORY)
    assert number(shop) == before + 1
    edit(shop, "NL-2026-004", summary=NEW_STORY)
    assert number(shop) == before + 1  # counting began anew
    assert_current(shop)


def test_statistics_are_renewed_after_a_day(stocked_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, before = stocked_shop, number(stocked_shop)
    monkeypatch.setattr(matchkeeper, "RENEW_AGE", timedelta(seconds=-1))
    edit(shop, "NL-2026-001", summary=NEW_STORY)
    assert number(shop) == before + 1


def test_match_renews_on_request_and_is_repeatable(stocked_shop: Shop) -> None:
    before, rows = number(stocked_shop), pairs(stocked_shop)
    stocked_shop.work.match()
    assert number(stocked_shop) == before + 1
    assert pairs(stocked_shop) == rows
    assert stocked_shop.db.table("snapshot").count == 2  # older ones explain nothing


@pytest.mark.parametrize(("needs", "offers"), [(1, 1), (2, 3), (19, 1)])
def test_short_lists_work(shop: Shop, needs: int, offers: int) -> None:
    shop.take(*(make_opportunity(id=f"JH-{n:02}") for n in range(needs)))
    shop.take(*(make_capability(id=f"NL-{n:02}", features=(f"支持{n}路视频",)) for n in range(offers)))
    assert_current(shop)
    edit(shop, "NL-00", summary=NEW_STORY)
    assert_current(shop)
    shop.withdraw("JH-00")
    assert all(shop.key("JH-00") not in pair for pair in pairs(shop))


def test_identical_postings_tie_by_id(shop: Shop) -> None:
    shop.take(make_opportunity())
    shop.take(make_capability(id="NL-2"), make_capability(id="NL-1"), make_capability(id="NL-3"))
    rows = matches_of(shop.db, shop.key("JH-001"), Side.OPPORTUNITY)
    assert len({row.score for row in rows}) == 1
    assert [row.capability_key for row in rows] == [shop.key(f"NL-{n}") for n in (1, 2, 3)]
    assert matches_of(shop.db, shop.key("JH-001"), Side.OPPORTUNITY, limit=2) == rows[:2]


def test_one_empty_list_has_no_matches(shop: Shop) -> None:
    shop.work.match()
    shop.take(make_opportunity())
    assert pairs(shop) == {}
    assert read_value(shop.db, "matched_through") == "1"
    shop.take(make_capability())
    assert len(pairs(shop)) == 1
    shop.take(make_capability(state="expired"))
    assert pairs(shop) == {}
    shop.take(make_capability())
    assert len(pairs(shop)) == 1
    assert_current(shop)


def test_other_encoder_is_taken_over_by_match(stocked: MarketSettings) -> None:
    other = Shop(stocked, HashingEncoder(fingerprint="hashing-2"))
    other.work.match()
    assert {raw["model"] for raw in other.db.table("vector").rows} == {"hashing-2"}
    assert all(raw["fingerprint"].startswith("hashing-2/") for raw in pairs(other).values())
    assert any(line == "已编码 46/46" for line in other.said)
    assert other.work.check() == 0
    assert_current(other)
    seen = other.encoder.encoded
    other.work.match()
    assert other.encoder.encoded == seen


@pytest.mark.parametrize("step", ["import", "bring back"])
def test_other_encoder_is_refused_before_match(stocked: MarketSettings, step: str) -> None:
    Shop(stocked).withdraw("NL-2026-070")
    other = Shop(stocked, HashingEncoder(fingerprint="hashing-2"))
    before = contents(other.db)
    with pytest.raises(RefusedError, match=r"编码模型.*marketplace match"):
        other.take(make_opportunity()) if step == "import" else other.withdraw("NL-2026-070", undo=True)
    assert contents(other.db) == before
    other.work.match()
    other.take(make_opportunity())
    assert_current(other)


def test_broken_takeover_is_finished_by_the_next_match(stocked: MarketSettings) -> None:
    def break_off(line: str) -> None:
        raise KeyboardInterrupt

    other = Shop(stocked, HashingEncoder(fingerprint="hashing-2"))
    other.work.say = break_off
    with pytest.raises(KeyboardInterrupt):
        other.work.match()
    again = Shop(stocked, HashingEncoder(fingerprint="hashing-2"))
    with pytest.raises(RefusedError, match="marketplace match"):
        again.take(make_opportunity())
    again.work.match()
    assert_current(again)


@pytest.fixture
def shallow(stocked: MarketSettings, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The stocked installation with only the three best of each side stored."""
    monkeypatch.setattr(matchkeeper, "DEPTH", 3)
    shop = Shop(stocked)
    shop.work.match()
    return shop


def test_union_of_the_best_of_both_sides_is_stored(shallow: Shop) -> None:
    full = Full(shallow)
    best = {pair for key in full.needs for pair in full.top(key, Side.OPPORTUNITY, 3)}
    best |= {pair for key in full.offers for pair in full.top(key, Side.CAPABILITY, 3)}
    assert pairs(shallow).keys() == best


@pytest.mark.parametrize("posting_id", ["JH-2026-004", "NL-2026-070"])
def test_changed_posting_enters_the_best_of_others(shallow: Shop, posting_id: str) -> None:
    before = pairs(shallow)
    edit(shallow, posting_id, title="供水管网漏点定位终端与老城区漏损控制")
    full, after, key = Full(shallow), pairs(shallow), shallow.key(posting_id)
    side = shallow.row(posting_id).posting.side
    others = full.offers if side is Side.OPPORTUNITY else full.needs
    wanted = set(full.top(key, side, 3))
    wanted |= {pair for other in others for pair in full.top(other, side.other, 3) if key in pair}
    assert wanted <= {pair for pair in after if key in pair}
    assert {p: row for p, row in after.items() if key not in p} == {p: r for p, r in before.items() if key not in p}


def test_interrupted_scoring_leaves_the_old_table(stocked: MarketSettings, tmp_path: Path) -> None:
    shop = Shop(stocked)
    before = pairs(shop)
    say = shop.work.say

    def break_off(line: str) -> None:
        say(line)
        if "联合体" in line:
            raise KeyboardInterrupt

    shop.work.say = break_off
    with pytest.raises(KeyboardInterrupt):
        shop.work.match()
    assert pairs(shop) == before
    again = Shop(MarketSettings(Path(shutil.copy(stocked.database, tmp_path / "copy.db")), stocked.matching))
    assert pairs(again) == before


def test_change_during_scoring_is_kept_for_the_next_run(stocked: MarketSettings) -> None:
    shop, other = Shop(stocked), Shop(stocked)
    say = shop.work.say

    def meanwhile(line: str) -> None:
        say(line)
        if "联合体" in line:
            other.withdraw("NL-2026-070")

    shop.work.say = meanwhile
    edit(shop, "JH-2026-001", requirements=("供水管网漏点定位误差不超过1米",))
    gone = shop.key("NL-2026-070")
    market = Market(stocked)
    page = market.opportunity_page(shop.key("JH-2026-001"), Sight(public=True))
    assert page.matches is not None
    assert gone not in {view.counterpart.key for view in page.matches}
    shop.work.say = say
    shop.take(make_opportunity(id="JH-900"))
    assert all(gone not in pair for pair in pairs(shop))
    assert_current(shop)


def test_background_of_a_new_family_is_measured_once(
    stocked: MarketSettings, matching_settings: MatchingSettings
) -> None:
    other = Shop(stocked, HashingEncoder(dim=16, family="tiny", fingerprint="tiny-1"))
    other.work.match()
    assert (matching_settings.local_dir / "background-tiny.bin").is_file()
    assert read_value(other.db, "dimension") == "16"
    assert_current(other)
