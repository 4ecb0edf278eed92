"""The rules an installation may choose, from passwords to pairings; each names the setting that changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar

from marketplace.errors import RefusedError

PREFIX = "SCENEMATCH_"


def _rule(default: int, setting: str, low: int, high: int) -> Any:
    """A whole number; a rule can be made stricter at will, but not so weak that it protects nothing."""
    return field(default=default, metadata={"setting": PREFIX + setting, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a password must be like and when an account locks; ``max_age_days`` 0 lets a password grow old.

    ``classes`` counts capital letters, small letters, digits and all other characters.
    """

    min_length: int = _rule(10, "PASSWORD_MIN_LENGTH", 8, 64)
    classes: int = _rule(3, "PASSWORD_CLASSES", 1, 4)
    max_age_days: int = _rule(90, "PASSWORD_MAX_AGE_DAYS", 0, 3650)
    remembered: int = _rule(5, "PASSWORD_REMEMBERED", 1, 24)
    max_failures: int = _rule(5, "LOCK_AFTER", 3, 20)
    lock_minutes: int = _rule(15, "LOCK_MINUTES", 1, 1440)


@dataclass(frozen=True, slots=True)
class PublishingRules:
    """Whether two reviewers are needed (1), how long things can be taken back, how long a posting stays valid."""

    two_step_review: int = _rule(0, "TWO_STEP_REVIEW", 0, 1)
    recall_minutes: int = _rule(10, "RECALL_MINUTES", 0, 1440)
    valid_months: int = _rule(12, "VALID_MONTHS", 1, 60)


@dataclass(frozen=True, slots=True)
class FreshnessRules:
    """Days: before the end of validity that owners are told, between confirmations, from telling to taking off.

    With ``automatic`` 0 owners are told and nothing leaves the lists by itself.
    """

    remind_days: int = _rule(30, "REMIND_DAYS", 1, 180)
    confirm_every_days: int = _rule(90, "CONFIRM_EVERY_DAYS", 30, 730)
    off_shelf_days: int = _rule(14, "OFF_SHELF_DAYS", 7, 365)
    automatic: int = _rule(1, "AUTO_OFF_SHELF", 0, 1)


@dataclass(frozen=True, slots=True)
class FollowupRules:
    """How many pairings may be under way at once, how many days a stage may last, how long a move can be undone."""

    open_per_opportunity: int = _rule(12, "OPEN_PER_OPPORTUNITY", 1, 500)
    open_per_company: int = _rule(20, "OPEN_PER_COMPANY", 1, 500)
    undo_minutes: int = _rule(10, "UNDO_MINUTES", 0, 1440)
    recommended_days: int = _rule(5, "STAGE_DAYS_RECOMMENDED", 1, 365)
    contacted_days: int = _rule(10, "STAGE_DAYS_CONTACTED", 1, 365)
    meeting_days: int = _rule(30, "STAGE_DAYS_MEETING", 1, 365)
    signed_days: int = _rule(60, "STAGE_DAYS_SIGNED", 1, 730)
    building_days: int = _rule(180, "STAGE_DAYS_BUILDING", 1, 1460)
    paused_days: int = _rule(90, "STAGE_DAYS_PAUSED", 1, 365)

    def days_of(self, stage: str) -> int:
        """Return how many days a stage may last, 0 for one without a limit."""
        return int(getattr(self, f"{stage}_days", 0))


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """Whether a wish to exchange contacts goes through the matchmaker (1) or straight to the other side."""

    contact_through_matchmaker: int = _rule(0, "CONTACT_THROUGH_MATCHMAKER", 0, 1)


@dataclass(frozen=True, slots=True)
class FairnessRules:
    """How near two probabilities must be, in hundredths, for the capabilities to change places on a page; 0: never."""

    rotation_points: int = _rule(2, "ROTATION_POINTS", 0, 10)

    @property
    def rotation_width(self) -> float:
        """The same in probability."""
        return self.rotation_points / 100


RULES = (PasswordRules, PublishingRules, FreshnessRules, FollowupRules, AnswerRules, FairnessRules)
_Kind = TypeVar("_Kind", PasswordRules, PublishingRules, FreshnessRules, FollowupRules, AnswerRules, FairnessRules)


def read_rules(kind: type[_Kind], environ: Mapping[str, str]) -> _Kind:
    """Return the rules that ``environ`` asks for, the defaults where it says nothing.

    Raises RefusedError naming the setting whose value cannot be used.
    """
    given = {rule.name: _read(environ, rule) for rule in fields(kind)}
    return kind(**{name: number for name, number in given.items() if number is not None})


def rule_settings() -> tuple[str, ...]:
    """Return the names of all settings that change a rule, without the common beginning."""
    return tuple(rule.metadata["setting"].removeprefix(PREFIX) for kind in RULES for rule in fields(kind))


def _read(environ: Mapping[str, str], rule: Field[Any]) -> int | None:
    setting, low, high = (rule.metadata[name] for name in ("setting", "low", "high"))
    text = environ.get(setting, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
        raise RefusedError(f"设置 {setting} 为“{text}”，不能使用；应为：{low}–{high} 的整数。")
    return int(text)
