"""Each page answers with what a visitor came for."""

from __future__ import annotations

import os
import re

import pytest
from fake_market import BROKEN, REFUSED, WITHDRAWN, FakeMarket
from flask.testing import FlaskClient

from webapp import WebSettings, create_app

PAGES = (
    "/",
    "/opportunities",
    "/opportunities?q=监测",
    "/opportunities?q=没有这种东西",
    "/capabilities",
    "/opportunities/1",
    "/opportunities/2",
    "/opportunities/3",
    "/capabilities/1001",
    "/pairs/1/1001",
    "/search",
    "/search?q=监测",
    "/search?q=没有这种东西",
    "/benchmarks/2026",
    "/status",
    "/help",
)


def roles(html: str, role: str) -> int:
    return len(re.findall(rf'data-role="{role}"', html))


@pytest.mark.parametrize("path", PAGES)
def test_page_answers(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert len(re.findall("<h1", answer.text)) == 1
    assert '<html lang="zh-CN"' in answer.text


@pytest.mark.parametrize(
    "path",
    [p for p in PAGES if not p.startswith(("/opportunities/", "/capabilities/", "/pairs", "/benchmarks/"))],
)
def test_page_of_an_empty_market(path: str) -> None:
    client = create_app(WebSettings(), FakeMarket(empty=True)).test_client()  # type: ignore[arg-type]
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/opportunities/999", 404),
        ("/opportunities/0", 404),
        ("/opportunities/-1", 404),
        ("/opportunities/abc", 404),
        (f"/opportunities/{2**63}", 404),
        (f"/opportunities/{'9' * 5000}", 404),
        ("/opportunities/１", 404),
        (f"/opportunities/{WITHDRAWN}", 410),
        (f"/opportunities/{REFUSED}", 400),
        (f"/opportunities/{BROKEN}", 500),
        ("/pairs/1/999", 404),
        (f"/pairs/1/{2**63}", 404),
        ("/benchmarks/20265", 404),
        ("/benchmarks/abcd", 404),
        ("/benchmarks/1999", 404),
        ("/opportunities/", 404),
        ("/static/../settings.py", 404),
    ],
)
def test_wrong_addresses_get_a_chinese_page(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert roles(answer.text, "message") == 1
    assert "Traceback" not in answer.text


def test_the_market_s_own_sentence_is_shown(client: FlaskClient) -> None:
    assert "编号的写法不对" in client.get(f"/opportunities/{REFUSED}").text


@pytest.mark.parametrize("path", ["/", "/opportunities", "/opportunities/1", "/search"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods_are_refused(client: FlaskClient, path: str, method: str) -> None:
    answer = getattr(client, method)(path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=abc",
        "page=1000000000",
        "q=" + "水" * 5000,
        "q=%00%ff%fe",
        "q=%F0%9F%98%80",
        "domain=%00",
        "domain=" + "x" * 500,
        "order=;--",
        "q=<script>alert(1)</script>",
        "domain=a&domain=b&domain=a",
        "q[]=1",
        "&&&=",
        "%",
    ],
)
@pytest.mark.parametrize("path", ["/opportunities", "/capabilities", "/search", "/opportunities/1", "/preferences"])
def test_no_arguments_break_a_page(client: FlaskClient, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code in (200, 302)
    assert "<script>alert" not in answer.text


def test_past_the_end_leads_to_the_last_page(client: FlaskClient) -> None:
    answer = client.get("/opportunities?page=999")
    assert (answer.status_code, answer.location) == (302, "/opportunities?page=5")
    assert client.get("/opportunities?q=没有这种东西&page=4").status_code == 302


def test_list_shows_cards_total_and_facets(client: FlaskClient) -> None:
    html = client.get("/opportunities").text
    assert (roles(html, "card"), roles(html, "facet")) == (20, 6)
    assert re.search(r'role="status"[^>]*>共 <strong>90</strong>', html)


def test_fragment_is_the_same_address_without_the_frame(client: FlaskClient) -> None:
    answer = client.get("/opportunities?domain=智慧水利&q=", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert 'id="facets" hx-swap-oob="true"' in answer.text
    assert answer.headers["HX-Push-Url"] == "/opportunities?domain=%E6%99%BA%E6%85%A7%E6%B0%B4%E5%88%A9"
    assert "HX-Request" in answer.headers["Vary"]


def test_a_restored_history_entry_is_a_whole_page(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/opportunities", headers=headers).text


def test_empty_list_says_which_filter_to_drop(client: FlaskClient) -> None:
    html = client.get("/opportunities?q=没有这种东西&domain=新材料").text
    assert roles(html, "empty") == 1
    assert "去掉条件</span>领域：新材料" in html


def test_words_only_search_is_said() -> None:
    client = create_app(WebSettings(), FakeMarket(ready=False)).test_client()  # type: ignore[arg-type]
    assert "语义模型正在载入" in client.get("/opportunities?q=水").text
    assert "语义模型正在载入" not in client.get("/opportunities").text


def test_opportunity_shows_ranked_matches_with_evidence(client: FlaskClient) -> None:
    html = client.get("/opportunities/1").text
    assert (roles(html, "match"), roles(html, "team")) == (10, 1)
    assert roles(client.get("/opportunities/1?top=50").text, "match") == 50
    assert "匹配结果仅供参考，不构成采购结果或推荐供应商" in html
    assert "/pairs/1/1001" in html


@pytest.mark.parametrize("path", ["/opportunities/1", "/capabilities/1001"])
def test_the_batch_of_an_imported_list_is_named_like_all_others(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    assert "2026年第一批" not in text
    assert "2026年第1批" in text or "2026年第2批" in text


def test_nothing_fits_is_said_plainly(client: FlaskClient) -> None:
    assert "目前没有合适的能力" in client.get("/opportunities/2").text


def test_pending_is_said(client: FlaskClient) -> None:
    assert "匹配结果正在更新" in client.get("/opportunities/3").text


def test_capability_shows_cross_field_and_gaps(client: FlaskClient) -> None:
    html = client.get("/capabilities/1001").text
    assert (roles(html, "cross-field"), roles(html, "gaps")) == (1, 1)


def test_rankings_are_closed_by_default(closed_client: FlaskClient) -> None:
    html = closed_client.get("/opportunities/1").text
    assert "显示更多" not in html
    assert (roles(html, "match"), roles(html, "team"), roles(html, "closed")) == (0, 0, 1)
    assert "/pairs/" not in html
    answer = closed_client.get("/pairs/1/1001")
    assert answer.status_code == 403
    assert "不公开具名" in answer.text


def test_a_closed_site_shows_only_landings_that_passed(closed_client: FlaskClient, client: FlaskClient) -> None:
    html = closed_client.get("/benchmarks/2026").text
    assert 0 < roles(html, "candidate") < roles(client.get("/benchmarks/2026").text, "candidate")
    assert "只列出通过全部条件的候选" in html
    assert "通过全部条件的候选 " in html
    assert not re.search("未通过</span>|缺材料</span>|/pairs/", html)


def test_pair_shows_every_requirement_and_the_account(client: FlaskClient) -> None:
    html = client.get("/pairs/1/1001").text
    assert len(re.findall(r'<span class="req-name">', html)) == 6
    assert roles(html, "account") == 1
    assert "系统判断，撮合员可更正" in html
    assert "高度匹配 ≥0.50 · 较匹配 ≥0.20 · 可了解 ≥0.06" in html
    assert "不是满分为 1 的评分" in html


def test_benchmarks_lead_to_the_newest_year(client: FlaskClient) -> None:
    assert client.get("/benchmarks").location == "/benchmarks/2026"
    html = client.get("/benchmarks/2026").text
    assert roles(html, "candidate") == 15
    assert "机器只提示候选，是否入选由评审决定" in html


def test_benchmarks_before_anything_landed() -> None:
    for public, words in ((True, "2026 年度还没有已落地的场景"), (False, "2026 年度还没有通过全部条件的候选")):
        settings = WebSettings(benchmark_year=2026, public_matches=public)
        answer = create_app(settings, FakeMarket(empty=True)).test_client().get("/benchmarks")  # type: ignore[arg-type]
        assert answer.status_code == 200
        assert words in answer.text


def test_banner_and_footer_only_when_set(client: FlaskClient) -> None:
    sample = WebSettings(sample_site=True, organiser="某局（示例）", icp="鄂ICP备示例号")
    html = create_app(sample, FakeMarket(empty=True)).test_client().get("/").text  # type: ignore[arg-type]
    assert "示例站点" in html
    assert "鄂ICP备示例号" in html
    bare = client.get("/").text
    assert "示例站点" not in bare
    assert "备案号" not in bare
    assert "主办单位</dt>" not in bare


def test_monitors_get_json(client: FlaskClient) -> None:
    healthy = client.get("/healthz").json
    assert healthy is not None
    assert (healthy["status"], healthy["worker"]) == ("ok", os.getpid())
    assert client.get("/readyz").json == {"status": "ready"}
    loading = create_app(WebSettings(), FakeMarket(ready=False)).test_client()  # type: ignore[arg-type]
    assert loading.get("/readyz").status_code == 503
    assert loading.get("/healthz").json["status"] == "degraded"  # type: ignore[index]


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/opportunities?q=水", "/opportunities?q=%E6%B0%B4"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/" + "a" * 5000, "/"),
    ],
)
def test_preferences_stay_on_the_site(client: FlaskClient, target: str, location: str) -> None:
    answer = client.get("/preferences", query_string={"size": "large", "next": target})
    assert (answer.status_code, answer.location) == (302, location)


def test_preferences_go_back_to_where_they_were_chosen(client: FlaskClient) -> None:
    headers = {"Referer": "http://localhost/opportunities?domain=a"}
    assert client.get("/preferences?theme=contrast&next=/help", headers=headers).location == "/opportunities?domain=a"
    foreign = {"Referer": "http://evil.example/x"}
    assert client.get("/preferences?theme=contrast&next=/help", headers=foreign).location == "/help"


def test_preferences_are_applied_on_the_server(client: FlaskClient) -> None:
    client.get("/preferences?size=xlarge&theme=contrast")
    html = client.get("/").text
    assert 'data-size="xlarge"' in html
    assert 'data-theme="contrast"' in html
    client.get('/preferences?size="><script>')
    assert 'data-size="xlarge"' in client.get("/").text


def test_a_forged_cookie_is_the_standard(client: FlaskClient) -> None:
    client.set_cookie("size", '"><b>')
    assert 'data-size="standard"' in client.get("/").text
