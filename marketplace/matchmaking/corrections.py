"""The room where matchmakers correct the machine: the verdict of one requirement, or the band of a pair.

What is said here stands wherever the pair is shown, with post and date, until it is taken back; the machine's
score and its own judgement stay stored beside it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, ForbiddenError, NotFoundError, StaleError
from marketplace.matched import MatchedPages
from marketplace.matchmaking.rights import served_pair
from marketplace.pages import PairPage
from marketplace.records import Fault, mask_personal
from marketplace.settings import MarketSettings
from marketplace.sight import Sight
from marketplace.store import Database, MatchRow
from marketplace.store.database import transaction
from marketplace.store.matches import find_match, keep_match
from marketplace.store.matchmaking import (
    BAND,
    VERDICT,
    CorrectionRow,
    insert_correction,
    live_corrections,
    requirement_at,
    withdraw_correction,
)
from marketplace.wording import BAND_WORDS, VERDICT_WORDS
from matching import Band, VerdictKind, compose

MAX_REASON = 300
# What a correction is about when it is about the whole pair.
WHOLE = -1
Pair = tuple[int, int]


class CorrectionBook:
    """Corrected verdicts and overridden bands; ``seen`` are the corrections that the page showed."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings

    def correct(
        self, viewer: Viewer, pair: Pair, requirement: int, verdict: str, reason: str, *, seen: Collection[int] = ()
    ) -> None:
        """Judge one requirement (counted from 0) of a pair anew.

        Raises NotFoundError outside the matchmaker's districts, FaultyError when something is missing or nothing
        would change, StaleError when another correction was made in between.
        """
        page = self._page(viewer, pair)
        judged = next((one for one in page.verdicts if one.requirement == requirement), None)
        words = {str(kind): word for kind, word in VERDICT_WORDS.items()}
        faults = [] if judged else [_fault("requirement", "需求条目", "", "这项需求的一条")]
        faults += _faults("verdict", "判断改为", verdict, words, reason)
        if faults or judged is None:
            raise FaultyError(faults[0].sentence, faults)
        machine = judged.correction.machine if judged.correction else str(judged.kind)
        place = _position(page, requirement)
        with transaction(self._keeper.db) as db:
            if self._decided(viewer, pair, requirement, verdict, reason, seen):
                return
            _require_change("verdict", "判断改为", words, verdict, machine)
            text = requirement_at(db, pair[0], place) or ""
            insert_correction(
                db, VERDICT, pair,
                {"requirement": requirement, "position": place, "requirement_text": text, "verdict": verdict,
                 "machine": machine, "reason": reason.strip(), "account_key": viewer.account_key},
            )  # fmt: skip
            change = f"{words[machine]}→{words[verdict]}"
            self._record(db, viewer, "verdict.corrected", page, 条目=text, 判断=change, 理由=reason)

    def override(self, viewer: Viewer, pair: Pair, band: str, reason: str, *, seen: Collection[int] = ()) -> None:
        """Give a pair another band than its score does.

        Raises as ``correct`` does.
        """
        page = self._page(viewer, pair)
        words = {str(one): word for one, word in BAND_WORDS.items()}
        faults = _faults("band", "档次改为", band, words, reason)
        if faults:
            raise FaultyError(faults[0].sentence, faults)
        machine = page.override.machine if page.override else str(page.band)
        fresh = self._unstored(viewer, pair)
        with transaction(self._keeper.db) as db:
            if self._decided(viewer, pair, WHOLE, band, reason, seen):
                return
            _require_change("band", "档次改为", words, band, machine)
            values = {"band": band, "machine": machine, "reason": reason.strip(), "account_key": viewer.account_key}
            insert_correction(db, BAND, pair, values)
            if fresh is not None:
                keep_match(db, fresh)
            change = f"{words[machine]}→{words[band]}"
            self._record(db, viewer, "band.overridden", page, 档次=change, 理由=reason)

    def withdraw(self, viewer: Viewer, pair: Pair, key: int) -> None:
        """Take a correction of a pair back; the machine's judgement stands again.

        Raises NotFoundError when it does not stand, or not on a pair of the matchmaker's districts.
        """
        page = self._page(viewer, pair)
        with transaction(self._keeper.db) as db:
            row = next((one for one in _standing(db, pair) if one.key == key), None)
            if row is None:
                raise NotFoundError("没有这条更正，可能已经撤回。")
            whole = row.requirement == WHOLE
            withdraw_correction(db, BAND if whole else VERDICT, key, viewer.account_key)
            word = BAND_WORDS[Band(row.value)] if whole else VERDICT_WORDS[VerdictKind(row.value)]
            action = "band.withdrawn" if whole else "verdict.withdrawn"
            self._record(db, viewer, action, page, 更正人=row.name, 原更正为=word)

    def _page(self, viewer: Viewer, pair: Pair) -> PairPage:
        """Return the pair as its page shows it; raises for everyone who may not correct it."""
        desk, sight = self._keeper.desk(), Sight(viewer)
        need, offer = served_pair(desk, viewer, pair)
        if not sight.may_correct(need, offer):
            raise ForbiddenError("您是其中一方的成员，不能更正这一对的判断；请由其他撮合员办理。")
        return MatchedPages(self._keeper.db, desk, sight).pair(need, offer, self._settings.matching)

    def _unstored(self, viewer: Viewer, pair: Pair) -> MatchRow | None:
        """Return a pair outside the stored best as it is scored: with a person's band it belongs on every list."""
        if find_match(self._keeper.db, *pair):
            return None
        desk = self._keeper.desk()
        rows = served_pair(desk, viewer, pair)
        return MatchedPages(self._keeper.db, desk, Sight(viewer)).score(*rows, self._settings.matching)

    def _decided(
        self, viewer: Viewer, pair: Pair, requirement: int, value: str, reason: str, seen: Collection[int]
    ) -> bool:
        """Whether the same form was already taken in, sent twice by one press too many.

        Raises StaleError when the page it comes from did not show what stands now.
        """
        found = (one for one in _standing(self._keeper.db, pair) if one.requirement == requirement and not one.lapsed)
        stands = next(found, None)
        if stands is None or stands.key in seen:
            return False
        own = stands.account_key == viewer.account_key
        if own and (stands.value, stands.reason) == (value, reason.strip()):
            return True
        raise StaleError(f"“{stands.name}”刚刚更正过这一项，这次没有改动；请重新打开后再决定。")

    def _record(self, db: Database, viewer: Viewer, action: str, page: PairPage, **detail: Any) -> None:
        need, offer = page.opportunity, page.capability
        record_action(
            db, viewer, action, "posting", need.key, 场景机会=need.posting.title, 场景能力=offer.posting.title, **detail
        )  # fmt: skip


def _standing(db: Database, pair: Pair) -> list[CorrectionRow]:
    return [one for one in live_corrections(db, opportunity_keys=[pair[0]]) if one.capability_key == pair[1]]


def _position(page: PairPage, requirement: int) -> int:
    """Where a judged requirement lies among the stored items, which have no gaps."""
    passages = compose(page.opportunity.posting).passages
    places = {place if one.index is None else one.index: place for place, one in enumerate(passages)}
    return places[requirement]


def _faults(name: str, label: str, value: str, words: dict[str, str], reason: str) -> list[Fault]:
    faults = [] if value in words else [_fault(name, label, "", "、".join(words.values()) + "之一")]
    text = reason.strip()
    if not text:
        faults.append(Fault("reason", "理由", "", "“理由”：没有填写；请写明依据，例如：已与单位电话核实。"))
    elif len(text) > MAX_REASON:
        faults.append(_fault("reason", "理由", f"{len(text)} 个字", f"1–{MAX_REASON} 个字"))
    elif mask_personal(text) != text:
        says = "“理由”：含有个人信息（手机号、邮箱、证件号或姓名），双方都会看到；请改写为岗位或单位。"
        faults.append(Fault("reason", "理由", mask_personal(text), says))
    return faults


def _fault(name: str, label: str, found: str, allowed: str) -> Fault:
    says = f"发现“{found}”；应为：{allowed}。" if found else f"没有选择；应为：{allowed}。"
    return Fault(name, label, found, f"“{label}”：{says}")


def _require_change(name: str, label: str, words: dict[str, str], value: str, machine: str) -> None:
    if value == machine:
        says = f"“{label}”：与系统判断“{words[machine]}”相同，无需更正；要恢复系统判断，请撤回原来的更正。"
        raise FaultyError(says, [Fault(name, label, words[value], says)])
