"""The room of one's own mail address: kept sealed, confirmed by a code, shown to nobody else."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError, RefusedError
from marketplace.jobs.state import moments_ago
from marketplace.sealing import Sealer
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.database import now, transaction
from marketplace.store.outbox import delete_mail, drop_waiting, insert_letter, load_mail, save_mail
from marketplace.subscribing.pages import MailView
from marketplace.subscribing.sending import CODE
from marketplace.subscribing.signing import Signer, new_code

SUBJECT = "account"
MINUTES, TRIES = 30, 5
_AGAIN = timedelta(minutes=1)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@([A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
MAX_ADDRESS = 254


class MailBook:
    """The mail address of whoever is signed in."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings
        self._sealer, self._signer = Sealer(settings.keys_dir), Signer(settings.keys_dir)

    def page(self, viewer: Viewer) -> MailView:
        """Return the own address and the one that waits for its code."""
        _require_account(viewer)
        return mail_view(self._keeper.db, self._settings, viewer)

    def ask(self, viewer: Viewer, address: str) -> None:
        """Send a code to a new address; the former one stays in use until the code has come back.

        Raises RefusedError for what is no address, or when a code was sent a moment ago.
        """
        _require_account(viewer)
        written = address.strip()
        if len(written) > MAX_ADDRESS or not _ADDRESS.fullmatch(written):
            raise RefusedError(f"“邮箱”：发现“{written[:60]}”；应为一个邮箱地址，如 name@example.cn。")
        db, account, code = self._keeper.db, viewer.account_key, new_code()
        until = (datetime.now(UTC) + timedelta(minutes=MINUTES)).strftime("%Y-%m-%dT%H:%M:%SZ")
        with transaction(db):
            if load_mail(db, account).asked_at > moments_ago(_AGAIN):
                raise RefusedError("验证码刚刚发出，请稍等一分钟再试。")
            save_mail(
                db, account, pending=self._sealer.seal(written), code_digest=self._digest(account, code),
                code_until=until, tries=0, asked_at=now(),
            )  # fmt: skip
            # An earlier code is worth nothing any more, and its letter would go to the new address.
            drop_waiting(db, account, CODE)
            body = (
                f"验证码：{code}\n\n{MINUTES} 分钟内有效。请在本站“我的账号—接收邮件的邮箱”里填写。\n\n"
                "--\n通知原因：有人在本站登记了这个邮箱用来接收通知。\n"
                "停止接收：如非本人操作，请忽略本邮件；不填写验证码，不会再发送邮件。\n"
            )
            insert_letter(db, account, CODE, token_hex(8), subject="邮箱验证码", body=self._sealer.seal(body))
            record_action(db, viewer, "mail.asked", SUBJECT, account)

    def confirm(self, viewer: Viewer, code: str) -> None:
        """Take the waiting address into use.

        Raises RefusedError for a wrong or late code; after five wrong ones a new code is needed.
        """
        _require_account(viewer)
        db, account = self._keeper.db, viewer.account_key
        with transaction(db):
            mail = load_mail(db, account)
            if not mail.pending or mail.code_until < now() or mail.tries >= TRIES:
                wrong = "验证码已失效；请重新发送。"
            elif not hmac.compare_digest(mail.code_digest, self._digest(account, "".join(code.split()))):
                save_mail(db, account, tries=mail.tries + 1)
                wrong = f"“验证码”：不对；应为邮件里的 6 位数字，还可试 {TRIES - 1 - mail.tries} 次。"
            else:
                wrong = ""
                save_mail(db, account, sealed=mail.pending, confirmed_at=now(), pending="", code_digest="")
                record_action(db, viewer, "mail.confirmed", SUBJECT, account)
        # Raised after the commit: the failed try counts.
        if wrong:
            raise RefusedError(wrong)

    def remove(self, viewer: Viewer) -> None:
        """Delete the address; letters on their way are dropped, notices in the inbox go on."""
        _require_account(viewer)
        db = self._keeper.db
        with transaction(db):
            if load_mail(db, viewer.account_key).asked_at:
                delete_mail(db, viewer.account_key)
                record_action(db, viewer, "mail.removed", SUBJECT, viewer.account_key)

    def _digest(self, account: int, code: str) -> str:
        return self._signer.sign(CODE, f"{account}:{code}")


def mail_view(db: Database, settings: MarketSettings, viewer: Viewer) -> MailView:
    """Return the viewer's own mail address."""
    mail, sealer = load_mail(db, viewer.account_key), Sealer(settings.keys_dir)
    open_code = mail.pending and mail.code_until > now() and mail.tries < TRIES
    return MailView(
        sealer.open(mail.sealed), mail.confirmed_at, sealer.open(mail.pending) if open_code else "",
        mail.code_until if open_code else "", bool(settings.mail.host),
    )  # fmt: skip


def _require_account(viewer: Viewer) -> None:
    if not viewer.signed_in:
        raise NotFoundError("没有找到这个账号，请重新登录。")
