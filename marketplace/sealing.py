"""Seals what must not be read by whoever gets hold of the database file; the key lies beside it, not in it."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from marketplace.errors import DamagedError

_making = threading.Lock()


def secret_of(path: Path) -> bytes:
    """Return the secret kept in ``path``, made on first use and readable by its owner only."""
    with _making:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside = path.with_name(f"{path.name}.{os.getpid()}")
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
            try:
                # A link never replaces: of two processes that start together, one makes the secret.
                os.link(aside, path)
            except FileExistsError:
                pass
            finally:
                aside.unlink()
        return path.read_bytes().strip()


class Sealer:
    """Seals and opens short texts with the installation's key."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "contacts.key"

    @cached_property
    def _fernet(self) -> Fernet:
        # Read once: a long list has a contact in every row.
        return Fernet(secret_of(self._path))

    def seal(self, text: str) -> str:
        """Return ``text`` sealed, empty for an empty text."""
        return self._fernet.encrypt(text.encode()).decode() if text else ""

    def open(self, token: str) -> str:
        """Return the text of a seal.

        Raises DamagedError when it was sealed with another key.
        """
        if not token:
            return ""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise DamagedError(f"受保护的内容无法解开：密钥文件 {self._path} 与数据库不是一套。") from error
