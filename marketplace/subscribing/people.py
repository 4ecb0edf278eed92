"""Who is told: an account in use, with the rights it holds at this moment."""

from __future__ import annotations

from marketplace.access import Viewer
from marketplace.accounts.signing import viewer_of
from marketplace.notices import notify
from marketplace.sealing import Sealer
from marketplace.store import Database
from marketplace.store.accounts import ACTIVE, load_account, memberships_of
from marketplace.store.outbox import insert_letter, load_mail
from marketplace.subscribing.letters import Message
from marketplace.subscribing.signing import Signer, StopToken


def reader_of(db: Database, account_key: int) -> Viewer | None:
    """Return the person of an account, None when it is not in use any more."""
    row = load_account(db, account_key)
    return viewer_of(row, memberships_of(db, [account_key])) if row is not None and row.state == ACTIVE else None


class Teller:
    """Tells one person inside a transaction: a notice always, a letter where there is a confirmed address."""

    def __init__(self, db: Database, sealer: Sealer, signer: Signer, address: str) -> None:
        self._db, self._sealer, self._signer, self._address = db, sealer, signer, address

    def tell(self, message: Message, token: StopToken, kind: str, mark: str) -> bool:
        """Write notice and letter; return whether there is a letter. ``mark`` makes the letter one of its kind."""
        db, account = self._db, token.account_key
        notify(
            db, [account], kind=kind, title=message.title, body=message.notice_body, link=message.link,
            reason=message.reason,
        )  # fmt: skip
        if not load_mail(db, account).sealed:
            return False
        stop = self._signer.stop_link(token)
        body = self._sealer.seal(message.letter_body(self._address, stop))
        return bool(insert_letter(db, account, token.kind, mark, subject=message.title, body=body, stop=stop))
