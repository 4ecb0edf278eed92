"""Signs what comes back by mail: the link that stops a letter, and the code that confirms an address."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from marketplace.sealing import secret_of
from marketplace.subscribing.subjects import DIGESTS

# A stop link about one subscription instead of a kind of digest.
ONE = "one"
_DIGITS = 32
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class StopToken:
    """What a stop link ends: a kind of digest of an account, or one subscription of it."""

    account_key: int
    kind: str
    key: int = 0


class Signer:
    """Signs short texts with a secret of the installation."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "mail.key"

    def sign(self, purpose: str, text: str) -> str:
        """Return the signature of a text for one purpose; it is worth nothing for another."""
        made = hmac.new(secret_of(self._path), f"{purpose}:{text}".encode(), hashlib.sha256)
        return made.hexdigest()[:_DIGITS]

    def stop_link(self, token: StopToken) -> str:
        """Return the path of the page that stops what a token names, for whoever holds the letter."""
        text = f"{token.account_key}-{token.kind}-{token.key}"
        return f"/stop/{text}-{self.sign('stop', text)}"

    def read_stop(self, written: str) -> StopToken | None:
        """Return what the last part of a stop link names, None when it was not signed here."""
        text, _, signature = written.rpartition("-")
        account, kind, key = [*text.split("-"), "", "", ""][:3]
        if not hmac.compare_digest(signature.encode(), self.sign("stop", text).encode()):
            return None
        if not (account.isdigit() and key.isdigit()) or kind not in (*DIGESTS, ONE):
            return None
        return StopToken(int(account), kind, int(key))


def new_code() -> str:
    """Return a code as a letter tells it."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
