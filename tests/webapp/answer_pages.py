"""What the web tests of answers share: a published need, two companies with an offer each, a matchmaker."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from office import page_of, submit
from publishing_pages import COMPANY, Desks, page_at
from werkzeug.test import TestResponse

RIVAL = "黄石磁湖数智有限公司（示例）"
EVIDENCE = "井盖移位后5分钟内告警到手机"


class AnswerDesks(Desks):
    """The site after one need and two offers were published."""

    def __init__(self, folder: Any, matching: Any) -> None:
        super().__init__(folder, matching)
        self.company = self.browser(roles=["company"], organisations=[COMPANY])
        self.rival = self.browser(roles=["company"], organisations=[RIVAL])
        self.broker = self.browser(roles=["matchmaker"])
        self.visitor = self.app.test_client()
        self.need = f"/opportunities/{self.published()}"
        self.offer = self.offered(self.company)
        self.rival_offer = self.offered(self.rival, features="1. 井盖打开后2分钟内告警\n2. 磁感监测")
        self.form, self.table = f"{self.need}/answer", f"{self.need}/answers"

    def filled(self, client: FlaskClient, **changes: str) -> dict[str, str]:
        """A complete answer: what the page holds, every requirement said something of."""
        page = page_at(client, self.form)
        count = len(page.xpath("//*[@data-role='line']"))
        (stamp,) = page.xpath("//form[@data-role='answer']//input[@name='stamp']/@value")
        said = {f"status-{place}": "full" for place in range(count)}
        return said | {"evidence-0": EVIDENCE, "note": "可先试用", "stamp": stamp} | changes

    def send(self, client: FlaskClient, go: str = "send", **changes: str) -> TestResponse:
        """Fill in the form of the page and press one of its buttons."""
        page = page_at(client, self.form)
        assert page.xpath("//form[@data-role='answer']//button[@name='go'][@value=$go]", go=go)
        (form,) = page.xpath("//form[@data-role='answer']")
        token, capability = (form.xpath(f".//input[@name='{name}']/@value")[0] for name in ("csrf_token", "capability"))
        values = {"csrf_token": token, "capability": capability, "go": go}
        return client.post(form.get("action"), data=values | self.filled(client, **changes))

    def rules(self, **values: str) -> TestResponse:
        """Send the agency's form of the rules."""
        return submit(self.clerk, self.table, values, role="rules-form")


__all__ = ["COMPANY", "EVIDENCE", "RIVAL", "AnswerDesks", "page_of"]
