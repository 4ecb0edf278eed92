"""Import: counts, chunks, acknowledgements, withdrawn postings, states, landings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity, write_lines
from market_tools import SAMPLES, Shop, contents, sample_lines

from marketplace import Market, MarketSettings, RefusedError, commands
from marketplace.commands import Workshop
from marketplace.states import STATES
from marketplace.store.database import open_database
from marketplace.store.landings import load_landings
from marketplace.store.postings import find_keys
from matching import InputError, Opportunity, Side, read_postings, to_exchange


def many(count: int, **values: Any) -> list[Opportunity]:
    return [make_opportunity(id=f"JH-{n:03}", **values) for n in range(count)]


def counts(shop: Shop) -> str:
    return next(line for line in reversed(shop.said) if "新增" in line)


def test_new_changed_unchanged(shop: Shop) -> None:
    shop.take(*many(5))
    assert counts(shop) == "场景机会：新增 5，更新 0，未变 0"
    shop.take(*many(3), make_opportunity(id="JH-003", title="改过"), make_opportunity(id="JH-900"))
    assert counts(shop) == "场景机会：新增 1，更新 1，未变 3"
    assert shop.row("JH-003").posting.title == "改过"
    shop.take(make_capability(id="JH-003"))
    assert counts(shop) == "场景能力：新增 1，更新 0，未变 0"


def test_nothing_changed_loads_no_encoder(stocked: MarketSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_encoder(_: object) -> None:
        raise AssertionError("loaded an encoder for nothing")

    monkeypatch.setattr(commands, "load_encoder", no_encoder)
    said: list[str] = []
    shop = Workshop(stocked, said.append)
    before = contents(shop.db)
    ids = {raw["external_id"] for raw in before["posting"]}
    rows = [raw for raw in sample_lines("opportunities") if raw["id"] in ids]
    shop.take(write_lines(stocked.database.with_suffix(".jsonl"), rows), None)
    assert said == [f"场景机会：新增 0，更新 0，未变 {len(rows)}"]
    assert contents(shop.db) == before


def test_only_changed_texts_are_encoded(shop: Shop) -> None:
    shop.take(*many(4))
    before = shop.encoder.encoded
    shop.take(*many(3), make_opportunity(id="JH-003", title="只有这条改了"))
    assert 0 < shop.encoder.encoded - before <= 5


def test_chunks_are_acknowledged_after_their_commit(market_settings: MarketSettings) -> None:
    reader = open_database(market_settings.database)
    stored: list[tuple[int, set[str], set[str]]] = []

    def listen(line: str) -> None:
        if line.startswith("已保存"):
            head, _, names = line.partition("：")
            known = {raw["external_id"] for raw in reader.table("posting").rows}
            stored.append((int(head.split()[1].split("/")[0]), set(names.split("、")), known))

    shop = Shop(market_settings)
    shop.work.say = listen
    shop.take(*many(45))
    assert [done for done, _, _ in stored] == [20, 40, 45]
    for done, acknowledged, known in stored:
        assert acknowledged <= known
        assert len(known) == done


def test_run_again_after_a_break_finishes_without_doubles(market_settings: MarketSettings) -> None:
    broken = Shop(market_settings)

    def break_off(line: str) -> None:
        raise KeyboardInterrupt

    broken.work.say = break_off
    with pytest.raises(KeyboardInterrupt):
        broken.take(*many(30))
    again = Shop(market_settings)
    assert again.db.table("posting").count == 20
    again.take(*many(30))
    assert counts(again) == "场景机会：新增 10，更新 0，未变 20"
    assert again.db.table("posting").count == 30
    assert [raw["revision"] for raw in again.db.table("posting").rows] == [1] * 30
    assert again.work.check() == 0


def test_withdrawn_stays_withdrawn(shop: Shop) -> None:
    shop.take(*many(2))
    shop.withdraw("JH-001")
    for title in ("窨井盖缺失移位自动发现", "改过的标题"):
        shop.take(make_opportunity(id="JH-001", title=title))
        assert shop.row("JH-001").state == "withdrawn"
        assert any("JH-001" in line and "撤回" in line for line in shop.said[-2:])
    assert shop.row("JH-001").posting.title == "改过的标题"
    assert shop.db.table("vector").count == 1
    shop.withdraw("JH-001", undo=True)
    assert (shop.row("JH-001").state, shop.db.table("vector").count) == ("published", 2)


@pytest.mark.parametrize("state", STATES)
def test_known_states_are_taken(shop: Shop, state: str) -> None:
    shop.take(make_opportunity(state=state))
    assert shop.row("JH-001").state == state
    assert shop.work.check() == 0


def test_unknown_state_is_refused_whole(shop: Shop) -> None:
    before = contents(shop.db)
    with pytest.raises(RefusedError, match=r"JH-024.*state.*live.*published（已发布）"):
        shop.take(*many(24), make_opportunity(id="JH-024", state="live"))
    assert contents(shop.db) == before
    assert before["posting"] == []
    assert shop.encoder.encoded == 0


def test_refused_file_writes_nothing(shop: Shop) -> None:
    before = contents(shop.db)
    with pytest.raises(InputError, match="第 31 行"):
        shop.take(*many(30), {"id": "JH-1", "title": 5, "requirements": []})
    assert contents(shop.db) == before
    assert before["posting"] == []


def test_kind_is_guessed_or_asked_for(shop: Shop) -> None:
    bare = {"id": "X-1", "title": "只有标题"}
    with pytest.raises(InputError, match="--kind"):
        shop.take(bare)
    shop.take(bare, kind="capabilities")
    assert find_keys(shop.db, "X-1")[0][1] is Side.CAPABILITY
    shop.take(bare | {"budget_wan": None})
    shop.take(bare | {"id": "X-2", "maturity": 3})
    assert [side for _, side, _ in find_keys(shop.db, "X-1")] == [Side.CAPABILITY, Side.OPPORTUNITY]
    assert find_keys(shop.db, "X-2")[0][1] is Side.CAPABILITY


def test_notices_are_passed_on(shop: Shop) -> None:
    shop.take(to_exchange(make_opportunity()) | {"lead": "张三", "title": "井\u0007盖"})
    assert sum(line.startswith("提示：") for line in shop.said) == 2
    assert shop.row("JH-001").posting.title == "井盖"
    assert shop.row("JH-001").posting.listing.extra == {"lead": "张三"}


@pytest.fixture
def paired(shop: Shop) -> Shop:
    shop.take(make_opportunity())
    shop.take(make_capability())
    return shop


def landing(**overrides: Any) -> dict[str, Any]:
    raw = sample_lines("landings", [1])[0] | {"opportunity_id": "JH-001", "capability_id": "NL-001"} | overrides
    return {key: value for key, value in raw.items() if value != "missing"}


def test_landings_come_back_as_they_went_in(paired: Shop) -> None:
    rows = [landing(), landing(id="LD-2", accepted_on="2025-01-01")]
    paired.take(*rows)
    keys = (paired.key("JH-001"), paired.key("NL-001"))
    assert load_landings(paired.db) == [(*keys, rows[1]), (*keys, rows[0])]
    assert paired.said[-1] == "已导入落地案例 2 条"


def test_landing_sent_again_replaces_the_old_one_on_every_page(paired: Shop) -> None:
    market = Market(paired.settings)
    paired.take(landing(accepted_on="2025-12-19", credit_clear=True))
    assert market.benchmark_page(2026).candidates[0].status == "candidate"
    paired.take(landing(accepted_on="2025-12-19", credit_clear=False))
    assert paired.db.table("landing").count == 1
    assert market.benchmark_page(2026).candidates[0].status == "failed"
    assert market.home().benchmark_candidates == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "missing"), ("id", 5), ("id", " "), ("opportunity_id", "missing"), ("capability_id", None),
        ("accepted_on", ""), ("accepted_on", 20251219), ("accepted_on", "2025-12"), ("accepted_on", "2025-02-30"),
        ("accepted_on", "去年年底"), ("revisit_on", "很快"), ("revisit_on", 5), ("user_report", "好用"),
        ("effects", "降低一半"), ("effects", [{"unit": "%"}]), ("effects", [{"name": "准确率", "planned": "九成"}]),
        ("replications", "孝感"), ("credit_clear", "是"), ("secret_or_ip_dispute", "无"),
        ("previous_award_year", "2025"),
    ],
)  # fmt: skip
def test_landing_that_cannot_be_used_is_refused_whole(paired: Shop, field: str, value: Any) -> None:
    bad = landing(id="LD-9") | {field: value}
    bad = {key: one for key, one in bad.items() if one != "missing"}
    with pytest.raises(RefusedError, match=f"第 2 行.*{field}.*没有写入"):
        paired.take(landing(), bad, kind="landings")
    assert paired.db.table("landing").count == 0


@pytest.mark.parametrize("field", ["opportunity_id", "capability_id"])
def test_landing_of_an_unknown_posting_is_refused_whole(paired: Shop, field: str) -> None:
    with pytest.raises(RefusedError, match=r"第 2 行.*NL-404.*先导入"):
        paired.take(landing(), landing(id="LD-9") | {field: "NL-404"})
    assert paired.db.table("landing").count == 0


def test_landing_twice_in_one_file_is_refused(paired: Shop) -> None:
    with pytest.raises(RefusedError, match=r"第 2 行.*LD-2026-01.*重复"):
        paired.take(landing(), landing())
    assert paired.db.table("landing").count == 0


def test_shipped_samples_pass_every_check(shop: Shop) -> None:
    for name in ("opportunities", "capabilities"):
        assert read_postings(SAMPLES / f"{name}.jsonl").notices == ()
    landings = sample_lines("landings")
    shop.take(*(raw for raw in sample_lines("opportunities") if raw["id"] in {r["opportunity_id"] for r in landings}))
    shop.take(*(raw for raw in sample_lines("capabilities") if raw["id"] in {r["capability_id"] for r in landings}))
    shop.work.take(SAMPLES / "landings.jsonl", None)
    assert len(load_landings(shop.db)) == len(landings)


def test_missing_file(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="读不到"):
        shop.work.take(tmp_path / "nothing.jsonl", None)
