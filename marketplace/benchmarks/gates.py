"""Pure rules: the gates of a year, each with the fact it was decided on."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.pages import Effect, Gate

PASSED, FAILED, MISSING = "passed", "failed", "missing"
CANDIDATE, INCOMPLETE = "candidate", "incomplete"
GATE_NAMES = ("running", "user_proof", "credit", "secrets", "not_repeated")
# What each gate is called where a year is set up; the months come from the year.
GATE_LABELS = dict(
    zip(
        GATE_NAMES,
        ("落地运行满期", "用户单位证明", "信用核查", "不涉密、无知识产权争议", "上届未获同一称号"),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class YearRules:
    """The gates of one year's round; ``months`` is how long a landing must have run, ``last_day`` what counts last."""

    year: int
    months: int = 6
    gates: tuple[str, ...] = GATE_NAMES
    last_day: date | None = None

    @property
    def cutoff(self) -> date:
        """Last day that counts for the round."""
        return self.last_day or date(self.year, 12, 31)

    def takes(self, accepted: date) -> bool:
        """Whether a landing accepted on this day belongs to the round: this year or the last."""
        return date(self.year - 1, 1, 1) <= accepted <= self.cutoff

    def sentences(self) -> tuple[str, ...]:
        """Return the rules in words."""
        words = {
            "running": f"自验收日期起连续运行满 {self.months} 个月（以 {self.cutoff} 为准），并有回访确认仍在使用",
            "user_proof": "有用户单位出具的使用报告",
            "credit": "信用核查无严重失信、经营异常",
            "secrets": "不涉密，无知识产权争议",
            "not_repeated": f"{self.year - 1} 年度未获同一称号",
        }
        told = [f"验收日期在 {self.year - 1}-01-01 至 {self.cutoff} 之间", *(words[name] for name in self.gates)]
        return (*(f"{one}；" for one in told[:-1]), f"{told[-1]}。")


def years_of(accepted: list[date], today: date) -> tuple[int, ...]:
    """Return the years with a round for these landings, newest first, none in the future."""
    years = {day.year + more for day in accepted for more in (0, 1)}
    return tuple(sorted((year for year in years if year <= today.year), reverse=True))


def examine(landing: dict[str, Any], rules: YearRules) -> tuple[Gate, ...]:
    """Hold one landing against every gate of a year."""
    found = (
        _running(landing, rules),
        _user_proof(landing),
        _credit(landing),
        _secrets(landing),
        _not_repeated(landing, rules),
    )
    return tuple(gate for gate in found if gate.name in rules.gates)


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


def source_of(landing: dict[str, Any], name: str) -> str:
    """Return where a fact of a landing stands: who noted it and when, else the record it came with."""
    noted = (landing.get("sources") or {}).get(name)
    if noted:
        return f"{noted['on']} 由{noted['by']}登记：{noted['source']}"
    return "对接记录" if str(landing.get("id", "")).startswith("DJ-") else "导入的落地案例"


def _running(landing: dict[str, Any], rules: YearRules) -> Gate:
    label = f"落地运行满 {rules.months} 个月"
    full = add_months(date.fromisoformat(landing["accepted_on"]), rules.months)
    accepted, revisit = f"{landing['accepted_on']} 验收", landing.get("revisit_on")
    stopped = landing.get("stopped_on")
    if stopped and date.fromisoformat(stopped) <= rules.cutoff:
        return Gate("running", label, FAILED, f"{accepted}，{stopped} 回访：已停用", f"对接记录：{stopped} 回访")
    if full > rules.cutoff:
        result, fact = FAILED, f"{accepted}，到 {full} 才满，晚于 {rules.cutoff}"
    elif not revisit or date.fromisoformat(revisit) > rules.cutoff:
        result, fact = MISSING, f"{accepted}，{full} 已满，缺截止日前的回访确认"
    elif date.fromisoformat(revisit) < full:
        result, fact = MISSING, f"{revisit} 回访时尚未满 {rules.months} 个月（{full} 满），需再次回访"
    else:
        result, fact = PASSED, f"{accepted}，{revisit} 回访确认仍在使用"
    if stopped:
        fact = f"{fact}；截止日后 {stopped} 回访：已停用"
    return Gate("running", label, result, fact, source_of(landing, "running"))


def _user_proof(landing: dict[str, Any]) -> Gate:
    report = landing.get("user_report")
    if not report or not report.get("text"):
        return Gate("user_proof", "用户单位证明", MISSING, "没有用户单位使用报告")
    fact = f"{report.get('unit') or '用户单位'}，{report.get('date') or '日期未注明'}"
    return Gate("user_proof", "用户单位证明", PASSED, fact, source_of(landing, "user_proof"))


def _credit(landing: dict[str, Any]) -> Gate:
    clear = landing.get("credit_clear")
    if clear is None:
        return Gate("credit", "信用核查", MISSING, "没有信用核查结果")
    fact = "核查未见严重失信、经营异常" if clear else "核查发现严重失信或经营异常"
    return Gate("credit", "信用核查", PASSED if clear else FAILED, fact, source_of(landing, "credit"))


def _secrets(landing: dict[str, Any]) -> Gate:
    dispute = landing.get("secret_or_ip_dispute")
    if dispute is None:
        return Gate("secrets", "不涉密、无知识产权争议", MISSING, "没有声明")
    fact = "存在涉密内容或知识产权争议" if dispute else "已声明不涉密、无争议"
    result = FAILED if dispute else PASSED
    return Gate("secrets", "不涉密、无知识产权争议", result, fact, source_of(landing, "secrets"))


def _not_repeated(landing: dict[str, Any], rules: YearRules) -> Gate:
    known = landing.get("previous_award_year")
    awarded = sorted({*(landing.get("award_years") or ()), *([known] if known else [])})
    source = "本站公布的历届结果" if landing.get("award_years") else source_of(landing, "not_repeated")
    if rules.year - 1 in awarded:
        return Gate("not_repeated", "上届未获同一称号", FAILED, f"{rules.year - 1} 年度已获同一称号", source)
    before = [year for year in awarded if year < rules.year]
    fact = f"最近一次获评为 {before[-1]} 年度" if before else "没有获评记录"
    return Gate("not_repeated", "上届未获同一称号", PASSED, fact, source)
