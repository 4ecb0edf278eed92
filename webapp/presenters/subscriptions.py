"""Subscriptions: the list, and one of them with what it would have told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.subscribing import (
    Fit,
    Group,
    MailView,
    Offer,
    SavedSearchView,
    SubscriptionListPage,
    SubscriptionPage,
    SubscriptionView,
    Volume,
)
from webapp.presenters import figures
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import SIDES
from webapp.presenters.lists import list_url
from webapp.presenters.output_links import NAMES
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "订阅"
SECTION = "subscriptions"
# The page shows so many of what came lately; letters tell the rest.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """One subscription in the list."""

    key: int
    title: str
    url: str
    frequency: str
    idle: str
    stop_url: str


@dataclass(frozen=True, slots=True)
class SearchLine:
    """One saved search in the list."""

    key: int
    name: str
    open_url: str
    side: str
    conditions: str
    follow_url: str
    follow_label: str
    edit_url: str
    delete_url: str


@dataclass(frozen=True, slots=True)
class OfferLine:
    """Something to subscribe to."""

    label: str
    url: str


@dataclass(frozen=True)
class SubscriptionsContext(Context):
    """All subscriptions and saved searches; ``mail`` says where letters go."""

    template: ClassVar[str] = "subscriptions/index.html"

    lines: tuple[SubscriptionLine, ...]
    searches: tuple[SearchLine, ...]
    offers: tuple[OfferLine, ...]
    mail: str
    mail_url: str
    lists: tuple[OfferLine, ...]


@dataclass(frozen=True, slots=True)
class FitRow:
    """One posting that a subscription would have told of."""

    title: str
    url: str
    band: str
    facts: str
    why: str


@dataclass(frozen=True, slots=True)
class FitGroup:
    """What was news for one posting of one's own, or for one search."""

    title: str
    rows: tuple[FitRow, ...]
    more: str


@dataclass(frozen=True)
class SubscriptionContext(Context):
    """One subscription; ``stop_url`` is empty for one that is only being made."""

    template: ClassVar[str] = "subscriptions/detail.html"

    title: str
    idle: str
    volume: str
    action: str
    hidden: tuple[tuple[str, str], ...]
    frequency: FormField
    button: str
    mail: str
    mail_url: str
    groups: tuple[FitGroup, ...]
    show_groups: bool
    stop_url: str
    back_url: str
    faults: tuple[FaultLine, ...]


def present_subscriptions(page: SubscriptionListPage) -> SubscriptionsContext:
    """The context of the list."""
    return SubscriptionsContext(
        head=Head(_TITLE, "保存的搜索、订阅和收信的邮箱。", trail(), SECTION),
        lines=tuple(map(_line, page.subscriptions)),
        searches=tuple(map(_search, page.searches)),
        offers=tuple(map(_offer, page.offers)),
        mail=mail_words(page.mail),
        mail_url=url_for("account.mail"),
        lists=tuple(OfferLine(f"{SIDES[side]}清单", url_for(f"{name}.index")) for side, name in NAMES.items()),
    )


def mail_words(mail: MailView) -> str:
    """Where letters go, in one sentence."""
    if not mail.address:
        waiting = "登记的邮箱还没有确认，" if mail.pending else "没有登记邮箱，"
        return f"{waiting}通知只发到站内。"
    if not mail.by_server:
        return "通知发到站内；本站没有配置发信服务器，邮件只写成文件存放在服务器上，由系统管理员转交。"
    return "通知发到站内，同时发到您登记的邮箱。"


def _title(view: SubscriptionView) -> str:
    return f"{view.subject_label}：{view.about}" if view.about else view.subject_label


def _line(view: SubscriptionView) -> SubscriptionLine:
    return SubscriptionLine(
        view.key, _title(view), url_for("subscriptions.detail", key=view.key), view.frequency_label, view.idle,
        url_for("subscriptions.stop", key=view.key),
    )  # fmt: skip


def _search(view: SavedSearchView) -> SearchLine:
    if view.subscription_key:
        follow = url_for("subscriptions.detail", key=view.subscription_key)
    else:
        follow = url_for("subscriptions.new", subject="search", key=view.key)
    return SearchLine(
        view.key, view.name, list_url(view.query), SIDES[view.query.side], _conditions(view.conditions), follow,
        "调整订阅" if view.subscription_key else "订阅", url_for("subscriptions.search", key=view.key),
        url_for("subscriptions.delete_search", key=view.key),
    )  # fmt: skip


def _conditions(conditions: tuple[str, ...]) -> str:
    return "；".join(conditions) or "没有筛选条件"


def _offer(offer: Offer) -> OfferLine:
    label = f"{offer.label}：{offer.about}" if offer.about else offer.label
    return OfferLine(label, url_for("subscriptions.new", subject=offer.subject, key=offer.subject_key or None))


def present_subscription(
    page: SubscriptionPage, key: int, chosen: str | None = None, fault: str = ""
) -> SubscriptionContext:
    """The context of one subscription, or of the form of a new one about ``key``; ``chosen`` was refused."""
    view, fresh = page.view, page.view.key == 0
    frequency = FormField(
        "f-frequency", "frequency", "通知频率", kind="choice", required=True, options=page.choices,
        chosen=(chosen if chosen is not None else view.frequency or "weekly",), error=fault,
        hint="“有新内容即通知”在匹配更新后几分钟内发出；“每周一”汇总上一周的内容为一份；“不发送”仅保留设置",
    )  # fmt: skip
    title = ("订阅：" if fresh else "") + _title(view)
    hidden = (
        (("subject", view.subject), ("key", str(key))) if fresh else (("stamp", str(view.stamp)),)
    )  # fmt: skip
    return SubscriptionContext(
        head=Head(title, "通知频率和预计数量。", trail("新订阅" if fresh else _title(view)), SECTION),
        title=title,
        idle=view.idle,
        volume=volume_words(page.volume) if page.volume else "",
        action=url_for("subscriptions.subscribe") if fresh else url_for("subscriptions.change", key=view.key),
        hidden=hidden,
        frequency=frequency,
        button="订阅" if fresh else "保存",
        mail=mail_words(page.mail),
        mail_url=url_for("account.mail"),
        groups=tuple(map(_group, page.groups)),
        show_groups=page.volume is not None,
        stop_url="" if fresh else url_for("subscriptions.stop", key=view.key),
        back_url=url_for("subscriptions.index"),
        faults=(FaultLine(fault, "#f-frequency"),) if fault else (),
    )


def volume_words(volume: Volume) -> str:
    """How much is to be expected, counted over the last weeks."""
    if not volume.items:
        return f"过去 {volume.weeks} 周没有符合的新内容，预计通知很少。"
    mean = figures.plain(round(volume.items / volume.weeks, 1))
    items = figures.count(volume.items)
    return (
        f"过去 {volume.weeks} 周有 {items} 项符合，平均每周约 {mean} 项。"
        f"选“每周一”，每周最多 1 份；选“有新内容即通知”，按过去 {volume.weeks} 周计算，有 {volume.days} 天会收到。"
    )


def _group(group: Group) -> FitGroup:
    hidden = len(group.fits) - SHOWN
    more = f"另有 {figures.count(hidden)} 项，仅列前 {SHOWN} 项。" if hidden > 0 else ""
    return FitGroup(group.title, tuple(map(_fit, group.fits[:SHOWN])), more)


def _fit(fit: Fit) -> FitRow:
    facts = (fit.organisation, f"发布 {fit.published_on}" if fit.published_on else "",
             f"截止 {fit.deadline}" if fit.deadline else "")  # fmt: skip
    return FitRow(fit.title, fit.path, fit.band, "；".join(filter(None, facts)), fit.why)


def trail(last: str = "") -> tuple[Crumb, ...]:
    """The way to a page of this section."""
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(_TITLE, url_for("subscriptions.index")), Crumb(last)) if last else (home, Crumb(_TITLE))
