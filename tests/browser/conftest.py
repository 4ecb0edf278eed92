"""The site under gunicorn on a free port, and headless Chromium to look at it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

import webapp

ROOT = Path(webapp.__file__).parents[1]
HERE = Path(__file__).resolve().parent
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_S = 30


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives the browser."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_S * 10):
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            assert server.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.1)
    pytest.fail(f"the site did not start in {START_S} s: {log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of a running site over the sample postings."""
    port = free_port()
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    folders = f"{HERE.parent / 'webapp'},{HERE}"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        str(HERE.parents[1] / "scripts" / "gunicorn.conf.py"),
        "-w",
        "1",
    ]
    command += ["-b", f"127.0.0.1:{port}", "--pythonpath", folders, "fake_site:app"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_until_up(f"http://127.0.0.1:{port}", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The Chromium of the system; nothing is downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Chromium is missing; scripts/install_browser.sh installs it.")
    return {"executable_path": chromium, "headless": True, "args": list(QUIET)}


@pytest.fixture(scope="session")
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
def messages(page: Page) -> list[str]:
    """Everything the browser complains about on ``page``."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    return found
