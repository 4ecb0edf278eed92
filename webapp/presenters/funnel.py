"""The funnel as a table of steps and tables of rates, every number leading to the needs behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import url_for

from marketplace.insight import FunnelCut, FunnelPage, FunnelQuery, FunnelRow, FunnelStep, conditions, period
from webapp.presenters import figures
from webapp.presenters.forms import FormField
from webapp.presenters.page import Context, Crumb, Head

TITLE = "对接漏斗"
# Of a long table the largest are shown; the rest on demand.
_SHOWN = 20
_NONE = "—"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the address of what is behind it, empty where nothing is."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A share in words and as the length of a bar, 0–100."""

    text: str
    width: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the funnel."""

    code: str
    label: str
    needs: Figure
    bar: int
    pairings: str
    from_previous: str
    from_published: str
    median_days: str
    days_from_start: str
    resting: Figure
    stale: Figure
    happened: str


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line of a table of rates; ``url`` narrows everything to it, empty for the total."""

    label: str
    url: str
    published: Figure
    contacted: Figure
    signed: Figure
    landed: Figure
    stale: Figure
    contact_rate: Share
    sign_rate: Share
    land_rate: Share


@dataclass(frozen=True, slots=True)
class RateTable:
    """One table of rates; ``rest_url`` shows all its lines, with ``rest_label`` saying how many are left."""

    name: str
    label: str
    rows: tuple[RateRow, ...]
    total: RateRow
    rest_label: str
    rest_url: str


@dataclass(frozen=True)
class FunnelContext(Context):
    """The funnel with its filters, tables and notes."""

    template: ClassVar[str] = "funnel/index.html"

    notices: tuple[str, ...]
    own_only: bool
    period: str
    scope: str
    made_on: str
    fields: tuple[FormField, ...]
    action: str
    filtered: bool
    steps: tuple[StepRow, ...]
    tables: tuple[RateTable, ...]
    notes: tuple[str, ...]
    export_url: str
    empty: bool


def present_funnel(page: FunnelPage, whole: str = "", notices: tuple[str, ...] = ()) -> FunnelContext:
    """The context of the funnel; ``whole`` names the table that is to be shown to its end."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(TITLE))
    return FunnelContext(
        head=Head(
            TITLE, "场景机会从发布到运行各步的进展，以及各单位、领域、地市的对接率、签约率、落地率。", crumbs, "funnel"
        ),
        notices=notices,
        own_only=page.own_only,
        period=period(page.query),
        scope=conditions(page),
        made_on=page.made_on,
        fields=_fields(page),
        action=url_for("funnel.index"),
        filtered=page.query != FunnelQuery(),
        steps=tuple(_step(page, step) for step in page.steps),
        tables=tuple(_table(page, cut, whole == cut.name) for cut in page.cuts),
        notes=page.notes,
        export_url=funnel_url("funnel.workbook", page.query),
        empty=page.total.published == 0,
    )


def funnel_url(endpoint: str, query: FunnelQuery, **further: Any) -> str:
    """The address of a page of the funnel with the same narrowing; what is at its default is left out."""
    values: dict[str, Any] = {"city": query.city, "domain": query.domain, "organisation": query.organisation,
              "matchmaker": query.matchmaker, "since": query.since, "until": query.until}  # fmt: skip
    return url_for(endpoint, **{name: value for name, value in (values | further).items() if value})


def narrowed(query: FunnelQuery, name: str, value: str) -> FunnelQuery:
    """The same counting narrowed to one line of a table."""
    if name == "month":
        return replace(query, since=value, until=value)
    return replace(query, **{name: int(value) if name == "matchmaker" else value})  # type: ignore[arg-type]


def _fields(page: FunnelPage) -> tuple[FormField, ...]:
    query = page.query
    chosen = {"organisation": query.organisation, "domain": query.domain, "city": query.city,
              "matchmaker": str(query.matchmaker) if query.matchmaker else ""}  # fmt: skip
    labels = {"organisation": "部门（单位）", "domain": "领域", "city": "地市", "matchmaker": "撮合员"}
    found = [
        FormField(f"f-{name}", name, label, kind="choice", chosen=(chosen[name],),
                  options=tuple((one.value, one.label) for one in page.choices[name]))
        for name, label in labels.items() if page.choices[name]
    ]  # fmt: skip
    months = (("since", "发布起始月份", query.since), ("until", "发布截止月份", query.until))
    found += [FormField(f"f-{name}", name, label, value, input_type="month", example="2026-01", max_length=7)
              for name, label, value in months]  # fmt: skip
    return tuple(found)


def _step(page: FunnelPage, step: FunnelStep) -> StepRow:
    start = page.steps[0].needs
    return StepRow(
        code=step.code,
        label=step.label,
        needs=_figure(page.query, step.needs, step.code, "reached"),
        bar=round(100 * step.needs / start) if start else 0,
        pairings=_NONE if step.pairings is None else figures.count(step.pairings),
        from_previous=_percent(step.from_previous),
        from_published=_percent(step.from_published),
        median_days=_days(step.median_days),
        days_from_start=_days(step.days_from_start),
        resting=_figure(page.query, step.resting, step.code, "resting"),
        stale=_figure(page.query, step.stale, step.code, "stale"),
        happened=figures.count(step.happened),
    )


def _table(page: FunnelPage, cut: FunnelCut, whole: bool) -> RateTable:
    shown = cut.rows if whole else cut.rows[:_SHOWN]
    left = len(cut.rows) - len(shown)
    return RateTable(
        cut.name, cut.label,
        tuple(_rates(narrowed(page.query, cut.name, row.value), row, narrow=True) for row in shown),
        _rates(page.query, page.total_of(cut), narrow=False),
        f"其余 {figures.count(left)} 行" if left else "",
        funnel_url("funnel.index", page.query, all=cut.name, _anchor=f"h-{cut.name}") if left else "",
    )  # fmt: skip


def _rates(query: FunnelQuery, row: FunnelRow, *, narrow: bool) -> RateRow:
    return RateRow(
        row.label,
        funnel_url("funnel.index", query) if narrow else "",
        _figure(query, row.published, "published", "reached"),
        _figure(query, row.contacted, "contacted", "reached"),
        _figure(query, row.signed, "signed", "reached"),
        _figure(query, row.landed, "landed", "reached"),
        _figure(query, row.stale, "published", "stale_any"),
        _share(row.contact_rate), _share(row.sign_rate), _share(row.land_rate),
    )  # fmt: skip


def _figure(query: FunnelQuery, number: int, step: str, part: str) -> Figure:
    url = funnel_url("funnel.needs", query, step=step, part=part) if number else ""
    return Figure(figures.count(number), url)


def _share(value: float | None) -> Share:
    return Share(_percent(value), 0 if value is None else round(100 * value))


def _percent(value: float | None) -> str:
    return _NONE if value is None else f"{100 * value:.1f}%"


def _days(value: float | None) -> str:
    return _NONE if value is None else f"{figures.plain(value)} 天"
