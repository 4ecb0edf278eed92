"""How a letter leaves: through a mail server, or as a file where none is named."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol

from marketplace.mail_settings import SSL, STARTTLS, MailSettings
from marketplace.records.personal import mask_personal
from marketplace.store.outbox import LetterRow

WAIT_S = 30
NOBODY = "场景对接 <noreply@localhost>"


class UndeliveredError(Exception):
    """A letter was not taken; ``for_good`` says that another try is of no use."""

    def __init__(self, sentence: str, *, for_good: bool = False) -> None:
        super().__init__(sentence)
        self.for_good = for_good


class UnreachableError(Exception):
    """The mail server cannot be used at all just now; no letter is to blame."""


class Transport(Protocol):
    """Takes letters out; ``repeatable``: the same letter delivered twice arrives once."""

    repeatable: bool

    def deliver(self, key: int, message: EmailMessage, handing: Callable[[], bool]) -> bool:
        """Deliver one letter; ``handing`` is called right before it is out of our hands, and says whether to go on.

        Raises UndeliveredError when it was not taken, UnreachableError when nothing can be sent now.
        """

    def close(self) -> None:
        """Let go of the server."""


class FileTransport:
    """Writes each letter as a file named after its number, whole or not at all; writing it again changes nothing."""

    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, key: int, message: EmailMessage, handing: Callable[[], bool]) -> bool:
        """Write the letter's file, readable by its owner only."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = self._folder / f"{key}.{os.getpid()}.new"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, self._folder / f"{key}.eml")
        return True

    def close(self) -> None:
        """Nothing is held."""


class SmtpTransport:
    """Speaks to the mail server over one connection for a whole run."""

    repeatable = False

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def deliver(self, key: int, message: EmailMessage, handing: Callable[[], bool]) -> bool:
        """Give the letter to the server; up to the text itself a break leaves it with us."""
        server = self._connected()
        sender, receiver = (parseaddr(str(message[name]))[1] for name in ("From", "To"))
        try:
            server.rset()
            _expect(server.mail(sender))
            _expect(server.rcpt(receiver))
            if not handing():
                return False
            _expect(server.data(message.as_bytes()))
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._server = None
            raise UnreachableError(f"与发信服务器的连接断开（{error}）") from error
        return True

    def close(self) -> None:
        """Say goodbye; a server that is gone already does not matter."""
        if self._server is not None:
            try:
                self._server.quit()
            except (smtplib.SMTPException, OSError):
                self._server.close()
            self._server = None

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                place = f"{self._settings.host}:{self._settings.port}"
                raise UnreachableError(f"发信服务器 {place} 不可用（{error}）") from error
        return self._server

    def _connect(self) -> smtplib.SMTP:
        given = self._settings
        secure = ssl.create_default_context()
        server: smtplib.SMTP
        if given.tls == SSL:
            server = smtplib.SMTP_SSL(given.host, given.port, timeout=WAIT_S, context=secure)
        else:
            server = smtplib.SMTP(given.host, given.port, timeout=WAIT_S)
        if given.tls == STARTTLS:
            server.starttls(context=secure)
        server.ehlo_or_helo_if_needed()
        if given.user and given.password_file is not None:
            server.login(given.user, given.password_file.read_text(encoding="utf-8").strip())
        return server


def open_transport(settings: MailSettings, folder: Path) -> Transport:
    """Return the way letters leave this installation."""
    return SmtpTransport(settings) if settings.host else FileTransport(folder)


def build_message(
    settings: MailSettings, installation: str, letter: LetterRow, receiver: str, body: str
) -> EmailMessage:
    """Return a letter as it goes out; built again from the same row it is the same, number included."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=76))
    message["From"] = settings.sender or NOBODY
    message["To"] = receiver
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(datetime.fromisoformat(letter.created_at).astimezone(UTC))
    domain = parseaddr(settings.sender or NOBODY)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{letter.key}.{installation}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop and settings.site_address:
        message["List-Unsubscribe"] = f"<{settings.site_address}{letter.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(body, charset="utf-8", cte="base64")
    return message


def _expect(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if not 200 <= code < 300:
        raise _refusal(code, words)


def _refusal(code: int, words: bytes | str) -> UndeliveredError:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    # Servers like to say whom they do not know; what they say is kept, the address is not.
    shown = mask_personal(" ".join(said.split()))[:200]
    return UndeliveredError(f"发信服务器不收：{code} {shown}", for_good=code >= 500)
