"""待撮合清单: what waits at the end of a month, with whom to bring, as a page and as a workbook."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from desk_tools import DeskFloor, day
from market_tools import Shop
from openpyxl import load_workbook
from people import make_person

from marketplace import BadRequestError, ForbiddenError
from marketplace.matchmaking import MATCHED, UNMATCHED, Stretch, WaitingPage, waiting
from marketplace.store import Database, MatchRow
from marketplace.store.database import transaction
from marketplace.store.pairing_events import insert_event
from matching import Band


@pytest.fixture
def floor(stocked_shop: Shop) -> DeskFloor:
    made = DeskFloor(stocked_shop)
    with transaction(made.db):
        made.db.conn.execute("update posting set published_on = '2026-03-10'")
    return made


def needs_of(page: WaitingPage) -> tuple[list[int], list[int]]:
    return [one.opportunity.key for one in page.matched], [one.opportunity.key for one in page.unmatched]


def test_needs_with_good_candidates_and_those_without_are_apart(floor: DeskFloor) -> None:
    (first, second), offers = floor.needs[:2], floor.offers
    floor.only(*((first, offers[place], score) for place, score in enumerate((0.3, 0.9, 0.1, 0.05))),
               (second, offers[0], 0.15))  # fmt: skip
    page = floor.market.waiting.page(floor.broker)
    matched, unmatched = needs_of(page)
    assert matched == [first]
    assert second in unmatched
    assert len(matched) + len(unmatched) == len(floor.needs)
    best = page.matched[0].candidates
    assert [one.capability.key for one in best] == [offers[1], offers[0], offers[2]]
    assert best[0].band is Band.STRONG
    assert best[0].tally
    empty = next(one for one in page.unmatched if one.opportunity.key == floor.needs[2])
    assert empty.candidates == ()
    assert page.matched[0].days == (date.today() - date.today().replace(year=2026, month=3, day=10)).days


def test_a_need_under_way_or_landed_does_not_wait(floor: DeskFloor) -> None:
    going, landed, tried, paused = floor.needs[:4]
    offer, other = floor.offers[:2]
    floor.only((tried, offer, 0.9), (tried, other, 0.8))
    floor.pairing(going, offer)
    floor.close(floor.pairing(landed, offer), "landed", "2026-05-01T00:00:00Z")
    floor.close(floor.pairing(tried, offer), "failed", "2026-05-01T00:00:00Z")
    floor.pairing(paused, offer, stage="paused")
    page = floor.market.waiting.page(floor.broker)
    waiting = {one.opportunity.key: one for one in (*page.matched, *page.unmatched)}
    assert {going, landed}.isdisjoint(waiting)
    # Put aside is not under way, as for the caps.
    assert waiting[paused].tried == 0
    # What came to nothing is not proposed once more, but counted.
    assert waiting[tried].tried == 1
    assert [one.capability.key for one in waiting[tried].candidates] == [other]


def test_a_past_month_is_as_it_was_at_its_end(floor: DeskFloor) -> None:
    need, offer = floor.needs[0], floor.offers[0]
    key = floor.pairing(need, offer)
    with transaction(floor.db):
        floor.db.table("pairing").update(key, {"created_at": "2026-05-02T00:00:00Z"})
    floor.close(key, "failed", "2026-07-15T00:00:00Z")
    waits = {
        month: any(need in part for part in needs_of(floor.market.waiting.page(floor.broker, month)))
        for month in ("2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07")
    }
    assert waits == {
        "2026-02": False, "2026-03": True, "2026-04": True, "2026-05": False, "2026-06": False, "2026-07": True,
    }  # fmt: skip
    floor.only((need, offer, 0.9))
    page = floor.market.waiting.page(floor.broker, "2026-03")
    assert (page.month, page.as_of) == ("2026-03", "2026-03-31")
    # Published on 10 March, it had waited 21 days; candidates are today's.
    assert [(one.opportunity.key, one.days) for one in page.matched] == [(need, 21)]
    assert {one.days for one in page.unmatched} == {21}
    assert len(page.unmatched) == len(floor.needs) - 1


def test_what_was_put_aside_waits_while_it_is(floor: DeskFloor) -> None:
    need, offer = floor.needs[0], floor.offers[0]
    key = floor.pairing(need, offer)
    steps = (
        ("open", "recommended", "2026-04-02"), ("pause", "paused", "2026-05-02"),
        ("resume", "contacted", "2026-07-02"), ("fail", "failed", "2026-08-02"),
    )  # fmt: skip
    with transaction(floor.db):
        floor.db.table("pairing").update(key, {"created_at": "2026-04-02T00:00:00Z"})
        for action, stage, at in steps:
            insert_event(floor.db, key, action, to_stage=stage, at=f"{at}T00:00:00Z")
        insert_event(
            floor.db, key, "pause", to_stage="paused", at="2026-07-03T00:00:00Z", undone_at="2026-07-03T00:05:00Z"
        )
    floor.close(key, "failed", "2026-08-02T00:00:00Z")
    waits = {
        month: any(need in part for part in needs_of(floor.market.waiting.page(floor.broker, month)))
        for month in ("2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08")
    }
    assert waits == {
        "2026-03": True, "2026-04": False, "2026-05": True, "2026-06": True, "2026-07": False, "2026-08": True,
    }  # fmt: skip


def test_one_page_of_one_part_reads_no_more_than_it_shows(floor: DeskFloor, monkeypatch: pytest.MonkeyPatch) -> None:
    needs, offers = sorted(floor.needs), floor.offers
    floor.only(*((need, offers[0], 0.9) for need in needs[:5]), *((need, offers[1], 0.05) for need in needs[5:]))
    asked: list[int] = []
    read = waiting.matches_of_pairs

    def counted(db: Database, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], MatchRow]:
        asked.append(len(pairs))
        return read(db, pairs)

    monkeypatch.setattr(waiting, "matches_of_pairs", counted)
    whole = needs_of(floor.market.waiting.page(floor.broker))[0]
    pages = [floor.market.waiting.page(floor.broker, stretch=Stretch(MATCHED, place, 2)) for place in (1, 2, 3, 99, 0)]
    assert [needs_of(page) for page in pages] == [
        (shown, []) for shown in (whole[:2], whole[2:4], whole[4:], whole[4:], whole[:2])
    ]
    assert [(page.number, page.pages) for page in pages] == [(1, 3), (2, 3), (3, 3), (3, 3), (1, 3)]
    assert all(page.totals == {MATCHED: 5, UNMATCHED: len(needs) - 5} for page in pages)
    assert asked == [len(needs), 2, 2, 1, 1, 2]


def test_a_page_takes_as_many_statements_however_many_wait(floor: DeskFloor) -> None:
    counts = []
    for count in (2, len(floor.needs)):
        floor.only(*((need, floor.offers[0], 0.9) for need in floor.needs[:count]))
        floor.market.waiting.page(floor.broker)
        said: list[str] = []
        floor.db.conn.set_trace_callback(said.append)
        page = floor.market.waiting.page(floor.broker)
        floor.db.conn.set_trace_callback(None)
        assert len(page.matched) == count
        counts.append(len(said))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("month", ["2026-13", "26-03", "三月", "2026-3", "1999-12", f"{date.today().year + 2}-01"])
def test_what_is_no_month_is_refused(floor: DeskFloor, month: str) -> None:
    with pytest.raises(BadRequestError, match="“月份”：发现"):
        floor.market.waiting.page(floor.broker, month)


def test_a_matchmakers_band_moves_a_need(floor: DeskFloor) -> None:
    (first, second), offer = floor.needs[:2], floor.offers[0]
    floor.only((first, offer, 0.9), (second, offer, 0.1))
    floor.band((first, offer), "none")
    floor.band((second, offer), "good")
    page = floor.market.waiting.page(floor.broker)
    matched, unmatched = needs_of(page)
    assert matched == [second]
    assert first in unmatched
    told = page.matched[0].candidates[0].override
    assert told is not None
    assert told.machine == "possible"


def test_only_the_districts_served(floor: DeskFloor) -> None:
    near = make_person(floor.db, "reviewer", districts=["潜江市"])
    page = floor.market.waiting.page(near)
    places = {one.opportunity.posting.district[:2] for one in (*page.matched, *page.unmatched)}
    assert places == {"潜江"}
    for role in ("publisher", "company", "admin", "expert"):
        with pytest.raises(ForbiddenError):
            floor.market.waiting.page(make_person(floor.db, role))


def test_a_withheld_capability_of_another_district_is_on_nobodys_list(floor: DeskFloor) -> None:
    need = next(row.key for row in floor.market._keeper.desk().postings.values()
                if row.key in floor.needs and row.posting.district.startswith("潜江"))  # fmt: skip
    hidden, shown = floor.offers[:2]
    floor.only((need, hidden, 0.9), (need, shown, 0.3))
    withhold(floor, hidden, "随州市")
    near = make_person(floor.db, "matchmaker", districts=["潜江市"])
    page = floor.market.waiting.page(near)
    (line,) = page.matched
    assert [one.capability.key for one in line.candidates] == [shown]
    title = floor.market._keeper.desk().postings[hidden].posting.title
    book = load_workbook(io.BytesIO(floor.market.waiting.file(near).stream.read()))
    assert all(title not in str(row) for sheet in book for row in sheet.iter_rows(values_only=True))
    everywhere = next(one for one in floor.market.waiting.page(floor.broker).matched if one.opportunity.key == need)
    assert [one.capability.key for one in everywhere.candidates] == [hidden, shown]


def withhold(floor: DeskFloor, key: int, place: str) -> None:
    """Let a capability of another place be 依申请公开."""
    (record,) = floor.db.conn.execute("select record from posting where key = ?", [key]).fetchone()
    value = json.loads(record)
    value["district_or_city"] = place
    value.setdefault("extra", {})["disclosure"] = "依申请公开"
    floor.change(key, record=json.dumps(value, ensure_ascii=False), region=place)
    floor.market._keeper._desk = None


def test_the_workbook_holds_both_parts(floor: DeskFloor) -> None:
    (first, second), offers = floor.needs[:2], floor.offers
    floor.only((first, offers[0], 0.9), (first, offers[1], 0.5), (second, offers[0], 0.1))
    floor.band((first, offers[0]), "good")
    with transaction(floor.db):
        floor.db.table("posting").update(first, {"title": "x"})
    file = floor.market.waiting.file(floor.broker)
    assert (file.name, file.plain_name) == (f"待撮合清单-{day(0)[:7]}.xlsx", f"waiting-{day(0)[:7]}.xlsx")
    book = load_workbook(io.BytesIO(file.stream.read()))
    assert book.sheetnames == ["待撮合（有候选）", "无合适能力"]
    header, *rows = book["待撮合（有候选）"].iter_rows(values_only=True)
    (row,) = [dict(zip(header, cells, strict=True)) for cells in rows]
    page = floor.market.waiting.page(floor.broker)
    assert row["场景名称"] == page.matched[0].opportunity.posting.title
    assert row["候选1能力"] == page.matched[0].candidates[0].capability.posting.title
    assert {row["候选1档次"], row["候选2档次"]} == {"高度匹配", "较匹配（撮合员更正）"}
    assert row["候选3能力"] is None
    assert book["无合适能力"].max_row == len(page.unmatched) + 1
    (entry,) = floor.db.query("select detail from audit where action = 'export.made'")
    assert "待撮合清单" in entry["detail"]
