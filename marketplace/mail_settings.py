"""How mail leaves this installation: by a mail server, or as files when none is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from marketplace.errors import RefusedError

PREFIX = "SCENEMATCH_"
STARTTLS, SSL, NO_TLS = "starttls", "ssl", "none"
# The port each way of protection usually has.
PORTS = {STARTTLS: 587, SSL: 465, NO_TLS: 25}
NAMES = ("MAIL_HOST", "MAIL_PORT", "MAIL_TLS", "MAIL_USER", "MAIL_PASSWORD_FILE", "MAIL_FROM", "SITE_ADDRESS")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._\-\[\]:]+(/[A-Za-z0-9._~/\-]*)?")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(\.[A-Za-z0-9\-]{1,63})*")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server and who writes; an empty ``host`` means files.

    ``site_address`` is where readers find the site, without a slash at the end.
    """

    host: str = ""
    port: int = PORTS[STARTTLS]
    tls: str = STARTTLS
    user: str = ""
    password_file: Path | None = None
    sender: str = ""
    site_address: str = ""


def mail_settings() -> tuple[str, ...]:
    """Return the names of the settings of mail, without the common beginning."""
    return NAMES


def read_mail_settings(environ: Mapping[str, str]) -> MailSettings:
    """Return how mail leaves, files where ``environ`` names no server.

    Raises RefusedError naming the setting that cannot be used or is missing.
    """
    given = {name: environ.get(PREFIX + name, "").strip() for name in NAMES}
    tls = given["MAIL_TLS"] or STARTTLS
    if tls not in PORTS:
        raise _refused("MAIL_TLS", tls, f"{'、'.join(PORTS)}之一")
    port = given["MAIL_PORT"] or str(PORTS[tls])
    if not port.isascii() or not port.isdigit() or not 1 <= int(port[:6]) <= 65535:
        raise _refused("MAIL_PORT", port, "1–65535 的整数")
    sender, address = given["MAIL_FROM"], given["SITE_ADDRESS"].rstrip("/")
    if sender and not (_MAILBOX.fullmatch(parseaddr(sender)[1]) and sender.isprintable()):
        raise _refused("MAIL_FROM", sender, "邮箱地址，如 场景对接 <tongzhi@example.cn>")
    if address and not _ADDRESS.fullmatch(address):
        raise _refused("SITE_ADDRESS", address, "网站的地址，如 https://changjing.example.cn")
    if given["MAIL_HOST"]:
        for name in ("MAIL_FROM", "SITE_ADDRESS"):
            if not given[name]:
                raise RefusedError(f"设置了 {PREFIX}MAIL_HOST，还须设置 {PREFIX}{name}。")
    if bool(given["MAIL_USER"]) != bool(given["MAIL_PASSWORD_FILE"]):
        raise RefusedError(f"设置 {PREFIX}MAIL_USER 和 {PREFIX}MAIL_PASSWORD_FILE 要么都填，要么都不填。")
    if given["MAIL_USER"] and tls == NO_TLS:
        raise RefusedError(f"设置 {PREFIX}MAIL_TLS 为“{NO_TLS}”时不能用 {PREFIX}MAIL_USER：密码会以明文发送。")
    file = Path(given["MAIL_PASSWORD_FILE"]) if given["MAIL_PASSWORD_FILE"] else None
    return MailSettings(given["MAIL_HOST"], int(port), tls, given["MAIL_USER"], file, sender, address)


def _refused(name: str, found: str, allowed: str) -> RefusedError:
    return RefusedError(f"设置 {PREFIX}{name} 为“{found}”，不能使用；应为：{allowed}。")
