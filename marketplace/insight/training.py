"""Writes what use has taught as training groups: outcomes, feedback and corrections, without personal data.

A pair that was signed is a fit whatever else was said of it; then a matchmaker's band counts, then how far the pair
came, then what most people said. What says nothing about the subject (price, money, timing) makes no trap.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from marketplace.access import OPERATOR
from marketplace.audit import record_action
from marketplace.errors import RefusedError
from marketplace.insight.feedback import REASONS
from marketplace.publicity import is_open, masked
from marketplace.records.personal import mask_personal
from marketplace.stages import BUILDING, LANDED, MEETING, SIGNED
from marketplace.states import WITHDRAWN
from marketplace.store import Database, MatchRow, PostingRow
from marketplace.store.database import now, snapshot_read, transaction
from marketplace.store.insight import FeedbackRow, all_feedback
from marketplace.store.matches import matches_of_pairs
from marketplace.store.matchmaking import CorrectionRow
from marketplace.store.postings import load_rows
from marketplace.store.training import OutcomeRow, Pair, outcomes, standing_corrections
from matching import Band, Capability, Opportunity, Side, VerdictKind

FIT, PARTIAL, TRAP = "fits", "partial", "traps"
GRADES = (FIT, PARTIAL, TRAP)
SOURCES = {
    "outcome": "对接所到阶段、未成的原因：签约及以后为 fits，洽谈过或指标不足为 partial，匹配有误为 traps",
    "override": "撮合员更正的档次：高度匹配、较匹配为 fits，可了解为 partial，不推荐为 traps",
    "feedback": "有用 / 不合适：多数意见；不合适只取与主题有关的原因，各半的不取",
    "correction": "撮合员更正的逐条判断：写在 covers 和 corrected 里，不单独决定归类",
}
# Coded reasons that speak of the subject itself; all others leave the pair as it was.
_FAILED = {
    "matchmaker.match.wrong": TRAP,
    "publisher.choice.targets_missed": PARTIAL,
    "publisher.choice.trial_failed": PARTIAL,
    "company.ability.targets": PARTIAL,
}
_UNFIT = {"other_subject": TRAP, "other_object": TRAP, "excluded": TRAP, "part_only": PARTIAL,
          "figures_short": PARTIAL}  # fmt: skip
_BANDS = {Band.STRONG: FIT, Band.GOOD: FIT, Band.POSSIBLE: PARTIAL, Band.NONE: TRAP}
_WHY = {
    "matchmaker.match.wrong": "撮合员判断匹配有误",
    "publisher.choice.targets_missed": "技术指标达不到要求",
    "publisher.choice.trial_failed": "试用效果不理想",
    "company.ability.targets": "部分指标做不到",
}


@dataclass(slots=True)
class Said:
    """Everything known of one pair."""

    outcome: OutcomeRow | None = None
    feedback: list[FeedbackRow] = field(default_factory=list)
    band: CorrectionRow | None = None
    verdicts: list[CorrectionRow] = field(default_factory=list)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of what was said."""
        found = {"outcome": self.outcome, "override": self.band, "feedback": self.feedback, "correction": self.verdicts}
        return tuple(name for name in SOURCES if found[name])


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written: groups, pairs by grade, pairs left out, and the file that tells where from."""

    groups: int
    pairs: dict[str, int]
    left_out: int
    manifest: Path


def export_training(db: Database, target: Path) -> Exported:
    """Write the groups to ``target`` and one line a source to the file beside it; return how much it was.

    The export is on record. Raises RefusedError when the folder does not exist or the target is one.
    """
    if not target.parent.is_dir():
        raise RefusedError(f"文件夹 {target.parent} 不存在；没有导出。")
    if target.is_dir():
        raise RefusedError(f"{target} 是文件夹，应为文件名；没有导出。")
    with snapshot_read(db):
        said = gather(outcomes(db), all_feedback(db), standing_corrections(db))
        rows = {row.key: row for row in load_rows(db, {key for pair in said for key in pair})}
        matches = matches_of_pairs(db, list(said))
    groups, tally = groups_of(said, rows, matches)
    manifest = target.with_name(target.name + ".manifest")
    _write(target, groups)
    _write(manifest, _manifest(tally, len(groups)))
    with transaction(db):
        record_action(db, OPERATOR, "export.made", "training", 0, 内容="训练数据", 条数=len(groups))
    return Exported(len(groups), {grade: tally["all", grade] for grade in GRADES}, tally["all", ""], manifest)


def gather(
    ended: Mapping[Pair, OutcomeRow], words: Iterable[FeedbackRow], corrections: Iterable[CorrectionRow]
) -> dict[Pair, Said]:
    """Return what is known of each pair."""
    found: defaultdict[Pair, Said] = defaultdict(Said)
    for pair, row in ended.items():
        found[pair].outcome = row
    for word in words:
        found[word.opportunity_key, word.capability_key].feedback.append(word)
    for one in corrections:
        said = found[one.opportunity_key, one.capability_key]
        if one.requirement < 0:
            said.band = one
        else:
            said.verdicts.append(one)
    return dict(sorted(found.items()))


def grade_of(said: Said, match: MatchRow | None) -> tuple[str, str]:
    """Return the grade of a pair, empty when nothing can be concluded, and for a trap why it is one."""
    grade, why = _concluded(said, match)
    return grade, why if grade == TRAP else ""


def _concluded(said: Said, match: MatchRow | None) -> tuple[str, str]:
    outcome = said.outcome
    if outcome is not None and outcome.stage in (SIGNED, BUILDING, LANDED):
        return FIT, ""
    if said.band is not None:
        return _BANDS[Band(said.band.value)], said.band.reason
    failed = [code for code in (outcome.reasons if outcome else ()) if code in _FAILED]
    if failed:
        worst = max(failed, key=lambda code: GRADES.index(_FAILED[code]))
        return _FAILED[worst], _WHY[worst]
    if outcome is not None and outcome.stage == MEETING:
        return PARTIAL, ""
    votes = Counter(grade for word in said.feedback if (grade := FIT if word.useful else _UNFIT.get(word.reason_code)))
    (first, most), *others = votes.most_common() or [("", 0)]
    if most and all(number < most for _, number in others):
        codes = [word.reason_code for word in said.feedback if _UNFIT.get(word.reason_code) == first]
        return first, REASONS[codes[0]][0] if codes else ""
    corrected = {one.requirement for one in said.verdicts}
    met = match is not None and any(v.kind is VerdictKind.MET and v.requirement in corrected for v in match.verdicts)
    return (PARTIAL, "") if met else ("", "")


def groups_of(
    said: Mapping[Pair, Said], rows: Mapping[int, PostingRow], matches: Mapping[Pair, MatchRow]
) -> tuple[list[dict[str, Any]], Counter[tuple[str, str]]]:
    """Return one group for each need, and how many pairs of each source (and ``all``) got which grade, "" for none.

    Only texts that are 主动公开 leave, with personal data masked.
    """
    groups: dict[int, dict[str, Any]] = {}
    tally: Counter[tuple[str, str]] = Counter()
    for pair, one in said.items():
        need, offer = (_text(rows.get(key), side) for key, side in zip(pair, Side, strict=True))
        grade, why = grade_of(one, matches.get(pair)) if need is not None and offer is not None else ("", "")
        tally.update((source, grade) for source in ("all", *one.sources))
        if not grade:
            continue
        group = groups.setdefault(pair[0], {"need": _need(cast(Opportunity, need)), FIT: [], PARTIAL: [], TRAP: []})
        group[grade].append(_offer(cast(Capability, offer), one, matches.get(pair), grade, why))
    return list(groups.values()), tally


def _text(row: PostingRow | None, side: Side) -> Opportunity | Capability | None:
    if row is None or row.posting.side is not side or row.state == WITHDRAWN or not is_open(row.posting):
        return None
    return masked(row.posting)


def _need(need: Opportunity) -> dict[str, Any]:
    return {"title": need.title, "background": need.background, "requirements": list(need.requirements)}


def _offer(offer: Capability, said: Said, match: MatchRow | None, grade: str, why: str) -> dict[str, Any]:
    found: dict[str, Any] = {"title": offer.title, "summary": offer.summary, "features": list(offer.features)}
    if grade == TRAP:
        found["why"] = mask_personal(why)
    else:
        found["covers"] = _covers(match)
    words = Counter("useful" if word.useful else word.reason_code for word in said.feedback)
    places = [word.position for word in said.feedback if word.position]
    outcome = said.outcome or OutcomeRow("")
    origin = {
        "sources": list(said.sources), "stage": outcome.stage, "reasons": list(outcome.reasons),
        "feedback": dict(sorted(words.items())), "positions": places,
        "corrected": {str(one.requirement): one.value for one in said.verdicts},
    }  # fmt: skip
    return found | {"origin": {name: value for name, value in origin.items() if value}}


def _covers(match: MatchRow | None) -> dict[str, int | str]:
    """Return which feature, or the summary, proves each requirement, as matchmakers left the verdicts."""
    found: dict[str, int | str] = {}
    for verdict in match.verdicts if match else ():
        passage = verdict.passage
        if verdict.kind is not VerdictKind.MET or passage is None:
            continue
        if passage.source == "feature" and passage.index is not None:
            found[str(verdict.requirement)] = passage.index
        elif passage.source == "summary":
            found[str(verdict.requirement)] = "summary"
    return found


def _manifest(tally: Mapping[tuple[str, str], int], groups: int) -> list[dict[str, Any]]:
    made = now()
    return [
        {"source": source, "meaning": meaning, "pairs": sum(tally.get((source, grade), 0) for grade in (*GRADES, "")),
         **{grade: tally.get((source, grade), 0) for grade in GRADES}, "left_out": tally.get((source, ""), 0),
         "groups_in_file": groups, "made_at": made}
        for source, meaning in SOURCES.items()
    ]  # fmt: skip


def _write(target: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Write lines in one go: the file is there whole or not at all."""
    aside = target.with_name(target.name + ".new")
    try:
        aside.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)
