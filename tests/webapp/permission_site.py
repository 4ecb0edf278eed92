"""A site where agencies, companies and every role have something of their own, copied fresh for each question.

The database is filled once and the application made once; a fresh copy is put under the same application.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from unittest import mock

from doubles import HashingEncoder
from flask import Flask
from flask.testing import FlaskClient
from market_tools import Shop, sample_lines
from office import enter, make_account, make_organisation, office_app, office_market, page_of, quick_passwords
from werkzeug.routing import Rule

from marketplace import ListQuery, Market, MarketSettings, Sight, Viewer
from marketplace.answers import RuleForm, TypedAnswer
from marketplace.contacts import POSTING
from marketplace.followup import MoveForm, Upload
from marketplace.imports import ColumnChoice
from marketplace.jobs import run_job_now, start_job
from marketplace.notices import notify
from marketplace.publishing import BatchForm
from marketplace.selection import CALENDAR, CRITERIA, ObjectionTyped, clock
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.postings import find_keys
from marketplace.subscribing.signing import Signer, StopToken
from marketplace.taxonomies.credit_code import credit_check_character, organisation_check_character
from matching import MatchingSettings, Side
from webapp import WebSettings
from webapp.engine import hold_market

AGENCY, OTHER_AGENCY = "江夏区城市管理执法局（示例）", "潜江市水务局（示例）"
TIED = "江汉评审中心（示例）"
FIRM, OTHER_FIRM = "武汉楚光智感科技有限公司（示例）", "黄石磁湖数智有限公司（示例）"
VISITOR = "visitor"
PEOPLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "agency": ("publisher", (AGENCY,)),
    "other_agency": ("publisher", (OTHER_AGENCY,)),
    "company": ("company", (FIRM,)),
    "other_company": ("company", (OTHER_FIRM,)),
    "matchmaker": ("matchmaker", ()),
    "reviewer": ("reviewer", ()),
    "far_reviewer": ("reviewer", ()),
    "expert": ("expert", ()),
    "admin": ("admin", ()),
    "security": ("security", ()),
    "auditor": ("auditor", ()),
}
FAR = ("随州市",)
# Of another district, for single questions; not among those whom the table asks everything.
FAR_MATCHMAKER: dict[str, tuple[str, tuple[str, ...]]] = {"far_matchmaker": ("matchmaker", ())}
# Made up, with digits that add up.
_BODY = "MA4K1234"
_HEAD = f"91420115{_BODY}{organisation_check_character(_BODY)}"
CODE = _HEAD + credit_check_character(_HEAD)
TEXT = {
    "title": "窨井盖缺失移位自动发现", "publisher": AGENCY, "district": "武汉市江夏区", "domain": "智慧城市",
    "background": "井盖丢了没人知道，靠巡查员每周走一遍。", "requirements": ["井盖移位后15分钟内告警"],
}  # fmt: skip


@dataclass(frozen=True)
class Base:
    """The stocked folder, the site, the address parts of what lies in it, everyone's session cookie and form token."""

    folder: Path
    matching: MatchingSettings
    app: Flask
    reading: Market
    parts: Mapping[str, int | str]
    cookies: Mapping[str, str]
    tokens: Mapping[str, str]

    def open(self, folder: Path) -> Flask:
        """The site, from now on over a fresh copy that nobody has asked anything; sessions stay valid."""
        return self._over(_copy(self.folder, folder, self.matching))

    def read(self) -> Flask:
        """The site, from now on over the one copy that is only read."""
        return self._over(self.reading)

    def _over(self, market: Market) -> Flask:
        hold_market(self.app, lambda: market)
        for limiter in self.app.extensions["limiter"]:
            limiter.reset()
        return self.app

    def client(self, app: Flask, person: str) -> FlaskClient:
        """A client of this person, signed in unless it is the visitor."""
        client = app.test_client()
        client.set_cookie("scenematch", self.cookies[person])
        return client


def build(folder: Path, matching: MatchingSettings) -> Base:
    """Stock the folder once."""
    folder.mkdir()
    market = office_market(folder, matching)
    # Closed, as an installation comes.
    app = office_app(market, WebSettings(public_matches=False))
    shop = Shop(market.settings)
    shop.take(*sample_lines("opportunities", range(1, 9)))
    shop.take(*sample_lines("capabilities", (*range(1, 9), 70)))
    shop.take(*sample_lines("landings", (1,)), kind="landings")
    accounts, clients = {}, {VISITOR: app.test_client()}
    for person, (role, organisations) in (PEOPLE | FAR_MATCHMAKER).items():
        districts = FAR if person.startswith("far_") else ()
        login, accounts[person] = make_account(market, roles=[role], organisations=organisations, districts=districts)
        clients[person] = app.test_client()
        enter(clients[person], login)
    # The cookie holds what the token is checked against.
    tokens = {name: _token(client, "/login" if name == VISITOR else "/account") for name, client in clients.items()}
    cookies = {name: _cookie(client) for name, client in clients.items()}
    parts = _stock(market, shop, folder, accounts)
    shop.db.conn.execute("pragma wal_checkpoint(truncate)")
    reading = _copy(folder, folder.parent / f"{folder.name}-reading", matching)
    return Base(folder, matching, app, reading, parts, cookies, tokens)


def _copy(source: Path, folder: Path, matching: MatchingSettings) -> Market:
    """A market over a copy of a stocked folder."""
    shutil.copytree(source, folder)
    market = Market(MarketSettings(folder / "market.db", matching), HashingEncoder())
    market.accounts.passwords = quick_passwords()
    return market


def _token(client: FlaskClient, path: str) -> str:
    (token,) = set(page_of(client.get(path)).xpath("//input[@name='csrf_token']/@value"))
    return str(token)


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("scenematch")
    assert cookie is not None
    return cookie.value


def _stock(market: Market, shop: Shop, folder: Path, accounts: Mapping[str, int]) -> dict[str, int | str]:
    """Give the agency, the company and the system something of every kind; return the keys by name."""
    agency, firm = make_organisation(market, AGENCY), make_organisation(market, FIRM, "enterprise")
    need = find_keys(shop.db, "JH-2026-001", Side.OPPORTUNITY)[0][0]
    offer = find_keys(shop.db, "NL-2026-001", Side.CAPABILITY)[0][0]
    with transaction(shop.db):
        shop.db.table("posting").update(need, {"organisation_key": agency})
        shop.db.table("organisation").update(agency, {"district": "武汉市江夏区"})
        shop.db.table("posting").update(offer, {"organisation_key": firm})
    officer = viewer_of(market, accounts["agency"])
    phone, sealed = market.contacts.seal_cell("欧阳示例 13800001111")
    with transaction(shop.db):
        market.contacts.save(shop.db, officer, POSTING, need, office_phone=phone, sealed=sealed)
        notify(shop.db, [accounts["agency"]], kind="review", title="送审已收到", reason="您是作者")
        job = start_job(shop.db, "renew_matches", title="更新匹配", arguments={}, viewer=officer)
    reviewer = viewer_of(market, accounts["reviewer"])
    draft = market.drafts.create(officer, Side.OPPORTUNITY, agency)
    sent, passed = (_send(market, officer, agency, title) for title in ("窨井盖缺失移位自动发现", "路灯单灯控制"))
    stamp = market.review.draft_page(reviewer, passed).stamp
    market.review.approve(reviewer, passed, secrecy_checked=True, stamp=stamp)
    gone = find_keys(shop.db, "NL-2026-008", Side.CAPABILITY)[0][0]
    market.freshness.take_off(reviewer, gone, "重复")
    batch, _ = market.batches.publish(reviewer, BatchForm(Side.OPPORTUNITY, 1, AGENCY), [passed])
    runs = [_upload(market, officer, agency, folder, title) for title in ("垃圾满溢识别", "渣土车轨迹核查")]
    market.imports.choose_columns(officer, runs[1], ColumnChoice())
    run_job_now(shop.work, market.imports.confirm(officer, runs[1], how="drafts"))
    answered = _answer(market, officer, viewer_of(market, accounts["company"]), need, offer)
    claimable = make_organisation(market, "汤逊湖智造有限公司（示例）", "enterprise")
    asked = make_organisation(market, "梁子湖水产有限公司（示例）", "enterprise")
    with transaction(shop.db):
        shop.db.table("organisation").update(asked, {"district": "鄂州市鄂城区"})
    claim = market.organisations.ask_claim(viewer_of(market, accounts["other_company"]), asked, CODE, "本单位职工")
    twins = [make_organisation(market, f"武汉市江夏区{name}（示例）") for name in ("水务局", "水务和湖泊局")]
    market.organisations.merge(reviewer, *twins)
    merge = next(iter(shop.db.table("organisation_merge").rows))["key"]
    notice = next(iter(shop.db.table("notice").rows_where("account_key = ?", [accounts["agency"]])))["key"]
    search = market.searches.save(officer, ListQuery(Side.CAPABILITY), "全部能力")
    followed = market.subscriptions.subscribe(officer, "search", search, "weekly")
    stop = Signer(market.settings.keys_dir).stop_link(StopToken(accounts["agency"], "search")).rpartition("/")[2]
    answered |= _pairing(market, viewer_of(market, accounts["matchmaker"]), answered["answer pairing"])
    answered |= {"case": _benchmark(market, accounts)}
    answered |= {"case document": next(iter(shop.db.table("benchmark_file").rows))["key"]}
    answered |= {"tie": make_organisation(market, TIED, "institute")}
    answered |= _correction(market, viewer_of(market, accounts["matchmaker"]), need, offer)
    own = {
        f"organisation of {person}": make_organisation(market, names[0])
        for person, (_, names) in PEOPLE.items() if names
    }  # fmt: skip
    return own | answered | {
        "need": need, "offer": offer, "withdrawn offer": gone,
        "draft": draft, "sent": sent, "import": runs[0], "done_import": runs[1],
        "job": job, "notice": notice, "organisation": agency, "claimable": claimable, "account": accounts["expert"],
        "batch": batch, "claim": claim, "merge": merge, "search": search, "subscription": followed, "stop": stop,
    }  # fmt: skip


def _answer(market: Market, officer: Viewer, vendor: Viewer, need: int, offer: int) -> dict[str, int]:
    """An answer of the company with its pairing, contacts both sides gave away, and a question that waits."""
    market.answer_desk.set_rules(officer, need, RuleForm("2099-12-31"))
    lines = market.answers.page(vendor, need, offer).lines
    said = TypedAnswer(offer, {line.requirement: "full" for line in lines})
    intent = market.answers.save(vendor, need, said, send=True)
    pairing = market.answer_desk.page(officer, need).columns[0].pairing_key
    market.consents.decide(officer, pairing, "ask", purpose="现场踏勘", contact="欧阳示例 13800001111")
    market.consents.decide(vendor, pairing, "agree", contact="赵示例 13900002222")
    question = market.questions.ask(vendor, need, "井盖是什么材质？")
    return {"intent": intent, "answer pairing": pairing, "question": question}


def _pairing(market: Market, matchmaker: Viewer, key: int) -> dict[str, int]:
    """The pairing of the answer, moved on, with a file."""
    stamp = market.pairings.page(matchmaker, key).stamp
    market.pairings.move(matchmaker, key, MoveForm("contacted", stamp, {"contacted_on": "2026-03-01"}))
    market.pairings.attach(matchmaker, key, [Upload("方案.pdf", b"%PDF-1.7")])
    return {"pairing": key, "pairing file": market.pairings.page(matchmaker, key).files[0].key}


def _benchmark(market: Market, accounts: Mapping[str, int]) -> int:
    """A year taken to its frozen result with one case of the agency, scored by the expert; return the case's key."""
    reviewer, expert = (viewer_of(market, accounts[person]) for person in ("reviewer", "expert"))
    officer, db = viewer_of(market, accounts["agency"]), Shop(market.settings).db
    make_organisation(market, TIED, "institute")
    days = dict(zip(CALENDAR, (f"2026-10-{day:02}" for day in (1, 9, 10, 12, 13, 16, 19, 23, 26)), strict=True))
    with mock.patch.object(clock, "today", return_value=date(2026, 10, 1)):
        market.year_book.create(reviewer, 2026)
        page = market.year_book.page(reviewer, 2026)
        market.year_book.save(reviewer, 2026, dict(page.values) | days, page.stamp)
        market.year_book.open_call(reviewer, 2026, page.stamp + 1)
        key = market.applications.begin(officer, 2026, "LD-2026-01", min(officer.publisher_of), "recommended")
        texts = dict.fromkeys(("story", "innovation", "replication", "benefit", "safety"), "管网漏点一次找准。")
        market.documents.attach(officer, key, "用户单位使用报告", [Upload("使用报告.pdf", b"%PDF-1.7 report")])
        market.applications.save(officer, key, texts | {"declared": "1"}, 1, send=True)
        for stamp in (2, 3):
            market.checks.decide(reviewer, key, "pass", "材料齐全", stamp)
        market.panel.add(reviewer, 2026, expert.account_key, TIED)
        make_organisation(market, "江汉集团（示例）", "enterprise")
        market.panel.tie(reviewer, 2026, TIED, "江汉集团（示例）")
        market.panel.assign(reviewer, key, [expert.account_key])
    # One expert is enough here: the states are set past the rule that asks for three.
    db.conn.execute("update benchmark_year set state = 'scoring'")
    with mock.patch.object(clock, "today", return_value=date(2026, 10, 14)):
        market.marking.save(expert, key, dict.fromkeys(CRITERIA, "88"), "材料翔实", 0, send=True)
    db.conn.execute("update benchmark_year set state = 'ranked'")
    with mock.patch.object(clock, "today", return_value=date(2026, 10, 19)):
        market.publicity.publish(reviewer, 2026, "", stamp_of_year(db))
        paper = (Upload("证据.pdf", b"%PDF-1.7"),)
        typed = ObjectionTyped("2026-001", "欧阳示例", "13800001111", "数据不一致。", paper)
        market.publicity.object(Viewer(), 2026, typed)
        market.publicity.answer(reviewer, 2026, 1, "rejected", "经核对一致。")
    with mock.patch.object(clock, "today", return_value=date(2026, 10, 26)):
        market.results.freeze(reviewer, 2026, stamp_of_year(db))
    return key


def stamp_of_year(db: Database) -> int:
    """The stamp of the year as it stands."""
    return int(db.conn.execute("select stamp from benchmark_year where year = 2026").fetchone()[0])


def _correction(market: Market, matchmaker: Viewer, need: int, offer: int) -> dict[str, int]:
    """A band of the matchmaker's for the pair of the agency and the company."""
    band = market.pair_page(need, offer, Sight(matchmaker)).band
    market.corrections.override(matchmaker, (need, offer), "good" if band == "none" else "none", "现场看过")
    told = market.pair_page(need, offer, Sight(matchmaker)).override
    assert told is not None
    return {"correction": told.key}


def _send(market: Market, officer: Viewer, agency: int, title: str) -> int:
    """A text of the agency that waits for review."""
    key = market.drafts.create(officer, Side.OPPORTUNITY, agency)
    market.drafts.save(officer, key, {**TEXT, "title": title}, market.drafts.page(officer, key).stamp)
    market.drafts.submit(officer, key)
    return key


def _upload(market: Market, officer: Viewer, agency: int, folder: Path, title: str) -> int:
    """A list of the agency on its way in."""
    sheet = folder / "list.csv"
    sheet.write_text(f"场景名称,发布单位\n{title},{AGENCY}\n", encoding="utf-8")
    return market.imports.upload(officer, sheet, file_name="list.csv", side=Side.OPPORTUNITY, organisation_key=agency)


def viewer_of(market: Market, account: int) -> Viewer:
    """The viewer of an account of this installation."""
    shop = Shop(market.settings)
    number = shop.db.table("account").get(account)["session_number"]
    viewer = market.accounts.viewer(account, number)
    assert viewer is not None
    own = sorted(viewer.publisher_of | viewer.company_of)
    return replace(viewer, acting_for=own[0] if own else 0)


def address_of(rule: Rule, parts: Mapping[str, int | str], part: str, query: str) -> str:
    """The address of a route about the part that the table names."""
    path = rule.rule.replace("<key:o>", str(parts["need"])).replace("<key:c>", str(parts["offer"]))
    if part in parts:
        path = path.replace("<key:key>", str(parts[part]))
    path = path.replace("<key:document>", str(parts["case document"]))
    path = path.replace("<key:file_key>", str(parts["pairing file"]))
    plain = {"<landing>": "LD-2026-01", "<int:number>": "1", "<kind>": "json"}
    plain |= {"<year:year>": "2026", "<step>": "basic", "<key:position>": "1", "<name>": "scene_domain"}
    for name, value in plain.items():
        path = path.replace(name, value)
    path = path.replace("<token>", str(parts["stop"]))
    path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", path).replace("<code>", "smart_city")
    return f"{path}?{query}" if query else path


def ask(base: Base, app: Flask, person: str, method: str, address: str, form: Mapping[str, str] | None = None) -> str:
    """What a person gets: ``in``, ``login``, or the status that keeps out.

    ``own`` in query and form stands for the person's own list and organisation, the name of a part for its key.
    """
    client = base.client(app, person)
    role = PEOPLE[person][0] if person in PEOPLE else ""
    own = {
        "kind": "capability" if role == "company" else "opportunity",
        "organisation": str(base.parts.get(f"organisation of {person}", 0)),
    }
    known = {name: str(key) for name, key in base.parts.items()}
    values = {
        name: own[name] if value == "own" else known.get(value, value) for name, value in (form or {}).items()
    }  # fmt: skip
    address = address.replace("kind=own", f"kind={own['kind']}")
    if method == "POST":
        # The token is there for everyone, so that the answer tells of rights and not of a missing token.
        answer = client.post(address, data={"csrf_token": base.tokens[person], **values})
    else:
        answer = client.get(address)
    answer.close()  # a file lies open behind a download
    if answer.status_code in (302, 303) and "/login" in (answer.location or ""):
        return "login"
    # Neither a fault, nor a page that opened too long ago, nor one asked too often tells who may.
    assert answer.status_code < 500, (person, method, address, answer.status)
    assert answer.status_code != 429, (person, method, address)
    assert "页面已过期" not in (answer.text if answer.status_code == 400 else ""), (person, method, address)
    return str(answer.status_code) if answer.status_code in (401, 403, 404, 410) else "in"
