"""The command ``account``: sets up, lists and rescues accounts from the machine itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from marketplace.access import OF_DISTRICTS, OF_ORGANISATION, ROLES
from marketplace.accounts.book import AccountBook
from marketplace.accounts.pages import AccountListQuery, AccountView, Grant, IssuedPassword
from marketplace.accounts.samples import INSTALLER, create_sample_accounts
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError, RefusedError
from marketplace.organisations.naming import find_named
from marketplace.settings import MarketSettings
from marketplace.store import Database

Say = Callable[[str], None]


def add_account_parser(commands: Any) -> None:
    """Add ``account`` with its actions to the parser of commands."""
    actions = commands.add_parser("account", help="管理账号：新建、授予身份、重置密码、解锁、列出").add_subparsers(
        dest="action", required=True, metavar="操作"
    )
    new = actions.add_parser("add", help="新建账号，打印一次性密码")
    new.add_argument("login", help="登录名：字母开头，3–32 个字母、数字、点、下划线、短横线")
    new.add_argument("--name", required=True, help="姓名或岗位")
    grant = actions.add_parser("grant", help="授予身份")
    grant.add_argument("login")
    for parser in (new, grant):
        parser.add_argument("--role", action="append", default=[], choices=tuple(ROLES), required=parser is grant)
        parser.add_argument("--organisation", default="", help="需求方、能力方所属单位的全称或统一社会信用代码")
        parser.add_argument("--district", action="append", default=[], help="撮合员、审核员负责的市或区县，可多次给出")
    simple = {"reset": "重置密码，打印一次性密码", "unlock": "解除锁定", "disable": "停用", "enable": "启用"}
    for action, words in simple.items():
        actions.add_parser(action, help=words).add_argument("login")
    actions.add_parser("list", help="列出全部账号")
    actions.add_parser("samples", help="为每种身份建一个示例账号，打印一次性密码")


def run_account(options: argparse.Namespace, settings: MarketSettings, say: Say) -> int:
    """Run one action; return the exit code."""
    keeper = DeskKeeper(settings)
    book = AccountBook(keeper, settings, rules=settings.passwords)
    match options.action:
        case "add":
            _tell(book.create(INSTALLER, options.login, options.name, _grants(keeper.db, options)), say)
        case "grant":
            key = book.find_key(options.login)
            for one in _grants(keeper.db, options):
                book.grant(INSTALLER, key, one.role, one.organisation_key, one.districts)
            say(f"已授予：{options.login} {'、'.join(ROLES[role] for role in options.role)}")
        case "reset":
            _tell(book.reset_password(INSTALLER, book.find_key(options.login)), say)
        case "unlock" | "disable" | "enable" as action:
            getattr(book, action)(INSTALLER, book.find_key(options.login))
            say({"unlock": "已解除锁定：", "disable": "已停用：", "enable": "已启用："}[action] + options.login)
        case "list":
            _list(book, say)
        case "samples":
            _samples(book, keeper.db, say)
    return 0


def _grants(db: Database, options: argparse.Namespace) -> tuple[Grant, ...]:
    place = 0
    if options.organisation:
        found = find_named(db, options.organisation)
        if not found:
            raise NotFoundError(f"没有名为“{options.organisation}”的单位；请写全称或统一社会信用代码。")
        if len(found) > 1:
            raise RefusedError(f"有 {len(found)} 个单位叫“{options.organisation}”；请改写统一社会信用代码。")
        place = found[0].key
    return tuple(
        Grant(
            role,
            place if role in OF_ORGANISATION else 0,
            tuple(options.district) if role in OF_DISTRICTS else (),
        )
        for role in dict.fromkeys(options.role)
    )


def _tell(issued: IssuedPassword, say: Say) -> None:
    say(f"登录名：{issued.login}")
    say(f"一次性密码：{issued.password}")
    say("此密码只显示这一次；首次登录须更换。")


def _list(book: AccountBook, say: Say) -> None:
    page = 1
    while True:
        found = book.list_page(INSTALLER, AccountListQuery(page=page))
        for account in found.accounts:
            say(_line(account))
        if page >= found.pages:
            break
        page += 1
    say(f"共 {found.total} 个账号")


def _line(account: AccountView) -> str:
    held = [one.role_label + (f"（{one.organisation}）" if one.organisation else "") for one in account.memberships]
    signs = [word for word, holds in (("停用", account.disabled), ("锁定", bool(account.locked_until))) if holds]
    return "  ".join([account.login, account.name, "、".join(held) or "没有身份", *signs])


def _samples(book: AccountBook, db: Database, say: Say) -> None:
    made = create_sample_accounts(book, db)
    for one in made:
        where = f"（{one.organisation}）" if one.organisation else ""
        say(f"{one.role_label}{where}：登录名 {one.login}，一次性密码 {one.password}")
    again = "示例账号此前已建好，没有改动；忘记密码可用 account reset。"
    say("一次性密码只显示这一次；首次登录须更换。" if made else again)
