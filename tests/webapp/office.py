"""The site over a real market in a folder of its own, with people who sign in and send its forms.

``office_app(market)`` makes the site, ``sign_in(client, roles=…, organisations=…)`` an account with a session,
``submit(client, path, values, role=…)`` fills in a form that is on the page and sends it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from doubles import HashingEncoder
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from lxml.html import FormElement, HtmlElement
from werkzeug.test import TestResponse

from marketplace import Market, MarketSettings, Viewer
from marketplace.access import ADMIN, OF_ORGANISATION, SECURITY
from marketplace.accounts.passwords import PasswordSafe
from marketplace.organisations.naming import find_or_create
from marketplace.store import Database, transaction
from marketplace.store.database import open_database
from marketplace.terms import take_in_terms
from matching import MatchingSettings
from webapp import WebSettings, create_app
from webapp.engine import get_market

PASSWORD = "Xunjian-2026-quanshui"
Values = Mapping[str, str | list[str]]
_FOUNDER = Viewer(name="安装", login="setup", roles=frozenset({ADMIN, SECURITY}))
_numbers = itertools.count(1)


def office_market(folder: Path, matching: MatchingSettings) -> Market:
    """A new installation with its taxonomies and an encoder that needs no model."""
    settings = MarketSettings(folder / "market.db", matching)
    with _connection(settings.database) as db:
        take_in_terms(db, settings)
    return Market(settings, HashingEncoder())


def office_app(market: Market, settings: WebSettings | None = None) -> Flask:
    """The site of a market; passwords are hashed in no time."""
    market.accounts.passwords = quick_passwords()
    return create_app(settings or WebSettings(), market, secret=b"known to the tests only")


def quick_passwords() -> PasswordSafe:
    """Passwords hashed in no time."""
    return PasswordSafe(PasswordHasher.from_parameters(CHEAPEST))


def make_account(
    market: Market, *, roles: Iterable[str] = (), organisations: Iterable[str | int] = (), districts: Iterable[str] = ()
) -> tuple[str, int]:
    """An account with these roles that has chosen ``PASSWORD``; its login and key.

    Roles of an organisation are held for each of ``organisations`` (keys, or names that are found or made),
    the others once, those of districts for ``districts``.
    """
    keys = [one if isinstance(one, int) else make_organisation(market, one) for one in organisations]
    login = f"worker{next(_numbers)}"
    issued = market.accounts.create(_FOUNDER, login, f"{login} 岗位")
    for role in roles:
        for key in keys if role in OF_ORGANISATION else [0]:
            served = tuple(districts) if role in ("matchmaker", "reviewer") else ()
            market.accounts.grant(_FOUNDER, issued.account_key, role, key, served)
    viewer, _ = market.accounts.sign_in(login, issued.password)
    market.accounts.change_password(viewer, issued.password, PASSWORD, PASSWORD)
    return login, issued.account_key


def make_organisation(market: Market, name: str, kind: str = "government") -> int:
    """The key of the organisation of this name."""
    with _connection(market.settings.database) as db, transaction(db):
        return find_or_create(db, name, kind=kind)


def sign_in(
    client: FlaskClient,
    *,
    roles: Iterable[str] = (),
    organisations: Iterable[str | int] = (),
    districts: Iterable[str] = (),
) -> Viewer:
    """Make an account as ``make_account`` does and sign in to it by the form; the viewer it becomes."""
    with client.application.app_context():
        market = get_market()
    login, key = make_account(market, roles=roles, organisations=organisations, districts=districts)
    enter(client, login)
    with client.session_transaction() as session:
        number = int(session["_user_id"].partition(".")[2])
    viewer = market.accounts.viewer(key, number)
    assert viewer is not None
    return viewer


def enter(client: FlaskClient, login: str, password: str = PASSWORD, path: str = "/login") -> TestResponse:
    """Send the sign-in form."""
    form = next(one for one in page_of(client.get(path)).forms if one.xpath(".//input[@type='password']"))
    names = [form.xpath(f".//input[@{mark}]/@name")[0] for mark in ("autocomplete='username'", "type='password'")]
    return _send(client, form, path, dict(zip(names, (login, password), strict=True)))


def page_of(answer: TestResponse) -> HtmlElement:
    """The parsed page."""
    return html.document_fromstring(answer.text)


def words(element: HtmlElement) -> str:
    """All text inside an element, single-spaced."""
    return " ".join(element.text_content().split())


def by_role(page: HtmlElement, role: str) -> list[HtmlElement]:
    """The elements with this ``data-role``."""
    found: list[HtmlElement] = page.xpath("//*[@data-role=$role]", role=role)
    return found


def submit(client: FlaskClient, path: str, values: Values, *, role: str) -> TestResponse:
    """Open a page, fill in the form with this ``data-role`` and send it; other fields go as they stand.

    Fails when the form has no field of a given name.
    """
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    (form,) = by_role(page_of(answer), role)
    return _send(client, form, path, values)


def send(client: FlaskClient, path: str, values: Values) -> TestResponse:
    """Send to an address what no form of the site would, with a valid token."""
    answer = client.get("/account", follow_redirects=True)
    token = page_of(answer).xpath("//input[@name='csrf_token']/@value")[0]
    return client.post(path, data={"csrf_token": token, **values})


def _send(client: FlaskClient, form: FormElement, path: str, values: Values) -> TestResponse:
    sent: dict[str, str | list[str]] = {}
    for name, value in form.form_values():
        before = sent.get(name)
        sent[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    for area in form.xpath(".//textarea"):
        # A browser drops the line break right after the tag.
        sent[area.name] = (area.text or "").removeprefix("\n")
    offered = {field.name for field in form.inputs}
    assert set(values) <= offered, f"the form has no {sorted(set(values) - offered)}"
    assert form.method == "POST"
    return client.post(form.action or path, data={**sent, **values})


@contextmanager
def _connection(path: Path) -> Iterator[Database]:
    db = open_database(path)
    try:
        yield db
    finally:
        db.conn.close()
