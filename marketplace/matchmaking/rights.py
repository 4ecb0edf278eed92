"""Whose pairs a matchmaker works on: those with a side in the districts served; others do not exist."""

from __future__ import annotations

from marketplace.access import MATCHMAKER, Viewer, require
from marketplace.desk import Desk
from marketplace.errors import NotFoundError
from marketplace.sight import Sight
from marketplace.store import PostingRow
from matching import Side


def served_pair(desk: Desk, viewer: Viewer, pair: tuple[int, int]) -> tuple[PostingRow, PostingRow]:
    """Return both sides (opportunity, capability) of a pair whose matchmaker the viewer is.

    Raises ForbiddenError for who is no matchmaker, NotFoundError for a pair of other districts or none at all.
    """
    require(viewer, MATCHMAKER)
    sight = Sight(viewer)
    need, offer = (desk.postings.get(key) for key in pair)
    if need is not None and offer is not None and sight.served(need, offer) and sight.pair(need, offer):
        sides = (need.posting.side, offer.posting.side)
        if sides == (Side.OPPORTUNITY, Side.CAPABILITY):
            return need, offer
    raise NotFoundError("没有这一对供需，可能是链接有误，或其中一条已撤下。")
