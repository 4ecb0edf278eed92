"""The accounts of the site for their administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import ROLES, Fault
from marketplace.accounts import AccountListPage, AccountPage, AccountView, IssuedPassword, MembershipView
from webapp.presenters import figures
from webapp.presenters.account import where_of
from webapp.presenters.cards import Fact
from webapp.presenters.forms import FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

_TITLE, _SECTION = "账号与身份", "accounts"
_ROLES = tuple(ROLES.items())


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account of the list."""

    key: int
    url: str
    login: str
    name: str
    roles: str
    states: tuple[Label, ...]
    last_login: str


@dataclass(frozen=True)
class AccountListContext(Context):
    """One page of accounts."""

    template: ClassVar[str] = "accounts/index.html"

    lines: tuple[AccountLine, ...]
    total_text: str
    text: str
    role_field: FormField
    action: str
    new_url: str
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class NewAccountContext(Context):
    """The form of a new account."""

    template: ClassVar[str] = "accounts/new.html"

    faults: tuple[FaultLine, ...]
    fields: tuple[FormField, ...]
    action: str
    back_url: str


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One role of an account with what takes it away."""

    role: str
    label: str
    where: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing the viewer may do to an account, as a button."""

    label: str
    url: str
    tone: str
    note: str


@dataclass(frozen=True)
class AccountContext(Context):
    """One account; ``grant_fields`` are there for who may give roles."""

    template: ClassVar[str] = "accounts/detail.html"

    faults: tuple[FaultLine, ...]
    login: str
    states: tuple[Label, ...]
    facts: tuple[Fact, ...]
    roles: tuple[RoleRow, ...]
    revoke_url: str
    deeds: tuple[Deed, ...]
    grant_fields: tuple[FormField, ...]
    grant_url: str


@dataclass(frozen=True)
class IssuedContext(Context):
    """A one-time password, shown this once."""

    template: ClassVar[str] = "accounts/issued.html"

    heading: str
    login: str
    password: str
    account_url: str
    list_url: str


def present_accounts(page: AccountListPage) -> AccountListContext:
    """The context of the list."""
    query = page.query

    def address(number: int) -> str:
        return url_for("accounts.index", q=query.text or None, role=query.role or None, page=number)

    place = f"，第 {query.page} / {page.pages} 页" if page.pages > 1 else ""
    return AccountListContext(
        head=Head(_TITLE, "谁能登录、各有什么身份。", _crumbs(), _SECTION),
        lines=tuple(map(_line, page.accounts)),
        total_text=f"共 {figures.count(page.total)} 个账号{place}",
        text=query.text,
        role_field=FormField("f-role", "role", "身份", kind="choice", options=_ROLES, chosen=(query.role,)),
        action=url_for("accounts.index"),
        new_url=url_for("accounts.new") if page.may_create else "",
        newer_url=address(query.page - 1) if query.page > 1 else "",
        older_url=address(query.page + 1) if query.page < page.pages else "",
    )


def present_new_account(typed: Mapping[str, str] | None = None, faults: Sequence[Fault] = ()) -> NewAccountContext:
    """The context of the form of a new account."""
    values, errors = typed or {}, errors_by_field(faults)
    return NewAccountContext(
        head=Head("新建账号", "新建一个登录账号。", _crumbs(("新建账号", None)), _SECTION),
        faults=fault_lines(faults),
        fields=(
            FormField(
                "f-login", "login", "登录名", values.get("login", ""), required=True, max_length=64,
                example="chengguan.zonghe",
                hint="字母开头，3–32 个字母、数字、点、下划线、短横线；会写进审计记录，不要用手机号",
                error=errors.get("login", ""),
            ),
            FormField(
                "f-name", "name", "姓名或岗位", values.get("name", ""), required=True, max_length=80,
                hint="只在站内给管理员和审核员看", error=errors.get("name", ""),
            ),
        ),
        action=url_for("accounts.add"),
        back_url=url_for("accounts.index"),
    )  # fmt: skip


def present_account(
    page: AccountPage, typed: Mapping[str, str] | None = None, faults: Sequence[Fault] = ()
) -> AccountContext:
    """The context of one account, after a refused grant with what was typed."""
    account = page.account
    return AccountContext(
        head=Head(account.login, f"账号“{account.login}”。", _crumbs((account.login, None)), _SECTION),
        faults=fault_lines(faults),
        login=account.login,
        states=_states(account),
        facts=(
            Fact("登录名", account.login),
            Fact("姓名或岗位", account.name),
            Fact("最近登录", figures.moment(account.last_login_at) if account.last_login_at else "从未登录"),
            Fact("密码更换于", figures.moment(account.password_at)),
            Fact("新建于", figures.moment(account.created_at)),
        ),
        roles=tuple(map(_role, account.memberships)),
        revoke_url=url_for("accounts.revoke", key=account.key) if page.may_grant else "",
        deeds=_deeds(page),
        grant_fields=_grant_fields(typed or {}, errors_by_field(faults)) if page.may_grant else (),
        grant_url=url_for("accounts.grant", key=account.key),
    )


def present_issued(issued: IssuedPassword, heading: str) -> IssuedContext:
    """The context of the page that tells a one-time password."""
    return IssuedContext(
        head=Head(heading, "一次性密码。", _crumbs((heading, None)), _SECTION),
        heading=heading,
        login=issued.login,
        password=issued.password,
        account_url=url_for("accounts.detail", key=issued.account_key),
        list_url=url_for("accounts.index"),
    )


def _crumbs(*steps: tuple[str, str | None]) -> tuple[Crumb, ...]:
    above = url_for("accounts.index") if steps else None
    return (Crumb("首页", url_for("home.index")), Crumb(_TITLE, above), *(Crumb(label, url) for label, url in steps))


def _line(account: AccountView) -> AccountLine:
    roles = "；".join(f"{one.role_label}（{where_of(one)}）" for one in account.memberships)
    last = figures.moment(account.last_login_at) if account.last_login_at else "从未登录"
    url = url_for("accounts.detail", key=account.key)
    return AccountLine(account.key, url, account.login, account.name, roles or "没有身份", _states(account), last)


def _states(account: AccountView) -> tuple[Label, ...]:
    found = (
        (account.disabled, Label("停用", "poor")),
        (bool(account.locked_until), Label(f"锁定至 {figures.moment(account.locked_until)}", "warn")),
        (account.must_change, Label("须更换密码", "quiet")),
    )
    return tuple(label for holds, label in found if holds) or (Label("正常", "good"),)


def _role(one: MembershipView) -> RoleRow:
    return RoleRow(one.role, one.role_label, where_of(one), str(one.organisation_key))


def _deeds(page: AccountPage) -> tuple[Deed, ...]:
    key, disabled = page.account.key, page.account.disabled
    switch = (
        Deed("启用账号", url_for("accounts.enable", key=key), "plain", "")
        if disabled
        else Deed("停用账号", url_for("accounts.disable", key=key), "danger", "停用后立即退出，随时可以再启用")
    )
    found = (
        (page.may_switch, switch),
        (page.may_unlock, Deed("解除锁定", url_for("accounts.unlock", key=key), "plain", "")),
        (
            page.may_reset,
            Deed("重置密码", url_for("accounts.reset", key=key), "plain", "原密码立即失效，给出一次性密码"),
        ),
    )
    return tuple(deed for may, deed in found if may)


def _grant_fields(values: Mapping[str, str], errors: Mapping[str, str]) -> tuple[FormField, ...]:
    role, place = values.get("role", ""), values.get("organisation", "")
    return (
        FormField(
            "f-role", "role", "身份", kind="choice", required=True, options=_ROLES, chosen=(role,),
            hint="系统管理员、安全管理员、审计员须由不同的人担任", error=errors.get("role", ""),
        ),
        FormField(
            "f-organisation", "organisation", "单位", place, max_length=200, error=errors.get("organisation", ""),
            hint="需求方、能力方必填：单位全称或统一社会信用代码；其他身份留空",
        ),
        FormField(
            "f-districts", "districts", "负责地区", values.get("districts", ""), max_length=400,
            hint="只用于撮合员、审核员；多个用顿号隔开，留空为全部地区", example="武汉市江夏区、黄石市",
            error=errors.get("districts", ""),
        ),
    )  # fmt: skip
