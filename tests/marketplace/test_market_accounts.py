"""Accounts: signing in, locking, passwords, roles and the separation of duties."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from argon2 import PasswordHasher, profiles
from market_tools import Shop

from marketplace import FaultyError, ForbiddenError, MarketSettings, NotFoundError, RefusedError, Viewer
from marketplace.access import ADMIN, AUDITOR, COMPANY, PUBLISHER, REVIEWER, SECURITY
from marketplace.accounts import RATES_SCHEME, AccountBook, AccountListQuery, Grant
from marketplace.accounts.passwords import (
    PasswordSafe,
    make_one_time_password,
    password_faults,
)
from marketplace.accounts.samples import INSTALLER, create_sample_accounts
from marketplace.cli import main
from marketplace.desk import DeskKeeper
from marketplace.rules import PasswordRules, read_rules
from marketplace.store import Database, transaction
from marketplace.store.accounts import find_account, load_account, update_account
from marketplace.store.audit import all_entries, find_chain_fault
from marketplace.store.organisations import insert_organisation
from marketplace.store.rates import RateStorage

CHEAP = PasswordHasher.from_parameters(profiles.CHEAPEST)
GOOD, NEXT = "Jing-Gai 2026", "Lu-Deng 2027"
THE_ADMIN = Viewer(account_key=1, login="guanli", name="管理", roles=frozenset({ADMIN}))
THE_OFFICER = Viewer(account_key=2, login="anquan", name="安全", roles=frozenset({SECURITY}))


@pytest.fixture
def keeper(market_settings: MarketSettings) -> DeskKeeper:
    return DeskKeeper(market_settings)


@pytest.fixture
def book(keeper: DeskKeeper, market_settings: MarketSettings) -> AccountBook:
    return AccountBook(keeper, market_settings, hasher=CHEAP)


@pytest.fixture
def db(keeper: DeskKeeper) -> Database:
    return keeper.db


def ready(book: AccountBook, login: str = "wangluo", *grants: Grant, password: str = GOOD) -> Viewer:
    """An account that has chosen its password, as a viewer."""
    issued = book.create(INSTALLER, login, "综合科", grants)
    viewer, _ = book.sign_in(login, issued.password)
    book.change_password(viewer, issued.password, password, password)
    return book.sign_in(login, password)[0]


def actions(db: Database) -> list[str]:
    return [row["action"] for row in all_entries(db)]


def organisation(db: Database, name: str = "江夏区水务局（示例）") -> int:
    with transaction(db):
        return insert_organisation(db, name=name, folded=name.replace("（", "(").replace("）", ")"), kind="government")


def test_a_new_account_signs_in_once_with_its_password_and_must_change_it(book: AccountBook, db: Database) -> None:
    issued = book.create(THE_ADMIN, " ＷangLuo ", "综合科")
    assert issued.login == "wangluo"
    assert issued.password not in repr(issued)
    viewer, number = book.sign_in("WANGLUO", issued.password, address="10.1.2.3", request_id="r1")
    assert viewer.must_change
    assert viewer.roles == frozenset()
    assert book.viewer(viewer.account_key, number) == replace(viewer, address="", request_id="")
    after = book.change_password(viewer, issued.password, GOOD, GOOD)
    assert book.viewer(viewer.account_key, number) is None
    assert book.viewer(viewer.account_key, after) is not None
    assert not book.sign_in("wangluo", GOOD)[0].must_change
    with pytest.raises(RefusedError):
        book.sign_in("wangluo", issued.password)
    entry = next(row for row in all_entries(db) if row["action"] == "account.sign_in")
    assert (entry["actor"], entry["address"], entry["request_id"]) == ("wangluo", "10.1.2.3", "r1")
    assert not [row for row in all_entries(db) if issued.password in str(row) or GOOD in str(row)]
    assert find_chain_fault(db) is None


def test_five_failures_lock_the_account_and_nothing_tells_it_from_an_unknown_one(
    book: AccountBook, db: Database
) -> None:
    viewer = ready(book)
    said = set()
    for _ in range(5):
        with pytest.raises(RefusedError) as refused:
            book.sign_in("wangluo", "wrong")
        said.add(str(refused.value))
    assert actions(db)[-6:] == ["account.sign_in_failed"] * 5 + ["account.locked"]
    with pytest.raises(RefusedError) as refused:
        book.sign_in("wangluo", GOOD)
    said.add(str(refused.value))
    with pytest.raises(RefusedError) as refused:
        book.sign_in("meiyouzhege", "x")
    assert {*said, str(refused.value)} == {str(refused.value)}
    assert "15 分钟" in str(refused.value)
    # Guesses at a locked account do not lock it for longer.
    until = load_account(db, viewer.account_key).locked_until  # type: ignore[union-attr]
    with transaction(db):
        update_account(db, viewer.account_key, locked_until="2026-01-01T00:00:00Z")
    assert until > "2026-01-01T00:00:00Z"
    assert book.sign_in("wangluo", GOOD)[0].account_key == viewer.account_key


def test_a_success_forgets_the_failures_before(book: AccountBook) -> None:
    ready(book)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(RefusedError):
                book.sign_in("wangluo", "wrong")
        book.sign_in("wangluo", GOOD)


def test_what_was_typed_as_an_unknown_login_is_not_kept(book: AccountBook, db: Database) -> None:
    with pytest.raises(RefusedError):
        book.sign_in("MyS3cret!password", "MyS3cret!password")
    assert "cret" not in str(list(all_entries(db)))


def test_only_the_security_officer_unlocks(book: AccountBook, db: Database) -> None:
    viewer = ready(book)
    for _ in range(5):
        with pytest.raises(RefusedError):
            book.sign_in("wangluo", "wrong")
    assert book.page(THE_OFFICER, viewer.account_key).may_unlock
    with pytest.raises(ForbiddenError):
        book.unlock(THE_ADMIN, viewer.account_key)
    book.unlock(THE_OFFICER, viewer.account_key)
    assert book.sign_in("wangluo", GOOD)
    assert "account.unlocked" in actions(db)


def test_a_wrong_old_password_counts_as_a_failure(book: AccountBook, db: Database) -> None:
    viewer = ready(book)
    for _ in range(5):
        with pytest.raises(FaultyError) as faulty:
            book.change_password(viewer, "wrong", NEXT, NEXT)
    assert [fault.field for fault in faulty.value.faults] == ["old"]
    assert actions(db)[-1] == "account.locked"


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("Ab1-x", "5 个字符；至少要 10 个"),
        ("abcdefghij12", "两类字符"),
        ("Xx-WANGLUO-99", "含有登录名"),
        ("Aa1-" * 40, "最多 128 个"),
        ("井盖缺失自动发现两三四五", "一类字符"),
    ],
)
def test_a_weak_password_is_refused_in_words(password: str, says: str) -> None:
    assert any(says in fault for fault in password_faults(password, PasswordRules(), login="wangluo"))


def test_han_characters_and_full_width_letters_count() -> None:
    assert password_faults("井盖缺失Abc自动发现", PasswordRules(), login="wangluo") == ()
    safe = PasswordSafe(CHEAP)
    assert safe.fits(safe.hash("Ａbc-１２３四五六"), "Abc-123四五六")
    assert not safe.fits("$no$hash", "Abc-123四五六")


def test_the_last_five_passwords_do_not_come_back(book: AccountBook) -> None:
    viewer = ready(book, password="Zheng-He 1")
    passwords = [f"Zheng-He {number}" for number in range(1, 7)]
    for old, new in pairwise(passwords):
        for used in passwords[: passwords.index(new)]:
            with pytest.raises(FaultyError) as faulty:
                book.change_password(viewer, old, used, used)
            assert "最近 5 次" in str(faulty.value)
        book.change_password(viewer, old, new, new)
    # Five others have come since the first.
    book.change_password(viewer, passwords[-1], passwords[0], passwords[0])


def test_the_two_new_passwords_must_be_the_same(book: AccountBook) -> None:
    viewer = ready(book)
    with pytest.raises(FaultyError) as faulty:
        book.change_password(viewer, GOOD, "short", "other")
    assert {fault.field for fault in faulty.value.faults} == {"new", "repeated"}


def test_an_old_password_must_be_changed_at_the_next_sign_in(book: AccountBook, db: Database) -> None:
    viewer = ready(book)
    with transaction(db):
        update_account(db, viewer.account_key, password_at="2026-01-01T00:00:00Z")
    assert book.sign_in("wangluo", GOOD)[0].must_change
    lasting = AccountBook(DeskKeeper(book._settings), book._settings, hasher=CHEAP, rules=PasswordRules(max_age_days=0))
    with transaction(db):
        update_account(db, viewer.account_key, must_change=0)
    assert not lasting.sign_in("wangluo", GOOD)[0].must_change


def test_a_hash_of_other_parameters_is_renewed_at_sign_in(book: AccountBook, db: Database) -> None:
    viewer = ready(book)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    AccountBook(DeskKeeper(book._settings), book._settings, hasher=stronger).sign_in("wangluo", GOOD)
    row = load_account(db, viewer.account_key)
    assert row is not None
    assert "t=2" in row.password_hash
    assert row.old_hashes


def test_signing_out_ends_every_session(book: AccountBook) -> None:
    ready(book)
    viewer, number = book.sign_in("wangluo", GOOD)
    book.sign_out(viewer)
    assert book.viewer(viewer.account_key, number) is None


def test_a_disabled_account_is_out_at_once(book: AccountBook) -> None:
    viewer = ready(book)
    _, number = book.sign_in("wangluo", GOOD)
    book.disable(THE_ADMIN, viewer.account_key)
    assert book.viewer(viewer.account_key, number) is None
    with pytest.raises(RefusedError, match="已停用"):
        book.sign_in("wangluo", GOOD)
    with pytest.raises(RefusedError, match="已经是停用"):
        book.disable(THE_ADMIN, viewer.account_key)
    book.enable(THE_ADMIN, viewer.account_key)
    assert book.sign_in("wangluo", GOOD)


def test_who_a_viewer_is_takes_two_statements(book: AccountBook, db: Database) -> None:
    key = organisation(db)
    viewer = ready(book, "shuiwu", Grant(PUBLISHER, key), Grant(REVIEWER, 0, ("江夏",)))
    asked: list[str] = []
    _, number = book.sign_in("shuiwu", GOOD)
    with db.tracer(lambda sql, _: asked.append(sql)):
        seen = book.viewer(viewer.account_key, number)
    assert seen is not None
    assert seen.publisher_of == {key}
    assert seen.serves(REVIEWER, "武汉市", "武汉市江夏区")
    assert not seen.serves(REVIEWER, "黄石市", "黄石市大冶市")
    assert len(asked) <= 2


def test_duties_are_split(book: AccountBook, db: Database) -> None:
    viewer = ready(book)
    key = viewer.account_key
    auditor = replace(THE_ADMIN, roles=frozenset({AUDITOR}))
    for one in (THE_OFFICER, auditor, viewer):
        with pytest.raises(ForbiddenError):
            book.create(one, "xinren", "新人")
        with pytest.raises(ForbiddenError):
            book.disable(one, key)
    for one in (THE_ADMIN, auditor, viewer):
        with pytest.raises(ForbiddenError):
            book.grant(one, key, REVIEWER)
        with pytest.raises(ForbiddenError):
            book.reset_password(one, key)
    with pytest.raises(ForbiddenError):
        book.create(THE_ADMIN, "xinren", "新人", (Grant(REVIEWER),))
    assert find_account(db, "xinren") is None
    with pytest.raises(ForbiddenError):
        book.list_page(auditor, AccountListQuery())


def test_nobody_holds_two_of_the_three_duties(book: AccountBook) -> None:
    viewer = ready(book)
    book.grant(THE_OFFICER, viewer.account_key, AUDITOR)
    for role in (ADMIN, SECURITY):
        with pytest.raises(FaultyError, match="三员"):
            book.grant(THE_OFFICER, viewer.account_key, role)
    book.grant(THE_OFFICER, viewer.account_key, REVIEWER)
    book.revoke(THE_OFFICER, viewer.account_key, AUDITOR)
    book.grant(THE_OFFICER, viewer.account_key, ADMIN)
    assert book.sign_in("wangluo", GOOD)[0].roles == {REVIEWER, ADMIN}


def test_nobody_touches_the_own_account(book: AccountBook) -> None:
    officer = ready(book, "anquan", Grant(SECURITY))
    for act in (book.unlock, book.reset_password):
        with pytest.raises(ForbiddenError):
            act(officer, officer.account_key)
    with pytest.raises(ForbiddenError):
        book.grant(officer, officer.account_key, REVIEWER)
    with pytest.raises(ForbiddenError):
        book.revoke(officer, officer.account_key, SECURITY)
    admin = ready(book, "guanli", Grant(ADMIN))
    with pytest.raises(ForbiddenError):
        book.disable(admin, admin.account_key)
    own = book.page(admin, admin.account_key)
    assert (own.may_switch, own.may_grant, own.may_reset) == (False, False, False)


def test_roles_ask_for_what_belongs_to_them(book: AccountBook, db: Database) -> None:
    viewer = ready(book)
    key, place = viewer.account_key, organisation(db)
    refused = [
        (PUBLISHER, 0, (), "organisation"),
        (PUBLISHER, 12345, (), "organisation"),
        (REVIEWER, place, (), "organisation"),
        (COMPANY, place, ("武汉市",), "districts"),
        (REVIEWER, 0, ("潜江市区",), "districts"),
        (REVIEWER, 0, ("湖北省",), "districts"),
        ("boss", 0, (), "role"),
    ]
    for role, organisation_key, districts, field in refused:
        with pytest.raises(FaultyError) as faulty:
            book.grant(THE_OFFICER, key, role, organisation_key, districts)
        assert [fault.field for fault in faulty.value.faults] == [field]
    assert book.page(THE_OFFICER, key).account.memberships == ()
    book.grant_named(THE_OFFICER, key, PUBLISHER, "江夏区水務局(示例)", "")
    book.grant_named(THE_OFFICER, key, REVIEWER, "", "武漢市江夏區，大冶")
    held = {one.role: one for one in book.page(THE_OFFICER, key).account.memberships}
    assert held[PUBLISHER].organisation == "江夏区水务局（示例）"
    assert held[REVIEWER].districts == ("武汉市江夏区", "黄石市大冶市")
    with pytest.raises(FaultyError, match="没有找到名为“江夏区文旅局”的单位"):
        book.grant_named(THE_OFFICER, key, COMPANY, "江夏区文旅局", "")
    with pytest.raises(NotFoundError):
        book.revoke(THE_OFFICER, key, COMPANY, place)


@pytest.mark.parametrize("login", ["ab", "13800138000", "王五", "a@b.cn", "admin", "x" * 33, "-abc"])
def test_a_login_is_short_plain_and_no_default_name(book: AccountBook, login: str) -> None:
    with pytest.raises(FaultyError) as faulty:
        book.create(THE_ADMIN, login, "综合科")
    assert [fault.field for fault in faulty.value.faults] == ["login"]


def test_a_login_is_used_once(book: AccountBook) -> None:
    book.create(THE_ADMIN, "wangluo", "综合科")
    with pytest.raises(FaultyError, match="已经有人使用"):
        book.create(THE_ADMIN, "WangLuo", "办公室")


def test_a_reset_password_ends_sessions_and_lifts_the_lock(book: AccountBook) -> None:
    viewer = ready(book)
    _, number = book.sign_in("wangluo", GOOD)
    issued = book.reset_password(THE_OFFICER, viewer.account_key)
    assert book.viewer(viewer.account_key, number) is None
    fresh, _ = book.sign_in("wangluo", issued.password)
    assert fresh.must_change
    with pytest.raises(FaultyError, match="最近 5 次"):
        book.change_password(fresh, issued.password, GOOD, GOOD)


def test_accounts_are_listed_by_part_of_a_name_and_role(book: AccountBook) -> None:
    ready(book, "wangluo", Grant(REVIEWER))
    ready(book, "li_er")
    listed = book.list_page(THE_ADMIN, AccountListQuery(text="i_e"))
    assert [one.login for one in listed.accounts] == ["li_er"]
    assert [one.login for one in book.list_page(THE_ADMIN, AccountListQuery(role=REVIEWER)).accounts] == ["wangluo"]
    past = book.list_page(THE_OFFICER, AccountListQuery(page=9))
    assert (past.query.page, past.total, past.may_create) == (1, 2, False)


def test_rules_come_from_settings() -> None:
    assert read_rules(PasswordRules, {}) == PasswordRules()
    rules = read_rules(PasswordRules, {"SCENEMATCH_PASSWORD_MIN_LENGTH": "24", "SCENEMATCH_LOCK_AFTER": "3"})
    assert (rules.min_length, rules.max_failures, rules.classes) == (24, 3, 3)
    assert password_faults(make_one_time_password(rules), rules) == ()
    for name, value in (("SCENEMATCH_PASSWORD_CLASSES", "5"), ("SCENEMATCH_LOCK_MINUTES", "十五")):
        with pytest.raises(RefusedError, match=name):
            read_rules(PasswordRules, {name: value})


def test_requests_are_counted_in_one_file_for_all_workers(tmp_path: Path) -> None:
    one, other = (RateStorage(f"{RATES_SCHEME}://{tmp_path / 'rates.db'}") for _ in range(2))
    assert [one.incr("a", 60), other.incr("a", 60), one.incr("b", 60)] == [1, 2, 1]
    assert (other.get("a"), other.get("c"), one.check()) == (2, 0, True)
    assert one.get_expiry("a") > one.get_expiry("c")
    one.clear("a")
    assert other.get("a") == 0
    assert [one.incr("past", -1), one.incr("past", -1)] == [1, 1]
    assert one.reset() == 2


def test_the_command_sets_up_and_rescues_accounts(
    market_settings: MarketSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCENEMATCH_DATABASE", str(market_settings.database))
    said: list[str] = []
    assert main(["account", "add", "anquan", "--name", "安全员", "--role", "security"], said.append) == 0
    password = said[1].removeprefix("一次性密码：")
    book = AccountBook(DeskKeeper(market_settings), market_settings, hasher=CHEAP)
    assert book.sign_in("anquan", password)[0].roles == {SECURITY}
    assert main(["account", "grant", "anquan", "--role", "admin"], said.append) == 2
    assert "三员" in capsys.readouterr().err
    assert main(["account", "reset", "meiyou"], said.append) == 2
    assert main(["account", "list"], said.append) == 0
    assert said[-2:] == ["anquan  安全员  安全管理员", "共 1 个账号"]


def test_sample_accounts_are_made_once_one_for_each_role(stocked_shop: Shop) -> None:
    book = AccountBook(DeskKeeper(stocked_shop.settings), stocked_shop.settings, hasher=CHEAP)
    made = create_sample_accounts(book, stocked_shop.db)
    assert len({one.role for one in made}) == 8
    assert len({one.password for one in made}) == 8
    company = next(one for one in made if one.role == COMPANY)
    assert company.organisation.endswith("（示例）")
    viewer, _ = book.sign_in(company.login, company.password)
    assert viewer.must_change
    assert len(viewer.company_of) == 1
    assert create_sample_accounts(book, stocked_shop.db) == []
