"""The lists for other programs: same filters, same rules, nothing that is not public."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import make_capability, make_opportunity
from flask.testing import FlaskClient
from market_tools import Shop
from office import office_app, office_market

from marketplace import FIELDS
from matching import MatchingSettings, Side, parse_posting, to_exchange


@pytest.fixture
def shop(tmp_path: Path, matching_settings: MatchingSettings) -> Shop:
    shop = Shop(office_market(tmp_path, matching_settings).settings)
    shop.take(
        make_opportunity(extra={"office_phone": "027-87650000", "联系人": "欧阳示例"}),
        make_opportunity(id="JH-002", title="路灯单灯控制", domain="智慧城市", extra={"disclosure": "不予公开"}),
        make_opportunity(
            id="JH-003", title="渣土车轨迹核查", domain="数字政务", background="请联系张三，手机13800001111"
        ),
    )
    shop.take(make_capability())
    return shop


@pytest.fixture
def client(shop: Shop, matching_settings: MatchingSettings) -> FlaskClient:
    return office_app(office_market(shop.settings.database.parent, matching_settings)).test_client()


def test_a_list_comes_in_pages_with_the_filters_of_its_page(client: FlaskClient) -> None:
    found = client.get("/api/v1/opportunities").json
    assert (found["total"], found["page"], found["pages"]) == (2, 1, 1)
    assert {one["id"] for one in found["records"]} == {"JH-001", "JH-003"}
    chosen = client.get("/api/v1/opportunities?domain=数字政务&page=9").json
    assert [one["id"] for one in chosen["records"]] == ["JH-003"]
    assert chosen["page"] == 1


def test_a_record_is_the_exchange_object_without_anything_protected(client: FlaskClient) -> None:
    records = {one["id"]: one for one in client.get("/api/v1/opportunities").json["records"]}
    one = client.get(f"/api/v1/opportunities/{records['JH-001'].pop('key')}").json
    one.pop("key")
    assert one["extra"] == {"office_phone": "027-87650000"}
    assert to_exchange(parse_posting(one, Side.OPPORTUNITY)) == one
    assert "138****1111" in records["JH-003"]["background"]


def test_what_is_not_public_is_not_found(client: FlaskClient, shop: Shop) -> None:
    for key in (shop.key("JH-002"), 12, shop.key("NL-001")):
        answer = client.get(f"/api/v1/opportunities/{key}")
        assert (answer.status_code, answer.json["status"]) == (404, "error")
    assert client.get("/api/v1/experts").status_code == 404


def test_a_record_is_checked_by_the_rules_of_the_form(client: FlaskClient) -> None:
    good = {
        "title": "窨井盖缺失移位自动发现", "publisher": "示例区城管局（示例）", "publisher_type": "政府部门",
        "budget": "3000–5000万", "deadline": "2027年底", "requirements": ["井盖移位后15分钟内告警"],
    }  # fmt: skip
    checked = client.post("/api/v1/opportunities/check", json=good)
    assert (checked.status_code, checked.json["faults"]) == (200, [])
    record = checked.json["record"]
    assert (record["budget_wan"], record["deadline"], record["publisher_type"]) == (5000, "2027-12-31", "government")
    bad = client.post(
        "/api/v1/opportunities/check", json=good | {"title": "", "budget": "若干", "office_phone": "13800001111"}
    )
    assert (bad.status_code, bad.json["record"]) == (422, None)
    assert [one["field"] for one in bad.json["faults"]] == ["title", "budget", "office_phone"]
    assert all(one["label"] in one["sentence"] for one in bad.json["faults"])


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '"text"'])
def test_a_check_without_an_object_says_what_is_wanted(client: FlaskClient, body: str) -> None:
    answer = client.post("/api/v1/capabilities/check", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, 400)
    assert "JSON 对象" in answer.json["message"]


def test_the_fields_are_described(client: FlaskClient) -> None:
    told = client.get("/api/v1").json
    names = {one["name"]: one for one in told["opportunities"]["fields"]}
    assert set(names) == {spec.name for spec in FIELDS[Side.OPPORTUNITY] if spec.public}
    assert names["title"]["required"] is True
    assert "公开招标" in names["procurement_route"]["allowed"]
    assert client.get(told["capabilities"]["url"]).json["total"] == 1
