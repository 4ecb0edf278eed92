"""有用 / 不合适 on a pair: one word of each person, with a coded reason, changed or taken back at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, ForbiddenError, NotFoundError
from marketplace.pages import Feedback, MatchView, PostingCard
from marketplace.records import Fault
from marketplace.records.faults import cut
from marketplace.records.personal import mask_personal
from marketplace.sight import Sight
from marketplace.store.database import transaction
from marketplace.store.insight import FeedbackRow, drop_feedback, feedback_of, save_feedback
from matching import Side

# What the words mean to the ranking: the subject is another, it fits but not here, or the record misled.
TOPICAL, ELIGIBLE, RECORD = "topical", "eligible", "record"
REASONS = {
    "other_subject": ("主题不对，只是用词相近", TOPICAL),
    "other_object": ("对象或场景不同", TOPICAL),
    "part_only": ("只能满足一小部分需求", TOPICAL),
    "figures_short": ("关键指标达不到", TOPICAL),
    "excluded": ("被限制条件排除在外", TOPICAL),
    "not_ripe": ("技术成熟度不够", ELIGIBLE),
    "not_served": ("不服务本地区", ELIGIBLE),
    "too_dear": ("价格或预算不合", ELIGIBLE),
    "known_already": ("此前接触过，不再考虑", ELIGIBLE),
    "outdated": ("信息过时或不准", RECORD),
    "too_thin": ("材料太简略，无法判断", RECORD),
    "wrong_evidence": ("引用的原句不能说明问题", RECORD),
    "other": ("其他（请写明）", RECORD),
}
PLACES = ("pair", "opportunity", "capability")
MAX_NOTE, MAX_POSITION = 300, 1000


@dataclass(frozen=True, slots=True)
class FeedbackForm:
    """What was typed: ``verdict`` is useful or unfit; ``position`` is where on ``place`` the pair was shown."""

    verdict: str
    reason: str = ""
    note: str = ""
    position: int = 0
    place: str = "pair"


class FeedbackBook:
    """Takes what people say of pairs they may see."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def give(
        self, viewer: Viewer, opportunity_key: int, capability_key: int, form: FeedbackForm, *, public: bool = False
    ) -> None:
        """Keep one person's word on a pair in place of an earlier one.

        ``public`` says that everyone sees every pair here. Raises NotFoundError for a pair that is not there or not
        to be seen, FaultyError naming the field that cannot be used.
        """
        self._require(viewer, opportunity_key, capability_key, public)
        useful, reason, note = _checked(form)
        row = FeedbackRow(
            opportunity_key, capability_key, viewer.account_key, useful, reason, note,
            max(0, min(MAX_POSITION, form.position)), form.place if form.place in PLACES else "pair",
        )  # fmt: skip
        with transaction(self._keeper.db) as db:
            save_feedback(db, row)
            record_action(
                db, viewer, "feedback.given", "pair", opportunity_key, 能力=capability_key,
                评价="有用" if useful else "不合适", 原因=REASONS[reason][0] if reason else "",
            )  # fmt: skip

    def take_back(self, viewer: Viewer, opportunity_key: int, capability_key: int, *, public: bool = False) -> bool:
        """Forget what this person said of a pair; return whether there was anything."""
        self._require(viewer, opportunity_key, capability_key, public)
        with transaction(self._keeper.db) as db:
            gone = drop_feedback(db, opportunity_key, capability_key, viewer.account_key)
            if gone:
                record_action(db, viewer, "feedback.withdrawn", "pair", opportunity_key, 能力=capability_key)
        return gone

    def of(self, viewer: Viewer, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Feedback]:
        """Return what this person said of these pairs; nothing of what others said."""
        if not viewer.signed_in:
            return {}
        found = feedback_of(self._keeper.db, viewer.account_key, pairs)
        return {pair: Feedback(row.useful, row.reason_code, row.note, row.at) for pair, row in found.items()}

    def worded(
        self, viewer: Viewer, of: PostingCard, views: tuple[MatchView, ...] | None
    ) -> tuple[MatchView, ...] | None:
        """Return the counterparts of a posting, each with what this person said of the pair."""
        if not views or not viewer.signed_in:
            return views
        need = of.posting.side is Side.OPPORTUNITY
        pairs = [(of.key, view.counterpart.key) if need else (view.counterpart.key, of.key) for view in views]
        said = self.of(viewer, pairs)
        return tuple(replace(view, feedback=said.get(pair)) for view, pair in zip(views, pairs, strict=True))

    def _require(self, viewer: Viewer, opportunity_key: int, capability_key: int, public: bool) -> None:
        if not viewer.signed_in:
            raise ForbiddenError("请登录后再评价。")
        postings, sight = self._keeper.desk().postings, Sight(viewer, public)
        need, offer = postings.get(opportunity_key), postings.get(capability_key)
        sides = [row.posting.side for row in (need, offer) if row is not None]
        if need is None or offer is None or sides != list(Side) or not sight.pair(need, offer):
            raise NotFoundError("没有这一对匹配，可能是链接有误。")


def _checked(form: FeedbackForm) -> tuple[bool, str, str]:
    """Return whether it is useful, the reason code and the note as they are kept: of other people nothing personal."""
    if form.verdict not in ("useful", "unfit"):
        raise _fault("verdict", "评价", form.verdict, "应为：有用、不合适之一")
    note = mask_personal(" ".join(form.note.split()))
    if len(note) > MAX_NOTE:
        raise _fault("note", "补充说明", f"{len(note)} 字", f"应为：不超过 {MAX_NOTE} 字")
    if form.verdict == "useful":
        return True, "", note
    if form.reason not in REASONS:
        raise _fault("reason", "不合适的原因", form.reason, "请从列出的原因中选一项")
    if form.reason == "other" and not note:
        raise _fault("note", "补充说明", "", "原因选“其他”时请写明")
    return False, form.reason, note


def _fault(field: str, label: str, found: str, clause: str) -> FaultyError:
    sentence = f"“{label}”：" + (f"发现“{cut(mask_personal(found))}”；" if found else "没有填写；") + f"{clause}。"
    return FaultyError(sentence, [Fault(field, label, found, sentence)])
