"""The page that says why one capability fits one need."""

from __future__ import annotations

from flask import Blueprint

from webapp.engine import get_market
from webapp.errors import ForbiddenError
from webapp.presenters import present_pair
from webapp.rendering import render
from webapp.site import get_settings

blueprint = Blueprint("pairs", __name__, url_prefix="/pairs")


@blueprint.get("/<key:o>/<key:c>")
def detail(o: int, c: int) -> str:
    """One pair with its evidence; refused where rankings are not public."""
    if not get_settings().public_matches:
        raise ForbiddenError("为保证公平，本站在采购前不公开具名单位的匹配判断；需求单位和能力单位可向主办单位查询。")
    return render(present_pair(get_market().pair_page(o, c)))
