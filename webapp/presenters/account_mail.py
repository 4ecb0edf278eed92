"""The mail address of one's own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.subscribing import MailView
from webapp.presenters import figures
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "接收邮件的邮箱"


@dataclass(frozen=True)
class MailContext(Context):
    """The own address; ``code`` is there while a code is awaited, ``remove_url`` while there is anything to remove."""

    template: ClassVar[str] = "account/mail.html"

    state: str
    by_server: bool
    faults: tuple[FaultLine, ...]
    code: FormField | None
    confirm_url: str
    address: FormField
    keep_url: str
    keep_label: str
    remove_url: str
    subscriptions_url: str
    back_url: str


def present_mail(mail: MailView, typed: str = "", fault: str = "", *, about: str = "address") -> MailContext:
    """The context of the page; ``fault`` is about the field named by ``about``."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("我的账号", url_for("account.index")), Crumb(_TITLE))
    errors = {about: fault} if fault else {}
    code = FormField(
        "f-code", "code", "验证码", required=True, autocomplete="one-time-code", max_length=12,
        hint=f"已发到 {mail.pending}，{figures.moment(mail.code_until)}前有效", error=errors.get("code", ""),
    )  # fmt: skip
    address = FormField(
        "f-address", "address", "邮箱", typed, required=True, autocomplete="email", max_length=254,
        input_type="email", example="name@example.cn", error=errors.get("address", ""),
        hint="加密保存，仅用于向您发送通知，不向其他人显示",
    )  # fmt: skip
    return MailContext(
        head=Head(_TITLE, "登记、确认和删除接收通知的邮箱。", crumbs),
        state=_state(mail),
        by_server=mail.by_server,
        faults=(FaultLine(fault, f"#f-{about}"),) if fault else (),
        code=code if mail.pending else None,
        confirm_url=url_for("account.confirm_mail"),
        address=address,
        keep_url=url_for("account.keep_mail"),
        keep_label="更换为此邮箱" if mail.address else "发送验证码",
        remove_url=url_for("account.remove_mail") if mail.address or mail.pending else "",
        subscriptions_url=url_for("subscriptions.index"),
        back_url=url_for("account.index"),
    )


def _state(mail: MailView) -> str:
    if mail.address:
        return f"当前邮箱：{mail.address}（{figures.moment(mail.confirmed_at)}确认）。"
    return "尚未登记邮箱，通知只发到站内。"
