"""How matching works, what the words mean, and the statements a public site owes its readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from webapp.presenters import labels
from webapp.presenters.page import Context, Crumb, Head


@dataclass(frozen=True)
class HelpContext(Context):
    """The words explained on the help page."""

    template: ClassVar[str] = "help/index.html"

    bands: tuple[labels.Label, ...]
    verdicts: tuple[labels.Label, ...]


def present_help() -> HelpContext:
    """The context of the help page."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("使用说明"))
    return HelpContext(
        head=Head("使用说明", "匹配怎样得出、用语的含义、无障碍和隐私说明。", crumbs, "help"),
        bands=tuple(labels.BANDS.values()),
        verdicts=tuple(labels.VERDICTS.values()),
    )
