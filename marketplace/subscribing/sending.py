"""The job that empties the outbox: each letter once, again later when the server is busy, given up at last."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from marketplace.jobs.context import JobContext
from marketplace.jobs.state import moments_ago
from marketplace.notices import notify
from marketplace.sealing import Sealer
from marketplace.store.accounts import ACTIVE, load_account
from marketplace.store.changes import installation_number, write_value
from marketplace.store.database import transaction
from marketplace.store.outbox import (
    DROPPED,
    FAILED,
    SENT,
    UNSURE,
    LetterRow,
    count_due,
    drop_old_letters,
    due_letters,
    end_letter,
    fail_old_letters,
    hand_over,
    handed_letters,
    load_mail,
    postpone_letter,
)
from marketplace.subscribing.due import REST_UNTIL
from marketplace.subscribing.transports import (
    Transport,
    UndeliveredError,
    UnreachableError,
    build_message,
    open_transport,
)

# A letter of this kind goes to the address that waits for its code.
CODE = "code"
CHUNK, TRIES = 50, 5
FIRST_PAUSE, REST = timedelta(minutes=5), timedelta(minutes=5)
GIVE_UP, KEPT = timedelta(days=3), timedelta(days=180)
TOO_OLD = "三天没有发出，已放弃"


def send_mail(context: JobContext) -> dict[str, Any]:
    """Send every letter whose time has come; return how many ended how.

    A run that was broken off goes on with the next letter. One that the server had been given without an answer is
    not sent again: its reader has the notice in the inbox.
    """
    transport = open_transport(context.settings.mail, context.settings.outbox_dir)
    sender = _Sender(context, transport)
    try:
        sender.settle()
        trouble = sender.run()
    finally:
        transport.close()
    counts = sender.counts
    words = [f"发出 {counts[SENT]} 封"]
    names = ((FAILED, "没有送达"), (DROPPED, "收件人已取消"), (UNSURE, "不确定是否送达"), ("later", "稍后再试"))
    words += [f"{name} {counts[state]} 封" for state, name in names if counts[state]]
    return {"sent": counts[SENT], "message": "，".join(words) + (f"；{trouble}，稍后再试。" if trouble else "。")}


class _Sender:
    def __init__(self, context: JobContext, transport: Transport) -> None:
        self._context, self._db, self._transport = context, context.db, transport
        self._sealer = Sealer(context.settings.keys_dir)
        self._installation = installation_number(context.db).hex
        self.counts: Counter[str] = Counter()

    def settle(self) -> None:
        """Bring letters of a broken run to an end, and give up what is too old."""
        db = self._db
        with transaction(db):
            for key in handed_letters(db):
                end_letter(db, key, UNSURE, "交给发信服务器后中断")
                self.counts[UNSURE] += 1
            self.counts[FAILED] += fail_old_letters(db, moments_ago(GIVE_UP), TOO_OLD)
            drop_old_letters(db, moments_ago(KEPT))

    def run(self) -> str:
        """Send until nothing is due; return what keeps the rest back, empty for nothing."""
        total, done = count_due(self._db), 0
        while letters := due_letters(self._db, CHUNK):
            for letter in letters:
                try:
                    self._send(letter)
                except UnreachableError as error:
                    with transaction(self._db):
                        write_value(self._db, REST_UNTIL, _moment(REST))
                    return str(error)
                done += 1
                self._context.say(min(done, total), total + 1, f"已处理 {done} 封")
        return ""

    def _send(self, letter: LetterRow) -> None:
        receiver = self._receiver(letter)
        if not receiver:
            self._end(letter, DROPPED)
            return
        body = self._sealer.open(letter.body)
        message = build_message(self._context.settings.mail, self._installation, letter, receiver, body)
        try:
            if self._transport.deliver(letter.key, message, lambda: self._hand(letter)):
                self._end(letter, SENT)
        except UndeliveredError as error:
            self._not_taken(letter, error)

    def _receiver(self, letter: LetterRow) -> str:
        """The address to write to now, empty when the reader has taken it back or left."""
        account = load_account(self._db, letter.account_key)
        if account is None or account.state != ACTIVE:
            return ""
        mail = load_mail(self._db, letter.account_key)
        return self._sealer.open(mail.pending if letter.kind == CODE else mail.sealed)

    def _hand(self, letter: LetterRow) -> bool:
        with transaction(self._db):
            return hand_over(self._db, letter.key)

    def _end(self, letter: LetterRow, state: str, error: str = "") -> None:
        with transaction(self._db):
            end_letter(self._db, letter.key, state, error)
            if state == FAILED and letter.kind != CODE:
                notify(
                    self._db, [letter.account_key], kind="account", title="发给您的邮件没有送达",
                    body=f"“{letter.subject}”没有送达您登记的邮箱，内容见本站通知。请核对邮箱地址。",
                    link="/account/mail", reason="您登记了接收通知的邮箱。",
                )  # fmt: skip
        self.counts[state] += 1

    def _not_taken(self, letter: LetterRow, error: UndeliveredError) -> None:
        if error.for_good or letter.attempts + 1 >= TRIES:
            self._end(letter, FAILED, str(error))
            return
        # 5 minutes, then four times as long each time.
        with transaction(self._db):
            postpone_letter(self._db, letter.key, _moment(FIRST_PAUSE * 4**letter.attempts), str(error))
        self.counts["later"] += 1


def _moment(ahead: timedelta) -> str:
    return (datetime.now(UTC) + ahead).strftime("%Y-%m-%dT%H:%M:%SZ")
