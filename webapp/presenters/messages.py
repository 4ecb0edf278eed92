"""A page that says what went wrong and where to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from webapp.presenters.page import Context, Crumb, Head


@dataclass(frozen=True)
class MessageContext(Context):
    """A heading, one sentence, and links to go on with."""

    template: ClassVar[str] = "errors/message.html"

    heading: str
    sentence: str
    links: tuple[Crumb, ...]


def present_message(heading: str, sentence: str) -> MessageContext:
    """The context of a message page."""
    home = url_for("home.index")
    return MessageContext(
        head=Head(heading, sentence, (Crumb("首页", home), Crumb(heading))),
        heading=heading,
        sentence=sentence,
        links=(
            Crumb("回到首页", home),
            Crumb("场景机会清单", url_for("opportunities.index")),
            Crumb("场景能力清单", url_for("capabilities.index")),
        ),
    )
