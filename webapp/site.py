"""What every page shows around its own content: names, menu, display choices, footer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request, url_for

from marketplace import Sight, Viewer
from webapp import assets
from webapp.engine import get_market
from webapp.flashing import heard
from webapp.presenters.labels import Label
from webapp.sessions import form_token, get_viewer
from webapp.settings import WebSettings

SIZES = {"standard": "标准", "large": "大字", "xlarge": "超大"}
THEMES = {"standard": "标准", "contrast": "高对比"}
SAMPLE_BANNER = "示例站点：单位均为虚构"
OPEN_BANNER = "示例站点：单位均为虚构，匹配结果对外公开仅为演示"

_MENU = (
    ("home", "首页", "home.index"),
    ("opportunities", "场景机会", "opportunities.index"),
    ("capabilities", "场景能力", "capabilities.index"),
    ("search", "综合搜索", "search.index"),
    ("benchmarks", "年度标杆", "benchmarks.index"),
    ("help", "使用说明", "help.index"),
)
# The rooms of those who are signed in: section, label, view, roles (none: everyone).
_OFFICE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("desk", "撮合工作台", "desk.index", ("matchmaker",)),
    ("pairings", "对接", "pairings.index", ("matchmaker", "reviewer", "publisher", "company")),
    ("candidates", "标杆候选", "candidates.index", ("reviewer", "matchmaker", "admin")),
    ("applications", "标杆申报", "applications.index", ("publisher", "company")),
    ("selection", "标杆评选", "selection.index", ("reviewer",)),
    ("scoring", "标杆评分", "scoring.index", ("expert",)),
    ("year_books", "评选年度", "year_books.index", ("admin", "reviewer")),
    ("waiting", "待撮合清单", "waiting.index", ("matchmaker", "reviewer")),
    ("my", "我的清单", "my.index", ("publisher", "company", "reviewer")),
    ("answers", "我的答复", "answers.mine", ("company",)),
    ("imports", "导入清单", "imports.index", ("publisher", "company", "reviewer", "admin")),
    ("review", "审核", "review.index", ("reviewer",)),
    ("batches", "批次发布", "batches.index", ("reviewer",)),
    ("organisations", "单位", "organisations.index", ("reviewer", "admin", "security")),
    ("accounts", "账号与身份", "accounts.index", ("admin", "security")),
    ("taxonomies", "分类与字典", "taxonomies.index", ("admin",)),
    ("audit", "审计", "audit.index", ("auditor",)),
    ("subscriptions", "订阅", "subscriptions.index", ()),
    ("funnel", "对接漏斗", "funnel.index", ("matchmaker", "reviewer", "admin", "publisher")),
    ("exposure", "展示机会", "exposure.index", ("admin", "matchmaker")),
    ("jobs", "后台任务", "jobs.index", ("publisher", "company", "reviewer", "admin")),
)
_SETTINGS = "scenematch_web"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of the main menu; ``section`` is compared with the page's own."""

    section: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One display choice with the address that takes it."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of a page, for the base template."""

    name: str
    banner: str
    size: str
    theme: str
    sizes: tuple[Choice, ...]
    themes: tuple[Choice, ...]
    menu: tuple[MenuEntry, ...]
    footer: tuple[tuple[str, str], ...]
    site_id: str
    styles: tuple[str, ...]
    script: str
    icon: str
    home_url: str
    status_url: str
    help_url: str
    open_data_url: str
    said: tuple[Label, ...]
    office: tuple[MenuEntry, ...]
    viewer_name: str
    acting_name: str
    account_url: str
    sign_in_url: str
    sign_out_url: str
    inbox_url: str
    unread: int
    token: Callable[[], str]


def keep_settings(settings: WebSettings) -> None:
    """Remember the settings with the current application."""
    current_app.extensions[_SETTINGS] = settings


def get_settings() -> WebSettings:
    """The settings of the current application."""
    settings: WebSettings = current_app.extensions[_SETTINGS]
    return settings


def get_sight() -> Sight:
    """What the viewer of this request may see of the rankings."""
    return Sight(get_viewer(), get_settings().public_matches)


def chosen(name: str, allowed: dict[str, str]) -> str:
    """The display choice kept in the cookie ``name``; anything unknown is the standard."""
    value = request.cookies.get(name, "")
    return value if value in allowed else "standard"


def build_site() -> Site:
    """The frame of the page being answered."""
    settings = get_settings()
    size, theme = chosen("size", SIZES), chosen("theme", THEMES)
    here = request.full_path.rstrip("?")
    viewer = get_viewer()
    return Site(
        name=settings.site_name,
        banner=_banner(settings),
        size=size,
        theme=theme,
        sizes=_choices("size", SIZES, size, here),
        themes=_choices("theme", THEMES, theme, here),
        menu=tuple(MenuEntry(section, label, url_for(endpoint)) for section, label, endpoint in _MENU),
        footer=_footer(settings),
        site_id=settings.site_id,
        styles=tuple(assets.asset_url(name) for name in assets.STYLES),
        script=assets.asset_url(assets.HTMX),
        icon=assets.asset_url(assets.ICON),
        home_url=url_for("home.index"),
        status_url=url_for("status.index"),
        help_url=url_for("help.index"),
        open_data_url=url_for("outputs.open_data"),
        said=heard(),
        office=_office(viewer),
        viewer_name=viewer.name if viewer.signed_in else "",
        acting_name=get_market().organisations.name_of(viewer.acting_for) if viewer.acting_for else "",
        account_url=url_for("account.index"),
        sign_in_url=url_for("account.sign_in", next=here),
        sign_out_url=url_for("account.sign_out"),
        inbox_url=url_for("inbox.index"),
        unread=get_market().notices.unread(viewer) if viewer.signed_in else 0,
        token=form_token,
    )


def _office(viewer: Viewer) -> tuple[MenuEntry, ...]:
    """The rooms this viewer may enter."""
    return tuple(
        MenuEntry(section, label, url_for(endpoint))
        for section, label, endpoint, roles in _OFFICE
        if viewer.signed_in and (not roles or viewer.has(*roles))
    )


def _banner(settings: WebSettings) -> str:
    if not settings.sample_site:
        return ""
    return OPEN_BANNER if settings.public_matches else SAMPLE_BANNER


def _choices(name: str, labels: dict[str, str], now: str, here: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(label, url_for("preferences.index", **{name: value, "next": here}), value == now)  # type: ignore[arg-type]
        for value, label in labels.items()
    )


def _footer(settings: WebSettings) -> tuple[tuple[str, str], ...]:
    rows = (
        ("主办单位", settings.organiser),
        ("联系方式", settings.contact),
        ("ICP备案号", settings.icp),
        ("公安备案号", settings.police_record),
        ("网站标识码", settings.site_id),
    )
    return tuple((label, value) for label, value in rows if value)
