"""What use has taught, as training groups: how pairs are graded, what leaves, and what the manifest says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity
from market_tools import ROOT, Shop
from people import make_person

from marketplace import Market, Sight
from marketplace.access import MATCHMAKER
from marketplace.cli import main
from marketplace.insight import FeedbackForm
from marketplace.insight.training import Said, export_training, grade_of
from marketplace.store.database import transaction
from marketplace.store.insight import FeedbackRow
from marketplace.store.matchmaking import CorrectionRow
from marketplace.store.training import OutcomeRow


def word(useful: bool, reason: str = "") -> FeedbackRow:
    return FeedbackRow(1, 2, 3, useful, reason)


def band(value: str) -> CorrectionRow:
    return CorrectionRow(1, 1, 2, -1, value, "good", "看过样机", 3, "撮合岗", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("said", "grade", "why"),
    [
        (Said(OutcomeRow("signed")), "fits", ""),
        (Said(OutcomeRow("landed"), [word(False, "other_subject")] * 3, band("none")), "fits", ""),
        (Said(OutcomeRow("meeting"), band=band("none")), "traps", "看过样机"),
        (Said(OutcomeRow("meeting")), "partial", ""),
        (Said(OutcomeRow("contacted")), "", ""),
        (Said(OutcomeRow("meeting", ("publisher.choice.price",))), "partial", ""),
        (Said(OutcomeRow("contacted", ("publisher.money.unfunded",))), "", ""),
        (Said(OutcomeRow("contacted", ("matchmaker.match.wrong",))), "traps", "撮合员判断匹配有误"),
        (Said(OutcomeRow("contacted", ("company.ability.targets",))), "partial", ""),
        (Said(OutcomeRow("contacted"), [word(True)]), "fits", ""),
        (Said(band=band("possible")), "partial", ""),
        (Said(feedback=[word(False, "other_object")]), "traps", "对象或场景不同"),
        (Said(feedback=[word(False, "part_only"), word(False, "too_dear")]), "partial", ""),
        (Said(feedback=[word(False, "not_served")]), "", ""),
        (Said(feedback=[word(True), word(False, "other_subject")]), "", ""),
        (Said(feedback=[word(True), word(True), word(False, "other_subject")]), "fits", ""),
    ],
)
def test_how_a_pair_is_graded(said: Said, grade: str, why: str) -> None:
    assert grade_of(said, None) == (grade, why)


class Site:
    """A need and four capabilities, matched, with a matchmaker."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        hidden = make_opportunity(id="JH-002", title="内涝点水位上报", extra={"disclosure": "不予公开"})
        shop.take(make_opportunity(), hidden)
        shop.take(
            make_capability(), make_capability(id="NL-002", title="井盖巡检平台，联系人张三 13800001234"),
            make_capability(id="NL-003", title="园林灌溉"), make_capability(id="NL-004", title="井盖铸造"),
        )  # fmt: skip
        self.market = Market(shop.settings)
        self.maker = make_person(shop.db, MATCHMAKER)

    def judge(self, offer: str, verdict: str, reason: str = "", position: int = 0, need: str = "JH-001") -> None:
        form = FeedbackForm(verdict, reason, position=position, place="opportunity")
        self.market.feedback.give(self.maker, self.shop.key(need), self.shop.key(offer), form)

    def pairing(self, key: int, offer: str, *stages: str, reason: str = "") -> None:
        db = self.shop.db
        with transaction(db):
            db.table("pairing").insert(
                {"key": key, "opportunity_key": self.shop.key("JH-001"), "capability_key": self.shop.key(offer),
                 "stage": "failed" if reason else stages[-1], "open_mark": str(key), "stamp": 1, "reason_code": reason}
            )  # fmt: skip
            for place, stage in enumerate(stages):
                db.table("pairing_event").insert(
                    {"key": key * 10 + place, "pairing_key": key, "action": "move", "to_stage": stage,
                     "at": "2026-03-01T00:00:00Z", "undone_at": "", "facts": "{}"}
                )  # fmt: skip


@pytest.fixture
def site(shop: Shop) -> Site:
    return Site(shop)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_outcomes_feedback_and_corrections_leave_as_groups(site: Site, tmp_path: Path) -> None:
    site.pairing(1, "NL-001", "contacted", "meeting", "signed")
    site.pairing(2, "NL-002", "contacted", "meeting", reason="publisher.choice.targets_missed")
    site.judge("NL-003", "unfit", "other_subject", position=7)
    site.judge("NL-004", "unfit", "not_served")
    market, need, offer = site.market, site.shop.key("JH-001"), site.shop.key("NL-001")
    before = market.pair_page(need, offer, Sight(site.maker)).verdicts
    other = "unclear" if before[0].kind.value == "met" else "met"
    market.corrections.correct(site.maker, (need, offer), 0, other, "看过检测报告")
    done = export_training(site.shop.db, tmp_path / "used.jsonl")
    assert (done.groups, done.pairs, done.left_out) == (1, {"fits": 1, "partial": 1, "traps": 1}, 1)
    (group,) = lines(tmp_path / "used.jsonl")
    assert group["need"]["title"] == make_opportunity().title
    assert group["need"]["requirements"] == list(make_opportunity().requirements)
    fit, partial, trap = group["fits"][0], group["partial"][0], group["traps"][0]
    assert fit["origin"] == {"sources": ["outcome", "correction"], "stage": "signed", "corrected": {"0": other}}
    assert ("0" in fit["covers"]) is (other == "met")
    for place in fit["covers"].values():
        assert place == "summary" or place in range(len(fit["features"]))
    assert partial["origin"]["reasons"] == ["publisher.choice.targets_missed"]
    assert trap["why"] == "主题不对，只是用词相近"
    assert trap["origin"]["positions"] == [7]
    assert trap["origin"]["feedback"] == {"other_subject": 1}
    manifest = {line["source"]: line for line in lines(done.manifest)}
    assert {name: line["pairs"] for name, line in manifest.items()} == {
        "outcome": 2, "override": 0, "feedback": 2, "correction": 1,
    }  # fmt: skip
    assert manifest["feedback"]["left_out"] == 1


def test_nothing_personal_and_nothing_withheld_leaves(site: Site, tmp_path: Path) -> None:
    site.judge("NL-002", "useful")
    site.judge("NL-003", "useful", need="JH-002")
    target = tmp_path / "used.jsonl"
    done = export_training(site.shop.db, target)
    text = target.read_text(encoding="utf-8") + done.manifest.read_text(encoding="utf-8")
    assert (done.groups, done.left_out) == (1, 1)
    assert "13800001234" not in text
    assert "张三" not in text
    assert "内涝点水位上报" not in text
    assert site.maker.login not in text
    assert "account" not in text


def test_the_groups_have_the_shape_of_the_training_files(site: Site, tmp_path: Path) -> None:
    site.pairing(1, "NL-001", "contacted", "meeting", "signed")
    site.judge("NL-002", "unfit", "part_only")
    site.judge("NL-003", "unfit", "other_subject")
    export_training(site.shop.db, tmp_path / "used.jsonl")
    authored = lines(ROOT / "data" / "training" / "a_city.jsonl")
    (group,) = lines(tmp_path / "used.jsonl")
    assert set(group) == set(authored[0])
    assert set(group["need"]) == set(authored[0]["need"])
    for kind in ("fits", "partial", "traps"):
        shape = set(next(one for line in authored for one in line[kind]))
        assert set(group[kind][0]) == shape | {"origin"}, kind


def test_the_command_writes_and_is_on_record(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.judge("NL-001", "useful")
    monkeypatch.setenv("SCENEMATCH_DATABASE", str(site.shop.settings.database))
    said: list[str] = []
    assert main(["training-export", "--out", str(tmp_path / "used.jsonl")], said.append) == 0
    assert "已导出 1 组" in said[0]
    assert (tmp_path / "used.jsonl.manifest").is_file()
    assert "export.made" in [row["action"] for row in site.shop.db.query("select action from audit")]
    assert main(["training-export", "--out", str(tmp_path / "no" / "used.jsonl")], said.append) == 2
    assert main(["training-export", "--out", str(tmp_path)], said.append) == 2


def test_an_unused_site_exports_nothing(shop: Shop, tmp_path: Path) -> None:
    done = export_training(shop.db, tmp_path / "used.jsonl")
    assert (done.groups, done.left_out) == (0, 0)
    assert lines(tmp_path / "used.jsonl") == []
    assert len(lines(done.manifest)) == 4
