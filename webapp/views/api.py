"""The lists for other programs: pages of records, one record, and the check of a record they want to bring."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from marketplace import BadRequestError
from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters.output_links import SIDES
from webapp.query_args import parse_list

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
GUARDS = {"index": PUBLIC, "listing": PUBLIC, "detail": PUBLIC, "check": PUBLIC}
_KIND = "<any(opportunities,capabilities):kind>"


@blueprint.get("")
def index() -> Response:
    """What can be asked for, and every field of both records."""
    outputs = get_market().outputs
    return jsonify({kind: {"url": url_for("api.listing", kind=kind), "fields": outputs.described(side)}
                    for kind, side in SIDES.items()})  # fmt: skip


@blueprint.get(f"/{_KIND}")
def listing(kind: str) -> Response:
    """One page of a list, with the filters of its web page."""
    page = get_market().outputs.records(parse_list(request.args, SIDES[kind]).query)
    records = [{**record, "key": str(key)} for key, record in page.records]
    return jsonify(total=page.total, page=page.page, pages=page.pages, records=records)


@blueprint.get(f"/{_KIND}/<key:key>")
def detail(kind: str, key: int) -> Response:
    """One record."""
    return jsonify({**get_market().outputs.record(SIDES[kind], key), "key": str(key)})


@blueprint.post(f"/{_KIND}/check")
def check(kind: str) -> Response:
    """Whether a record could be taken, by the same rules as form and workbook; nothing is stored."""
    try:
        values = request.get_json(silent=True)
    except RecursionError:
        # Brackets nested thousands deep are no record.
        values = None
    if not isinstance(values, dict):
        raise BadRequestError("请求内容应为一个 JSON 对象，键为字段名。")
    checked = get_market().outputs.check(SIDES[kind], values)
    faults = [{"field": one.field, "label": one.label, "sentence": one.sentence, "suggestion": one.suggestion}
              for one in checked.faults]  # fmt: skip
    answer = jsonify(record=checked.record, faults=faults)
    answer.status_code = 200 if checked.record is not None else 422
    return answer
