"""Organisations: names and codes, what lists bring in, claims, merging and undoing it exactly."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher, profiles
from factories import make_capability, make_opportunity
from market_tools import Shop, contents

from marketplace import FaultyError, ForbiddenError, MarketSettings, NotFoundError, RefusedError, StaleError, Viewer
from marketplace.access import ADMIN, COMPANY, PUBLISHER, REVIEWER, SECURITY
from marketplace.accounts import AccountBook, Grant
from marketplace.accounts.samples import INSTALLER
from marketplace.desk import DeskKeeper
from marketplace.notices import NoticeBook
from marketplace.organisations import KINDS, OrganisationBook, OrganisationQuery, backfill, find_or_create, fold_name
from marketplace.store import Database, transaction
from marketplace.store.audit import all_entries
from marketplace.store.contacts import load_contacts, save_contact
from marketplace.store.drafts import insert_draft
from marketplace.store.organisations import OrganisationRow, load_exact, load_organisation
from marketplace.taxonomies import FOLDER, read_taxonomy_files
from marketplace.taxonomies.credit_code import credit_check_character, organisation_check_character
from matching import Side

CODE = "91420115MA4K12345B"
REVIEW = Viewer(account_key=9, login="shenhe", name="审核", roles=frozenset({REVIEWER}))
LOCAL = Viewer(account_key=8, login="huangshi", roles=frozenset({REVIEWER}), districts={REVIEWER: ("黄石市",)})
SECURE = Viewer(account_key=7, login="anquan", roles=frozenset({SECURITY}))
CHEAP = PasswordHasher.from_parameters(profiles.CHEAPEST)
TABLES = ("posting", "draft", "membership", "contact", "import_run", "claim", "column_memory")
FIRM = "武汉楚光智感科技有限公司（示例）"


def code_of(body: str) -> str:
    start = "91420100" + body + organisation_check_character(body)
    return start + credit_check_character(start)


@pytest.fixture
def keeper(market_settings: MarketSettings) -> DeskKeeper:
    return DeskKeeper(market_settings)


@pytest.fixture
def db(keeper: DeskKeeper) -> Database:
    return keeper.db


@pytest.fixture
def book(keeper: DeskKeeper, market_settings: MarketSettings) -> OrganisationBook:
    return OrganisationBook(keeper, market_settings)


@pytest.fixture
def accounts(keeper: DeskKeeper, market_settings: MarketSettings) -> AccountBook:
    return AccountBook(keeper, market_settings, hasher=CHEAP)


def listed(db: Database, name: str = FIRM, kind: str = "enterprise", **more: str) -> int:
    """An organisation as a list brings it in."""
    with transaction(db):
        return find_or_create(db, name, kind=kind, **more)


def row(db: Database, key: int) -> OrganisationRow:
    found = load_exact(db, key)
    assert found is not None
    return found


def person(accounts: AccountBook, login: str, *grants: Grant) -> Viewer:
    issued = accounts.create(INSTALLER, login, "联络员", grants)
    return accounts.sign_in(login, issued.password)[0]


def values(**changed: Any) -> dict[str, Any]:
    return {"name": FIRM, "kind": "enterprise", "credit_code": CODE, "district": "江夏", "size": "小型"} | changed


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (FIRM, "武漢楚光智感科技 有限責任公司(示例)", True),
        (FIRM, "武汉楚光智感科技有限公司【示例】", True),
        (FIRM, "武汉楚光智感科技股份有限公司（示例）", False),
        (FIRM, "武汉楚光智感科技有限公司", False),
        ("ＡＢＣ科技（武汉）有限公司", "abc科技(武汉)有限公司", True),
        ("“长江”水务局", "长江水务局", True),
    ],
)
def test_spellings_of_one_name(one: str, other: str, same: bool) -> None:
    assert (fold_name(one) == fold_name(other)) is same


def test_the_kinds_are_those_of_the_shipped_list() -> None:
    assert {term.code: term.label for term in read_taxonomy_files(FOLDER)["organisation_kind"]} == KINDS


def test_a_list_finds_the_organisation_again(db: Database) -> None:
    key = listed(db, district="武汉市东湖高新区")
    assert listed(db, "武汉楚光智感科技有限责任公司(示例)", credit_code=CODE.lower()) == key
    found = row(db, key)
    # The code came later and nobody answered for the organisation yet.
    assert (found.credit_code, found.claimed, found.verified, found.kind) == (CODE, False, False, "enterprise")
    assert listed(db, "改了名的公司（示例）", credit_code=CODE) == key
    assert listed(db, FIRM, credit_code=code_of("MA4K9876")) != key
    assert listed(db, FIRM, credit_code="91420115MA4K12345X") == key


def test_offices_of_one_name_in_two_districts_are_two(db: Database) -> None:
    one = listed(db, "城市管理执法局（示例）", "government", district="江夏区")
    assert row(db, one).district == "武汉市江夏区"
    assert listed(db, "城市管理执法局（示例）", "government", district="黄石市") != one
    assert listed(db, "城市管理执法局（示例）", "government", district="武汉市") == one
    assert listed(db, "城市管理执法局（示例）", "government") == one
    assert listed(db, FIRM, district="武汉市") == listed(db, FIRM, district="孝感市")


def test_old_postings_get_their_organisation_once(shop: Shop) -> None:
    shop.take(make_opportunity(), make_opportunity(id="JH-002", publisher="江夏區城市管理執法局(示例)"))
    shop.take(make_capability(extra={"credit_code": CODE}))
    # As a database of before there were organisations.
    with transaction(shop.db):
        shop.db.conn.execute("update posting set organisation_key = null")
        shop.db.conn.execute("delete from organisation")
    pulse = DeskKeeper(shop.settings).desk().pulse
    assert backfill(shop.db) == 3
    assert backfill(shop.db) == 0
    keys = [shop.row(one).organisation_key for one in ("JH-001", "JH-002", "NL-001")]
    assert keys[0] == keys[1] != keys[2]
    assert row(shop.db, keys[0]).kind == "government"
    assert row(shop.db, keys[2]).credit_code == CODE
    assert DeskKeeper(shop.settings).desk().pulse != pulse


def test_a_form_is_read_and_refused_field_by_field(book: OrganisationBook, db: Database) -> None:
    key = book.create(REVIEW, values(qualifications="高新技术企业、专精特新中小企业"))
    page = book.page(REVIEW, key)
    assert (page.organisation.district, page.organisation.kind_label) == ("武汉市江夏区", "企业")
    assert len(page.organisation.qualifications) == 2
    bad = {
        "name": "联系人13800138000", "kind": "民企", "credit_code": CODE[:-1] + "A", "district": "潜江市区",
        "size": "很大",
    }  # fmt: skip
    with pytest.raises(FaultyError) as faulty:
        book.create(REVIEW, bad)
    faults = {fault.field: fault for fault in faulty.value.faults}
    assert set(faults) == set(bad)
    assert faults["district"].suggestion == "潜江市"
    assert "第 18 位" in faults["credit_code"].sentence
    with pytest.raises(FaultyError, match="已属于"):
        book.create(REVIEW, values(name="另一家（示例）"))
    with pytest.raises(FaultyError, match="没有填写"):
        book.create(REVIEW, values(name=" 　", credit_code=""))


def test_saving_counts_revisions_and_a_new_code_is_verified_again(book: OrganisationBook, db: Database) -> None:
    key = book.create(REVIEW, values())
    book.verify(REVIEW, key)
    revision = row(db, key).revision
    before = len(list(all_entries(db)))
    book.save(REVIEW, key, values(), revision)
    assert len(list(all_entries(db))) == before
    book.save(REVIEW, key, values(size="中型"), revision)
    assert row(db, key).verified
    with pytest.raises(StaleError):
        book.save(REVIEW, key, values(size="大型"), revision)
    book.save(REVIEW, key, values(credit_code=code_of("MA4K9876")), revision + 1)
    assert not row(db, key).verified
    with pytest.raises(RefusedError, match="还没有"):
        book.verify(REVIEW, listed(db, "没有代码的单位（示例）"))


def test_reviewers_see_their_districts_only(book: OrganisationBook, db: Database) -> None:
    here = listed(db, "黄石矿业（示例）", district="黄石市")
    there, nowhere = listed(db, FIRM, district="武汉市江夏区"), listed(db, "未写地区（示例）")
    assert {one.key for one in book.list_page(LOCAL, OrganisationQuery()).organisations} == {here, nowhere}
    assert book.list_page(REVIEW, OrganisationQuery()).total == 3
    with pytest.raises(NotFoundError):
        book.page(LOCAL, there)
    with pytest.raises(NotFoundError):
        book.merge(LOCAL, here, there)
    with pytest.raises(ForbiddenError):
        book.create(SECURE, values())
    with pytest.raises(ForbiddenError):
        book.page(Viewer(account_key=5, company_of=frozenset({there}), roles=frozenset({COMPANY})), there)


def test_the_list_is_searched_by_name_code_and_state(book: OrganisationBook, db: Database) -> None:
    listed(db, FIRM, credit_code=CODE)
    listed(db, "江夏区水务局（示例）", "government")
    for text in ("楚光 智感", "智感科技有限責任公司", "ma4k1234"):
        assert [one.name for one in book.list_page(SECURE, OrganisationQuery(text=text)).organisations] == [FIRM]
    assert book.list_page(REVIEW, OrganisationQuery(kind="government", state="unclaimed")).total == 1
    assert book.list_page(REVIEW, OrganisationQuery(text="%", page=7)).total == 0


def test_lookalikes(book: OrganisationBook, db: Database) -> None:
    listed(db, FIRM, credit_code=CODE)
    listed(db, "武汉楚光智感科技股份有限公司")
    listed(db, "武汉市楚光智感科技公司")
    listed(db, "武汉楚江智感科技有限公司", credit_code=code_of("MA4K9876"))
    listed(db, "咸宁竹海农业合作社（示例）")
    found = {frozenset((pair.one.name, pair.other.name)): pair for pair in book.lookalikes(REVIEW)}
    assert found[frozenset((FIRM, "武汉楚光智感科技股份有限公司"))].likeness == 1.0
    assert found[frozenset((FIRM, "武汉楚光智感科技股份有限公司"))].one.name == FIRM
    assert frozenset((FIRM, "武汉市楚光智感科技公司")) in found
    assert not any("咸宁竹海农业合作社（示例）" in pair for pair in found)
    assert all(pair.one.credit_code in ("", pair.other.credit_code) or not pair.other.credit_code
               for pair in found.values())  # fmt: skip


def fill(db: Database, key: int, other: int, accounts: AccountBook) -> None:
    """Give two organisations something of everything; some of it twice."""
    person(accounts, "gongtong", Grant(COMPANY, key), Grant(COMPANY, other), Grant(PUBLISHER, other))
    with transaction(db):
        for place, owner in enumerate((key, other, other), 1):
            insert_draft(db, side=Side.CAPABILITY, values={"title": f"草稿{place}"}, organisation_key=owner)
            db.table("import_run").insert({"key": place, "kind": "capability", "organisation_key": owner})
        for owner, header in ((key, "名称"), (other, "名称"), (other, "简介")):
            db.table("column_memory").insert(
                {"organisation_key": owner, "kind": "capability", "header": header, "field": "title"}
            )
        save_contact(db, "organisation", other, "027-00000000", "")


def test_a_merge_moves_everything_and_is_undone_exactly(
    shop: Shop, book: OrganisationBook, accounts: AccountBook, db: Database
) -> None:
    shop.take(make_capability(), make_capability(id="NL-002", company="武汉市楚光智感科技公司"))
    backfill(shop.db)
    key, other = (shop.row(one).organisation_key for one in ("NL-001", "NL-002"))
    with transaction(db):
        find_or_create(db, "武汉市楚光智感科技公司", kind="enterprise", credit_code=CODE, district="武汉市")
    fill(db, key, other, accounts)
    claimant = person(accounts, "shenqing")
    book.ask_claim(claimant, other, CODE, "")
    before, kept, merged = contents(db, *TABLES), row(db, key), row(db, other)

    merge = book.merge_named(REVIEW, key, " 武漢市楚光智感科技公司")
    after = contents(db, *TABLES)
    assert not [one for table in TABLES for one in after[table] if one.get("organisation_key") == other
                and table != "column_memory"]  # fmt: skip
    assert shop.row("NL-002").organisation_key == key
    assert row(db, key).credit_code == CODE
    assert load_organisation(db, other) == row(db, key)
    assert listed(db, "武汉市楚光智感科技公司") == key
    assert load_contacts(db, "organisation", [key])
    page = book.page(REVIEW, other)
    assert page.organisation.key == key
    assert [(one.merged_name, one.moved) for one in page.merges] == [("武汉市楚光智感科技公司", 1)]

    assert book.undo_merge(REVIEW, merge) == key
    assert contents(db, *TABLES) == before
    for one in (kept, merged):
        now = row(db, one.key)
        assert now.revision > one.revision
        assert {**_plain(now), "revision": 0, "updated_at": ""} == {**_plain(one), "revision": 0, "updated_at": ""}
    with pytest.raises(RefusedError, match="已经撤销"):
        book.undo_merge(REVIEW, merge)
    assert not book.lookalikes(REVIEW)
    kinds = [one["action"] for one in all_entries(db)]
    assert kinds.count("organisation.merged") == kinds.count("organisation.merge_undone") == 1


def _plain(found: OrganisationRow) -> dict[str, Any]:
    return {name: getattr(found, name) for name in OrganisationRow.__slots__}


def test_merges_are_undone_last_first_and_leave_later_decisions(
    book: OrganisationBook, accounts: AccountBook, db: Database
) -> None:
    first, second, third = listed(db, "甲（示例）"), listed(db, "乙（示例）"), listed(db, "丙（示例）")
    viewer = person(accounts, "lianluo", Grant(COMPANY, first))
    one, two = book.merge(REVIEW, second, first), book.merge(REVIEW, third, second)
    assert load_organisation(db, first) == row(db, third)
    with pytest.raises(RefusedError, match="后来"):
        book.undo_merge(REVIEW, one)
    with pytest.raises(RefusedError, match="已并入"):
        book.merge(REVIEW, third, second)
    book.undo_merge(REVIEW, two)
    accounts.revoke(SECURE, viewer.account_key, COMPANY, second)
    book.undo_merge(REVIEW, one)
    assert contents(db, "membership")["membership"] == []


def test_two_credit_codes_are_two_organisations(book: OrganisationBook, db: Database) -> None:
    one = listed(db, FIRM, credit_code=CODE)
    other = listed(db, FIRM, credit_code=code_of("MA4K9876"))
    with pytest.raises(RefusedError, match="不同"):
        book.merge(REVIEW, one, other)
    with pytest.raises(RefusedError, match="自己"):
        book.merge(REVIEW, one, one)
    with pytest.raises(FaultyError, match="没有找到另一个"):
        book.merge_named(REVIEW, one, "没有这家")


def test_a_claim_is_asked_and_approved(
    shop: Shop, book: OrganisationBook, accounts: AccountBook, keeper: DeskKeeper, db: Database
) -> None:
    shop.take(make_opportunity(publisher=FIRM, publisher_type="enterprise"))
    backfill(shop.db)
    key = shop.row("JH-001").organisation_key
    with transaction(db):
        db.conn.execute("update posting set on_behalf = 1")
    asker, reviewer = person(accounts, "qiye"), person(accounts, "shenhe", Grant(REVIEWER))
    found = book.claim_page(asker, "楚光智感")
    assert [one.key for one in found.found] == [key]
    assert book.claim_page(asker, "楚").found == ()
    with pytest.raises(FaultyError) as faulty:
        book.ask_claim(asker, key, "91420115", "请打13800138000")
    assert {fault.field for fault in faulty.value.faults} == {"credit_code", "note"}
    claim = book.ask_claim(asker, key, CODE.lower(), "营业执照已交窗口")
    with pytest.raises(RefusedError, match="正在等待"):
        book.ask_claim(asker, key, CODE, "")
    assert NoticeBook(keeper).inbox(reviewer).notices[0].title == f"有人申请认领“{FIRM}”"
    assert [(one.asker, one.credit_code) for one in book.claims(reviewer)] == [("联络员", CODE)]

    assert book.decide_claim(reviewer, claim, approve=True) == FIRM
    owner = accounts.sign_in("qiye", _password(accounts, asker))[0]
    # By its kind it supplies, by its posting it also publishes.
    assert (owner.publisher_of, owner.company_of) == ({key}, {key})
    assert (row(db, key).claimed, row(db, key).credit_code) == (True, CODE)
    assert keeper.desk().postings[shop.key("JH-001")].on_behalf is False
    assert NoticeBook(keeper).inbox(asker).notices[0].title == f"认领“{FIRM}”的申请已通过"
    assert book.claim_page(owner, "楚光智感").found == ()
    with pytest.raises(RefusedError, match="已经办过"):
        book.decide_claim(reviewer, claim, approve=False, reason="重复")
    with pytest.raises(RefusedError, match="已经是"):
        book.ask_claim(owner, key, CODE, "")


def _password(accounts: AccountBook, viewer: Viewer) -> str:
    return accounts.reset_password(SECURE, viewer.account_key).password


def test_a_claim_is_refused_with_a_reason_and_never_by_its_asker(
    book: OrganisationBook, accounts: AccountBook, db: Database
) -> None:
    key = listed(db, district="武汉市江夏区")
    asker = person(accounts, "shenhe", Grant(REVIEWER))
    claim = book.ask_claim(asker, key, CODE, "")
    with pytest.raises(ForbiddenError, match="自己"):
        book.decide_claim(asker, claim, approve=True)
    with pytest.raises(NotFoundError):
        book.decide_claim(LOCAL, claim, approve=True)
    assert book.claims(LOCAL) == ()
    with pytest.raises(FaultyError) as faulty:
        book.decide_claim(REVIEW, claim, approve=False, reason=" ")
    assert faulty.value.faults[0].field == "reason"
    book.decide_claim(REVIEW, claim, approve=False, reason="执照照片看不清")
    assert [(one.state, one.reason) for one in book.claim_page(asker).claims] == [("refused", "执照照片看不清")]
    assert not row(db, key).claimed
    with pytest.raises(ForbiddenError):
        book.decide_claim(Viewer(account_key=3, roles=frozenset({ADMIN})), claim, approve=True)


def test_a_code_that_belongs_to_another_organisation_is_not_given_twice(
    book: OrganisationBook, accounts: AccountBook, db: Database
) -> None:
    listed(db, "先有代码的（示例）", credit_code=CODE)
    key = listed(db)
    claim = book.ask_claim(person(accounts, "qiye"), key, CODE, "")
    assert book.claims(REVIEW)[0].clash == "先有代码的（示例）"
    with pytest.raises(RefusedError, match="已属于"):
        book.decide_claim(REVIEW, claim, approve=True)
    assert not row(db, key).claimed
    with pytest.raises(FaultyError, match="不一致"):
        book.ask_claim(person(accounts, "qiye2"), listed(db, "有码（示例）", credit_code=code_of("MA4K9876")), CODE, "")


def test_nobody_claims_without_an_account(book: OrganisationBook, db: Database) -> None:
    with pytest.raises(ForbiddenError):
        book.ask_claim(Viewer(), listed(db), CODE, "")
    with pytest.raises(NotFoundError):
        book.ask_claim(REVIEW, 404, CODE, "")
