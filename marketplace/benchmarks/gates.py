"""Pure rules: the gates of a year, each with the fact it was decided on."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.pages import Effect, Gate

PASSED, FAILED, MISSING = "passed", "failed", "missing"
CANDIDATE, INCOMPLETE = "candidate", "incomplete"


@dataclass(frozen=True, slots=True)
class YearRules:
    """The parameters of one year's round; ``months`` is how long a landing must have run."""

    year: int
    months: int = 6

    @property
    def cutoff(self) -> date:
        """Last day that counts for the round."""
        return date(self.year, 12, 31)

    def takes(self, accepted: date) -> bool:
        """Whether a landing accepted on this day belongs to the round: this year or the last."""
        return date(self.year - 1, 1, 1) <= accepted <= self.cutoff

    def sentences(self) -> tuple[str, ...]:
        """Return the rules in words."""
        return (
            f"验收日期在 {self.year - 1}-01-01 至 {self.cutoff} 之间；",
            f"自验收日期起连续运行满 {self.months} 个月（以 {self.cutoff} 为准），并有回访确认仍在使用；",
            "有用户单位出具的使用报告；",
            "信用核查无严重失信、经营异常；",
            "不涉密，无知识产权争议；",
            f"{self.year - 1} 年度未获同一称号。",
        )


def years_of(accepted: list[date], today: date) -> tuple[int, ...]:
    """Return the years with a round for these landings, newest first, none in the future."""
    years = {day.year + more for day in accepted for more in (0, 1)}
    return tuple(sorted((year for year in years if year <= today.year), reverse=True))


def examine(landing: dict[str, Any], rules: YearRules) -> tuple[Gate, ...]:
    """Hold one landing against every gate of a year."""
    return (
        _running(landing, rules),
        _user_proof(landing),
        _credit(landing),
        _secrets(landing),
        _not_repeated(landing, rules),
    )


def status_of(gates: tuple[Gate, ...]) -> str:
    """Return candidate when all gates are passed, failed when one is not, else incomplete."""
    results = {gate.result for gate in gates}
    if FAILED in results:
        return FAILED
    return INCOMPLETE if MISSING in results else CANDIDATE


def effects_of(landing: dict[str, Any]) -> tuple[Effect, ...]:
    """Return the promised and measured figures, each with whether the promise was kept."""
    return tuple(
        Effect(
            raw["name"],
            raw.get("unit") or "",
            raw.get("planned"),
            raw.get("measured"),
            _reached(raw),
            raw.get("method"),
        )
        for raw in landing.get("effects") or ()
    )


def _reached(raw: dict[str, Any]) -> bool | None:
    planned, measured = raw.get("planned"), raw.get("measured")
    if planned is None or measured is None:
        return None
    return bool(measured >= planned if raw.get("higher_is_better", True) else measured <= planned)


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _running(landing: dict[str, Any], rules: YearRules) -> Gate:
    label = f"落地运行满 {rules.months} 个月"
    full = add_months(date.fromisoformat(landing["accepted_on"]), rules.months)
    if full > rules.cutoff:
        return Gate("running", label, FAILED, f"{landing['accepted_on']} 验收，到 {full} 才满，晚于 {rules.cutoff}")
    revisit = landing.get("revisit_on")
    if not revisit or date.fromisoformat(revisit) > rules.cutoff:
        return Gate("running", label, MISSING, f"{landing['accepted_on']} 验收，{full} 已满，缺截止日前的回访确认")
    if date.fromisoformat(revisit) < full:
        return Gate("running", label, MISSING, f"{revisit} 回访时尚未满 {rules.months} 个月（{full} 满），需再次回访")
    return Gate("running", label, PASSED, f"{landing['accepted_on']} 验收，{revisit} 回访确认仍在使用")


def _user_proof(landing: dict[str, Any]) -> Gate:
    report = landing.get("user_report")
    if not report or not report.get("text"):
        return Gate("user_proof", "用户单位证明", MISSING, "没有用户单位使用报告")
    return Gate(
        "user_proof", "用户单位证明", PASSED, f"{report.get('unit', '用户单位')}，{report.get('date') or '日期未注明'}"
    )


def _credit(landing: dict[str, Any]) -> Gate:
    clear = landing.get("credit_clear")
    if clear is None:
        return Gate("credit", "信用核查", MISSING, "没有信用核查结果")
    fact = "核查未见严重失信、经营异常" if clear else "核查发现严重失信或经营异常"
    return Gate("credit", "信用核查", PASSED if clear else FAILED, fact)


def _secrets(landing: dict[str, Any]) -> Gate:
    dispute = landing.get("secret_or_ip_dispute")
    if dispute is None:
        return Gate("secrets", "不涉密、无知识产权争议", MISSING, "没有声明")
    fact = "存在涉密内容或知识产权争议" if dispute else "已声明不涉密、无争议"
    return Gate("secrets", "不涉密、无知识产权争议", FAILED if dispute else PASSED, fact)


def _not_repeated(landing: dict[str, Any], rules: YearRules) -> Gate:
    awarded = landing.get("previous_award_year")
    if awarded == rules.year - 1:
        return Gate("not_repeated", "上届未获同一称号", FAILED, f"{awarded} 年度已获同一称号")
    fact = f"最近一次获评为 {awarded} 年度" if awarded else "没有获评记录"
    return Gate("not_repeated", "上届未获同一称号", PASSED, fact)
