"""Every page of the office, as a role that may see it and with data on it: accessible, narrow enough, silent."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from gunicorn_site import running
from inspection import overflow, violations
from playwright.sync_api import Browser, BrowserContext, Page, Response

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
VISITOR = "visitor"
# Name of the page: who looks at it, and where it is; what stands in braces is the key of something in the stock.
PAGES: Mapping[str, tuple[str, str]] = {
    "sign-in": (VISITOR, "/login?next=/my"),
    "open-data": (VISITOR, "/open-data"),
    "handbook": (VISITOR, "/handbook"),
    "help": (VISITOR, "/help"),
    "account": ("agency", "/account"),
    "password": ("agency", "/account/password"),
    "claim": ("company", "/organisations/claim?q=汤逊湖"),
    "claim-form": ("company", "/organisations/claim/{claimable}"),
    "inbox": ("agency", "/inbox"),
    "jobs": ("agency", "/jobs"),
    "job-queued": ("agency", "/jobs/{queued}"),
    "job-running": ("agency", "/jobs/{running}"),
    "job-failed": ("agency", "/jobs/{failed}"),
    "job-done": ("reviewer", "/jobs/{done}"),
    "my": ("agency", "/my"),
    "my-of-company": ("company", "/my"),
    "my-of-nobody": ("expert", "/my"),
    "my-posting": ("agency", "/my/postings/{published}"),
    "my-history": ("agency", "/my/postings/{published}/history"),
    "own-posting": ("agency", "/opportunities/{need}"),
    "own-capability": ("company", "/capabilities/{offer}"),
    "contact": ("agency", "/contacts/{need}"),
    "answer": ("company", "/opportunities/{need}/answer"),
    "answer-empty": ("other_company", "/opportunities/{need}/answer"),
    "my-answers": ("company", "/my/answers"),
    "answers": ("agency", "/opportunities/{need}/answers"),
    "answers-of-matchmaker": ("matchmaker", "/opportunities/{need}/answers"),
    "pairings": ("matchmaker", "/pairings"),
    "pairing": ("matchmaker", "/pairings/{pairing}"),
    "pairing-of-company": ("company", "/pairings/{pairing}"),
    "pairing-new": ("matchmaker", "/pairings/new"),
    "contact-exchange": ("agency", "/pairings/{answer pairing}/contact"),
    "candidates": ("matchmaker", "/candidates?year=2026"),
    "candidate-facts": ("matchmaker", "/candidates/LD-2026-01/facts"),
    "applications": ("agency", "/applications"),
    "application": ("agency", "/applications/{case}"),
    "selection": ("reviewer", "/selection"),
    "selection-case": ("reviewer", "/selection/cases/{case}"),
    "selection-objections": ("reviewer", "/selection/2026/objections"),
    "scoring": ("expert", "/scoring"),
    "scoring-sheet": ("expert", "/scoring/{case}"),
    "year-books": ("admin", "/admin/benchmarks"),
    "benchmark-result": (VISITOR, "/benchmarks/2026/result"),
    "benchmark-dossier": (VISITOR, "/benchmarks/2026/cases/1"),
    "questions": ("agency", "/opportunities/{need}/questions"),
    "questions-of-company": ("company", "/opportunities/{need}/questions"),
    "desk": ("matchmaker", "/desk"),
    "desk-list": ("matchmaker", "/desk/list"),
    "waiting": ("matchmaker", "/waiting"),
    "waiting-unmatched": ("reviewer", "/waiting?part=unmatched"),
    "funnel": ("matchmaker", "/funnel"),
    "funnel-narrowed": ("admin", "/funnel?city=武汉市&since=2026-13"),
    "funnel-empty": ("matchmaker", "/funnel?city=没有"),
    "funnel-of-agency": ("agency", "/funnel"),
    "funnel-needs": ("matchmaker", "/funnel/needs?step=published"),
    "funnel-needs-none": ("reviewer", "/funnel/needs?step=running"),
    "exposure": ("matchmaker", "/exposure"),
    "subscriptions": ("agency", "/subscriptions"),
    "subscriptions-none": ("company", "/subscriptions"),
    "subscription": ("agency", "/subscriptions/{subscription}"),
    "subscription-new": ("company", "/subscriptions/new?subject=capabilities"),
    "search-new": ("company", "/subscriptions/searches/new?kind=opportunities&q=井盖&region=武汉市"),
    "search-saved": ("agency", "/subscriptions/searches/{search}"),
    "stop": (VISITOR, "/stop/{stop}"),
    "mail": ("agency", "/account/mail"),
    "draft-new": ("agency", "/drafts/new?kind=opportunity"),
    "draft-empty": ("agency", "/drafts/{draft}/basic"),
    "draft-basic": ("agency", "/drafts/{text}/basic"),
    "draft-need": ("agency", "/drafts/{text}/need"),
    "draft-terms": ("agency", "/drafts/{text}/terms"),
    "draft-preview": ("agency", "/drafts/{text}/preview"),
    "draft-returned": ("agency", "/drafts/{returned}/need"),
    "draft-waiting": ("agency", "/drafts/{sent}/preview"),
    "imports": ("agency", "/imports"),
    "import-new": ("agency", "/imports/new"),
    "import-columns": ("agency", "/imports/{import}/columns"),
    "import-check": ("agency", "/imports/{checked}/check?state=all"),
    "import-twins": ("agency", "/imports/{checked}/check?state=twin"),
    "import-confirm": ("agency", "/imports/{checked}/confirm"),
    "import-result": ("agency", "/imports/{done_import}/result"),
    "review": ("reviewer", "/review"),
    "review-approved": ("reviewer", "/review?state=approved"),
    "review-ticked": ("reviewer", "/review?every=1"),
    "review-of-import": ("reviewer", "/review?import={done_import}"),
    "review-none": ("reviewer", "/review?q=没有这种东西"),
    "review-text": ("reviewer", "/review/{sent}"),
    "review-revision": ("reviewer", "/review/{revision}"),
    "review-passed": ("reviewer", "/review/{passed}"),
    "batches": ("reviewer", "/batches"),
    "batch-new": ("reviewer", "/batches/new?kind=opportunity"),
    "batch-new-without-texts": ("reviewer", "/batches/new?kind=capability"),
    "batch": ("reviewer", "/batches/{batch}"),
    "organisations": ("reviewer", "/admin/organisations"),
    "organisation": ("admin", "/admin/organisations/{organisation}"),
    "organisation-merged": ("admin", "/admin/organisations/{merged}"),
    "organisation-new": ("admin", "/admin/organisations/new"),
    "organisation-edit": ("admin", "/admin/organisations/{organisation}/edit"),
    "organisation-lookalikes": ("admin", "/admin/organisations/lookalikes"),
    "claims": ("reviewer", "/admin/organisations/claims"),
    "accounts": ("security", "/admin/accounts"),
    "account-of-somebody": ("security", "/admin/accounts/{account}"),
    "account-for-admin": ("admin", "/admin/accounts/{account}"),
    "account-new": ("admin", "/admin/accounts/new"),
    "audit": ("auditor", "/admin/audit"),
    "taxonomies": ("admin", "/admin/taxonomies"),
    "taxonomy": ("admin", "/admin/taxonomies/scene_domain"),
    "taxonomy-paged": ("admin", "/admin/taxonomies/divisions?q=武汉"),
    "term": ("admin", "/admin/taxonomies/scene_domain/terms/smart_city"),
    "term-new": ("admin", "/admin/taxonomies/scene_domain/new"),
    "forbidden": ("agency", "/admin/audit"),
    "missing": ("agency", "/drafts/1234567890"),
}
STATUS = {"forbidden": 403, "missing": 404}
# What the page is looked at for must be on it.
SHOWN: Mapping[str, str] = {
    "inbox": "[data-role=notice]",
    "job-queued": "[data-state=queued]",
    "job-running": "progress[max='20000']",
    "job-failed": "[data-state=failed] form",
    "job-done": "[data-role=onward]",
    "my": "[data-role=drafts][data-state=returned]",
    "my-history": "[data-role=diff] ins",
    "draft-returned": "[data-role=returned]",
    "import-check": "[data-role=suggestion]",
    "import-twins": "[type=radio][value=merge]",
    "review-ticked": "[data-role=row] :checked",
    "review-revision": "[data-role=diff] del",
    "batch-new": "[name=draft]:checked",
    "batch": "[data-role=member]",
    "organisation-merged": "[data-role=merges]",
    "organisation-lookalikes": "[data-role=lookalike]",
    "claims": "[data-role=claim]",
    "audit": "[data-role=entries]",
    "contact": "[data-role=masked]",
    "desk": "[data-role=no-suggestions]",
    "waiting": "[data-role=parts]",
    "waiting-unmatched": "[data-role=unmatched] [data-role=waiting]",
    "funnel": "[data-role=rates] .share-bar",
    "funnel-narrowed": "[data-role=export]",
    "funnel-empty": "[data-role=empty]",
    "funnel-of-agency": "[data-role=rate]",
    "funnel-needs": "[data-role=need]",
    "funnel-needs-none": "[data-role=empty]",
    "subscriptions": "[data-role=subscription]",
    "subscriptions-none": "[data-role=offer]",
    "subscription": "[data-role=volume]",
    "subscription-new": "form[data-role=subscription]",
    "search-new": "[data-role=conditions]",
    "search-saved": "form[data-role=search-name]",
    "stop": "form[data-role=stop]",
    "mail": "form[data-role=keep-mail]",
}
# Forms sent as they stand, which are refused: who, where, the button.
REFUSED: Mapping[str, tuple[str, str, str]] = {
    "sign-in": (VISITOR, "/login", "[data-role=sign-in] button"),
    "password": ("agency", "/account/password", "[data-role=password] button"),
    "draft": ("agency", "/drafts/{draft}/basic", "[data-role=draft] button[value=next]"),
    "submit": ("agency", "/drafts/{draft}/preview", "[data-role=submit] button"),
    "return": ("reviewer", "/review/{sent}", "[data-role=return] button"),
    "approve": ("reviewer", "/review/{sent}", "[data-role=approve] button"),
    "batch": ("reviewer", "/batches/new?kind=opportunity", "[data-role=new-batch] button"),
    "take-off": ("agency", "/my/postings/{published}", "[data-role=take-off] button"),
    "account": ("admin", "/admin/accounts/new", "[data-role=new-account] button"),
    "term": ("admin", "/admin/taxonomies/scene_domain/new", "[data-role=term] button"),
    "contact": ("agency", "/contacts/{need}", "main form button"),
    "mail": ("agency", "/account/mail", "form[data-role=keep-mail] button"),
    "search-name": ("company", "/subscriptions/searches/new?kind=opportunities", "form[data-role=search-name] button"),
}
# What a form is sent with that would be taken as it stands.
EMPTIED: Mapping[str, str] = {"search-name": "form[data-role=search-name] [name=name]"}

# What is told once, in the answer to a form: who, where, what is typed, the button, and what is told.
TOLD: Mapping[str, tuple[str, str, Mapping[str, str], str, str]] = {
    "new-password": (
        "admin", "/admin/accounts/new", {"login": "xin.guan", "name": "新岗位"},
        "[data-role=new-account] button", "[data-role=one-time-password]",
    ),
    "contact": ("agency", "/contacts/{need}", {"reason": "核实供货周期"}, "main form button", "[data-role=revealed]"),
    "mail-code": (
        "agency", "/account/mail", {"address": "jingban@example.cn"}, "form[data-role=keep-mail] button",
        "form[data-role=confirm-mail]",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Office:
    """The running office and what lies in it."""

    base: str
    parts: Mapping[str, int]
    cookies: Mapping[str, str]

    def enter(self, context: BrowserContext, person: str) -> None:
        """Let the windows of a context be those of a person."""
        if person != VISITOR:
            context.add_cookies([{"name": "scenematch", "value": self.cookies[person], "url": self.base}])

    def address(self, pattern: str) -> str:
        """The address of a page."""
        return pattern.format(**self.parts)


def answers(base: str) -> bool:
    with urllib.request.urlopen(f"{base}/login", timeout=5):
        return True


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The stocked office, running."""
    folder = tmp_path_factory.mktemp("stocked-site")
    paths = ",".join(map(str, (HERE.parent / "webapp", HERE.parent, HERE)))
    environment = {**os.environ, "OFFICE_FOLDER": str(folder)}
    with running("stocked_site:app", ["-w", "1", "--pythonpath", paths], environment, folder / "log", answers) as base:
        stock = json.loads((folder / "stock.json").read_text(encoding="utf-8"))
        yield Office(base, stock["parts"], stock["cookies"])


@pytest.fixture
def site(office: Office) -> str:
    """Base address of the office."""
    return office.base


@pytest.mark.parametrize("name", PAGES)
def test_no_violations(inspected: BrowserContext, office: Office, name: str) -> None:
    person, pattern = PAGES[name]
    office.enter(inspected, person)
    page = inspected.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    answer = page.goto(office.address(pattern))
    assert answer is not None
    assert answer.status == STATUS.get(name, 200)
    assert page.locator(SHOWN.get(name, "h1")).count() > 0
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_silent_under_the_policy_and_no_wider_than_a_narrow_screen(
    page: Page, messages: list[str], office: Office, name: str
) -> None:
    person, pattern = PAGES[name]
    office.enter(page.context, person)
    failed: list[Response] = []
    page.on("response", lambda answer: failed.append(answer) if answer.status >= 400 else None)
    page.set_viewport_size({"width": 320, "height": 800})
    answer = page.goto(office.address(pattern), wait_until="load")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert page.evaluate("document.querySelectorAll('[style], style, script:not([src])').length") == 0
    if name not in STATUS:
        assert (messages, failed) == ([], [])
    assert overflow(page) == 0


@pytest.mark.parametrize("size", ["large", "xlarge"])
@pytest.mark.parametrize(
    "name", ["my", "draft-need", "import-check", "review-revision", "organisations", "audit", "funnel", "desk"]
)
def test_no_letter_size_is_wider_than_the_screen(page: Page, office: Office, name: str, size: str) -> None:
    person, pattern = PAGES[name]
    office.enter(page.context, person)
    page.context.add_cookies([{"name": "size", "value": size, "url": office.base}])
    page.goto(office.address(pattern))
    assert page.locator("html").get_attribute("data-size") == size
    assert overflow(page) == 0


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_form_says_so_accessibly(inspected: BrowserContext, office: Office, name: str) -> None:
    person, pattern, button = REFUSED[name]
    office.enter(inspected, person)
    page = inspected.new_page()
    page.goto(office.address(pattern))
    if name in EMPTIED:
        page.fill(EMPTIED[name], "")
    page.locator(button).first.click()
    faults = page.locator("[data-role=faults]")
    faults.wait_for()
    # Every line leads to a place on the page that can take the focus.
    for target in faults.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        assert not target.startswith("#") or page.locator(f"[id='{target[1:]}']").count() == 1, target
    assert violations(page) == []


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_once_is_accessible(inspected: BrowserContext, office: Office, name: str) -> None:
    person, pattern, typed, button, told = TOLD[name]
    office.enter(inspected, person)
    page = inspected.new_page()
    page.goto(office.address(pattern))
    for field, text in typed.items():
        page.fill(f"main [name={field}]", text)
    page.click(button)
    page.locator(told).wait_for()
    assert violations(page) == []


def test_the_office_in_high_contrast(browser: Browser, office: Office) -> None:
    names = (
        "my", "draft-need", "import-check", "review-revision", "job-running", "inbox", "audit", "my-history", "funnel",
        "exposure", "subscriptions",
    )  # fmt: skip
    for name in names:
        person, pattern = PAGES[name]
        context = browser.new_context(base_url=office.base, locale="zh-CN", bypass_csp=True)
        office.enter(context, person)
        context.add_cookies([{"name": "theme", "value": "contrast", "url": office.base}])
        page = context.new_page()
        page.goto(office.address(pattern))
        assert page.locator("html").get_attribute("data-theme") == "contrast"
        assert violations(page) == [], name
        context.close()
