"""The sign-in form and one's own account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import Fault
from marketplace.accounts import MembershipView, OwnAccountPage
from webapp.presenters import figures
from webapp.presenters.cards import Fact
from webapp.presenters.forms import FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "我的账号"
# Longer than any password that is taken: one that is too long is told so, not cut.
_LONG = 400


@dataclass(frozen=True)
class SignInContext(Context):
    """The sign-in form; ``onward`` is where to go afterwards, empty for the own account."""

    template: ClassVar[str] = "account/sign_in.html"

    faults: tuple[FaultLine, ...]
    fields: tuple[FormField, ...]
    onward: str
    action: str


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role in words."""

    role: str
    where: str


@dataclass(frozen=True)
class OwnAccountContext(Context):
    """The own account; ``acting`` is there when there is a choice."""

    template: ClassVar[str] = "account/index.html"

    facts: tuple[Fact, ...]
    roles: tuple[RoleLine, ...]
    acting: FormField | None
    acting_url: str
    password_url: str
    claim_url: str
    mail_url: str
    subscriptions_url: str


@dataclass(frozen=True)
class PasswordContext(Context):
    """The form for a new password; ``must`` says that nothing else can be done before."""

    template: ClassVar[str] = "account/password.html"

    faults: tuple[FaultLine, ...]
    must: bool
    fields: tuple[FormField, ...]
    login: str
    action: str
    back_url: str


def present_sign_in(onward: str, login: str = "", refusal: str = "") -> SignInContext:
    """The context of the sign-in form, after a refusal with its sentence and the login typed."""
    return SignInContext(
        head=Head("登录", "工作人员和单位用户登录。", (Crumb("首页", url_for("home.index")), Crumb("登录"))),
        faults=(FaultLine(refusal, "#f-login"),) if refusal else (),
        fields=(
            FormField("f-login", "login", "登录名", login, required=True, autocomplete="username", max_length=64),
            FormField(
                "f-password", "password", "密码", required=True, autocomplete="current-password",
                input_type="password", max_length=_LONG, hint="可以粘贴。忘记密码请联系本站安全管理员重置",
            ),
        ),
        onward=onward,
        action=url_for("account.enter"),
    )  # fmt: skip


def where_of(membership: MembershipView) -> str:
    """For whom or where a role is held."""
    if membership.organisation_key:
        return membership.organisation
    return "、".join(membership.districts) or "全站"


def present_own_account(page: OwnAccountPage) -> OwnAccountContext:
    """The context of the own account."""
    account = page.account
    options = tuple((str(key), name) for key, name in page.organisations)
    acting = FormField(
        "f-organisation", "organisation", "当前身份", kind="choice", required=True, options=options,
        chosen=(str(page.acting_for),), hint="您属于几个单位；新建清单、导入时以所选单位的名义办理",
    )  # fmt: skip
    return OwnAccountContext(
        head=Head(_TITLE, "登录名、身份与密码。", (Crumb("首页", url_for("home.index")), Crumb(_TITLE))),
        facts=(
            Fact("登录名", account.login),
            Fact("姓名或岗位", account.name),
            Fact("本次登录", figures.moment(account.last_login_at) if account.last_login_at else "无记录"),
            Fact("密码更换于", figures.moment(account.password_at)),
        ),
        roles=tuple(RoleLine(one.role_label, where_of(one)) for one in account.memberships),
        acting=acting if len(options) > 1 else None,
        acting_url=url_for("account.act"),
        password_url=url_for("account.password"),
        claim_url=url_for("organisations.claim"),
        mail_url=url_for("account.mail"),
        subscriptions_url=url_for("subscriptions.index"),
    )


def present_password(page: OwnAccountPage, faults: Sequence[Fault] = ()) -> PasswordContext:
    """The context of the form for a new password; what was typed is never shown again."""
    errors = errors_by_field(faults)

    def one(name: str, label: str, fills: str, hint: str = "") -> FormField:
        return FormField(
            f"f-{name}", name, label, required=True, hint=hint, error=errors.get(name, ""), max_length=_LONG,
            autocomplete=fills, input_type="password",
        )  # fmt: skip

    return PasswordContext(
        head=Head(
            "更换密码", "更换登录密码。",
            (Crumb("首页", url_for("home.index")), Crumb(_TITLE, url_for("account.index")), Crumb("更换密码")),
        ),
        faults=fault_lines(faults),
        must=page.account.must_change,
        fields=(
            one("old", "现在的密码", "current-password"),
            one("new", "新密码", "new-password", page.rules),
            one("repeated", "再输一遍新密码", "new-password"),
        ),
        login=page.account.login,
        action=url_for("account.change_password"),
        back_url="" if page.account.must_change else url_for("account.index"),
    )  # fmt: skip
