"""Two sites under gunicorn, the made-up market and the real one, and headless Chromium to look at them."""

from __future__ import annotations

import os
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gunicorn_site import running
from office_walk import Keys
from playwright.sync_api import Browser, BrowserContext, Page
from sample_site import SampleSite, open_sample_site, stocked_folder

from marketplace import load_market_settings

HERE = Path(__file__).resolve().parent
# A loaded machine may take its time with a page.
PATIENCE_MS = 120_000
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives the browser or the running site."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.browser)


def answers(base: str) -> bool:
    with urllib.request.urlopen(f"{base}/readyz", timeout=5):
        return True


@pytest.fixture(scope="session")
def fake_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of a running site over the made-up market."""
    options = ["-w", "1", "--pythonpath", f"{HERE.parent / 'webapp'},{HERE}"]
    log = tmp_path_factory.mktemp("fake-site") / "gunicorn.log"
    with running("fake_site:app", options, os.environ, log, answers) as base:
        yield base


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleSite]:
    """The sample lists in a real market, served by two workers; only for tests marked ``model``."""
    model = load_market_settings().matching.default_model_dir.resolve()
    if not (model / "manifest.json").is_file():
        pytest.fail(f"the default encoder is not in {model}; run make model", pytrace=False)
    # Workers of one run have their folders beside each other, and take the lists in once for all of them.
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "sample-lists"
    with open_sample_site(own / "sample-site", stocked_folder(shared, model)) as site:
        yield site


@pytest.fixture
def site(request: pytest.FixtureRequest) -> str:
    """Base address of the site a test looks at: the real market where it is marked ``model``."""
    if request.node.get_closest_marker("model"):
        base: str = request.getfixturevalue("sample_site").base
    else:
        base = request.getfixturevalue("fake_site")
    return base


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The Chromium of the system; nothing is downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Chromium is missing; scripts/install_browser.sh installs it.")
    return {"executable_path": chromium, "headless": True, "args": list(QUIET)}


@pytest.fixture
def browser_context_args(site: str) -> dict[str, Any]:
    """A Chinese visitor whose addresses are relative to the site."""
    return {"base_url": site, "locale": "zh-CN", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def inspected(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """A context into which the accessibility checker may be put; the policy is tested elsewhere."""
    context = browser.new_context(**browser_context_args, bypass_csp=True)
    yield context
    context.close()


@pytest.fixture
def unscripted(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """A page with JavaScript off."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def sit_down(browser: Browser, browser_context_args: dict[str, Any], tmp_path: Path) -> Iterator[Callable[[str], Keys]]:
    """Opens a window of its own at the home page for a person."""
    contexts: list[BrowserContext] = []

    def open_window(name: str) -> Keys:
        contexts.append(browser.new_context(**browser_context_args))
        contexts[-1].set_default_timeout(PATIENCE_MS)
        page = contexts[-1].new_page()
        page.goto("/")
        pictures = tmp_path / name
        pictures.mkdir()
        return Keys(page, pictures)

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def messages(page: Page) -> list[str]:
    """Everything the browser complains about on ``page``."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    return found
