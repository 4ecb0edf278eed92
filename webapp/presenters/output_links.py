"""The addresses at which a list, as filtered, can be had in other forms."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import url_for

from marketplace import HandbookQuery, ListQuery
from matching import Side
from webapp import query_args

SIDES = {"opportunities": Side.OPPORTUNITY, "capabilities": Side.CAPABILITY}
NAMES = {side: name for name, side in SIDES.items()}


@dataclass(frozen=True, slots=True)
class OutputLinks:
    """Where one list, as filtered, can be had in other forms."""

    xlsx_url: str
    csv_url: str
    handbook_url: str
    feed_url: str
    template_url: str
    open_data_url: str
    save_url: str


def output_links(query: ListQuery) -> OutputLinks:
    """The other forms of a list, with the same filters; files and feeds hold all its pages."""
    name = NAMES[query.side]
    return OutputLinks(
        xlsx_url=file_url(query, "xlsx"),
        csv_url=file_url(query, "csv"),
        handbook_url=handbook_url(HandbookQuery(query)),
        feed_url=feed_url(query),
        template_url=url_for("outputs.template", kind=name),
        open_data_url=url_for("outputs.open_data"),
        save_url=url_for("subscriptions.new_search", kind=name, **_args(query)),  # type: ignore[arg-type]
    )


def file_url(query: ListQuery, ending: str) -> str:
    """The address of a list as a file."""
    return url_for("outputs.list_file", kind=NAMES[query.side], ending=ending, **_args(query))  # type: ignore[arg-type]


def feed_url(query: ListQuery, *, whole: bool = False) -> str:
    """The address of a list's feed, with scheme and host when ``whole``; its order is its own."""
    # A feed is always ordered by change.
    args = _args(replace(query, order=query_args.default_order(query.text)))
    return url_for("feeds.index", kind=NAMES[query.side], _external=whole, **args)  # type: ignore[arg-type]


def handbook_url(query: HandbookQuery, *, docx: bool = False) -> str:
    """The address of a handbook as a page or as a Word document."""
    args: dict[str, str | list[str]] = {"kind": NAMES[query.listing.side], **_args(query.listing)}
    if query.batch:
        args["batch"] = query.batch
    return url_for("outputs.handbook_file" if docx else "outputs.handbook", **args)  # type: ignore[arg-type]


def _args(query: ListQuery) -> dict[str, str | list[str]]:
    return query_args.url_args(query_args.on_page(query, 1))
