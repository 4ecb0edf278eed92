"""What the web tests of publishing share: browsers of several people, a text filled in by its forms, the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doubles import HashingEncoder
from flask import Flask
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from office import by_role, office_app, office_market, page_of, sign_in, submit, words
from werkzeug.test import TestResponse

from marketplace import Market
from marketplace.commands import Workshop
from marketplace.jobs import run_job_now
from marketplace.store.jobs import queued_keys

BUREAU, COMPANY = "江夏区城市管理执法局（示例）", "武汉楚光智感科技有限公司（示例）"
TITLE = "窨井盖缺失移位自动发现"
BASIC = {"title": TITLE, "district": "武汉市江夏区", "domain": "智慧城市", "department": "市政设施科"}
STORY = {
    "background": "井盖丢了没人知道，靠巡查员每周走一遍，去年有两起非机动车摔伤。",
    "requirements": "1. 井盖移位、缺失后15分钟内告警\n2. 终端电池使用不少于5年",
}
TERMS = {"budget": "120万元", "funding_state": "已落实"}


class Desks:
    """One site with a clerk, a company and a reviewer, each with a browser."""

    def __init__(self, folder: Any, matching: Any) -> None:
        self.market: Market = office_market(folder, matching)
        self.app: Flask = office_app(self.market)
        self.clerk = self.browser(roles=["publisher"], organisations=[BUREAU])
        self.reviewer = self.browser(roles=["reviewer"])

    def browser(self, **held: Any) -> FlaskClient:
        """A browser signed in with these roles."""
        client = self.app.test_client()
        sign_in(client, **held)
        return client

    def begin(self, client: FlaskClient | None = None, kind: str = "opportunity") -> str:
        """Begin a text by the form; its address without the step."""
        answer = submit(client or self.clerk, f"/drafts/new?kind={kind}", {}, role="new-draft")
        assert answer.status_code == 303
        return answer.location.rsplit("/", 1)[0]

    def fill(self, where: str, **changes: str) -> str:
        """Fill in every step of a need, each kept by its own form."""
        for step, values in (("basic", BASIC), ("need", STORY), ("terms", TERMS)):
            own = {name: changes.get(name, value) for name, value in values.items()}
            answer = press(self.clerk, f"{where}/{step}", own, "next")
            assert answer.status_code == 303, words(page_of(answer).find(".//main"))
        return where

    def waiting(self, **changes: str) -> str:
        """A complete text sent to review; its address at the reviewers'."""
        where = self.fill(self.begin(), **changes)
        assert submit(self.clerk, f"{where}/preview", {}, role="submit").status_code == 303
        return where.replace("/drafts/", "/review/")

    def approved(self, **changes: str) -> str:
        """A text that may be published."""
        where = self.waiting(**changes)
        answer = submit(self.reviewer, where, {"secrecy": "1"}, role="approve")
        assert answer.status_code == 303
        return where

    def published(self) -> int:
        """A published text; the key of its posting."""
        submit(self.reviewer, self.approved(), {}, role="publish")
        self.work()
        return next(iter(self.market._keeper.desk().postings))

    def offered(self, company: FlaskClient, **changes: str) -> str:
        """A published capability of the company that is signed in; the address of its public page."""
        where = self.begin(company, "capability")
        about = {"title": "窨井状态感知终端", "district_or_city": "武汉市东湖高新区", "domains": ["智慧城市"]}
        content = {"features": "1. 井盖移位、缺失后5分钟内告警\n2. 电池使用6年"}
        submit(company, f"{where}/basic", about, role="draft")
        submit(company, f"{where}/need", content | changes, role="draft")
        assert submit(company, f"{where}/preview", {}, role="submit").status_code == 303
        review = where.replace("/drafts/", "/review/")
        submit(self.reviewer, review, {"secrecy": "1"}, role="approve")
        submit(self.reviewer, review, {}, role="publish")
        self.work()
        return f"/capabilities/{max(self.market._keeper.desk().postings)}"

    def work(self) -> list[Mapping[str, Any]]:
        """Run every waiting job."""
        workshop = Workshop(self.market.settings, lambda _: None, HashingEncoder())
        return [run_job_now(workshop, key) for key in queued_keys(workshop.db)]


def press(client: FlaskClient, path: str, values: Mapping[str, Any], go: str) -> TestResponse:
    """Fill in the form of a step and press one of its buttons."""
    page = page_of(client.get(path))
    (form,) = by_role(page, "draft")
    assert form.xpath(".//button[@name='go'][@value=$go]", go=go), f"no button {go}"
    return client.post(form.action, data=typed(page) | values | {"go": go})


def typed(page: HtmlElement, role: str = "draft") -> dict[str, Any]:
    """What a form on the page would send as it stands, without a button."""
    (form,) = by_role(page, role)
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent[name] = [*sent[name], value] if isinstance(sent.get(name), list) else [value]
    # A browser drops the line break right after the tag.
    return sent | {area.name: (area.text or "").removeprefix("\n") for area in form.xpath(".//textarea")}


def page_at(client: FlaskClient, path: str, status: int = 200) -> HtmlElement:
    """The parsed page at an address, with exactly one heading of the first rank."""
    answer = client.get(path)
    assert answer.status_code == status
    page = page_of(answer)
    assert len(page.xpath("//h1")) == 1
    return page


def texts(page: HtmlElement, role: str) -> list[str]:
    """The words of every element of this ``data-role``."""
    return [words(one) for one in by_role(page, role)]


def fault_targets(page: HtmlElement) -> list[str]:
    """Where the lines of the summary of faults lead; each address on this page must be there."""
    (box,) = by_role(page, "faults")
    links = [link.get("href") for link in box.iter("a")]
    for link in links:
        if link.startswith("#"):
            assert page.xpath(f"//*[@id='{link[1:]}']"), link
    return links


def said(client: FlaskClient, path: str) -> str:
    """What the next page says once."""
    return " ".join(words(one) for one in page_at(client, path).xpath("//div[@class='said']"))
