"""A matchmaker's day by keyboard alone; and every page of the desk accessible and narrow enough."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from inspection import overflow, violations
from office_walk import SIGN_IN, Keys
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from marketplace.store.database import transaction
from marketplace.store.pairings import insert_pairing
from matching import MatchingSettings

# The stocked desk and the forms of the office lie among the tests of the pages.
sys.path.append(str(Path(__file__).resolve().parents[1] / "webapp"))
from desk_site import DeskSite
from office import PASSWORD

pytestmark = pytest.mark.slow
PAGES = ("/desk", "/desk/board", "/desk/list?tick=all", "/desk/workload", "/waiting", "/waiting?part=unmatched")


class Quiet(WSGIRequestHandler):
    """Says nothing of requests."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Leave it out."""


@dataclass(frozen=True)
class Running:
    """A desk under an address, with a pairing that is overdue."""

    desk: DeskSite
    base: str
    overdue: int

    def sign_in(self, page: Page) -> None:
        """Sign in as the matchmaker."""
        page.goto("/login")
        page.fill(f"{SIGN_IN}[autocomplete=username]", self.desk.broker_login)
        page.fill(f"{SIGN_IN}[type=password]", PASSWORD)
        page.click(f"{SIGN_IN}button")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, background_file: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "local").mkdir()
    shutil.copy(background_file, folder / "local")
    data = Path(__file__).resolve().parents[2] / "data"
    desk = DeskSite(folder, MatchingSettings(data, folder / "local"))
    for row, score in zip(desk.rows[:4], (0.9, 0.8, 0.7, 0.6), strict=True):
        desk.band((desk.need, row.capability_key), "strong", score)
    yesterday = (date.today() - timedelta(days=1)).isoformat()
    with transaction(desk.db):
        overdue = insert_pairing(
            desk.db, desk.need, desk.rows[3].capability_key,
            {"stage": "contacted", "origin": "match", "acting": "company", "stage_since": yesterday,
             "due_on": yesterday, "matchmaker_key": desk.broker_key},
        )  # fmt: skip
    server = make_server("127.0.0.1", 0, desk.app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Running(desk, f"http://127.0.0.1:{server.server_port}", overdue)
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(running: Running) -> str:
    """Base address of the desk, for the windows of this folder."""
    return running.base


def test_a_day_at_the_desk_without_a_mouse(running: Running, page: Page, messages: list[str], tmp_path: Path) -> None:
    running.sign_in(page)
    page.goto("/desk")
    keys = Keys(page, tmp_path)
    said = page.locator("[role=status]")

    keys.follow("[data-role=suggestion] form[action$='/begin'] button")
    expect(said).to_contain_text("已建立对接")
    keys.follow("nav[aria-label='工作台'] a[href='/desk']")
    keys.follow("[data-role=suggestion] form[action$='/aside'] button")
    expect(said).to_contain_text("这一对供需今日暂不推荐")
    keys.write(f"#n-{running.overdue}", "电话已通，约下周三现场")
    keys.follow("form[data-role=note] button")
    expect(said).to_contain_text("已记入对接记录")

    keys.follow(".desk-tabs a[href='/desk/board']")
    keys.choose("#f-who", "我的")
    keys.follow("form[data-role=filter] button")
    expect(page.locator("[data-role=pairing]")).to_have_count(2)
    keys.unfold("[data-stage=contacted] .note-fold summary")
    keys.write(f"#n-{running.overdue}", "对方要检测报告")
    keys.follow("[data-stage=contacted] form[data-role=note] button")
    expect(said).to_contain_text("已记入对接记录")

    keys.follow(".desk-tabs a[href='/desk/list']")
    keys.tick(f"#t-{running.overdue}")
    keys.choose("#f-account", f"{running.desk.broker_login} 岗位")
    keys.follow("form[data-role=assign] button")
    expect(said).to_contain_text("原已由该撮合员办理")

    page.goto(running.desk.pair)
    keys.choose("#b-band", "较匹配")
    keys.write("#b-reason", "现场看过，规模较小")
    keys.follow("form[data-role=override-band] button")
    expect(page.locator("[data-role=band-corrected]")).to_contain_text("系统判断为“高度匹配”")
    keys.follow("form[action$='/withdraw'] button")
    expect(page.locator("[data-role=band-corrected]")).to_have_count(0)
    assert messages == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_desk_is_accessible_and_narrow_enough(running: Running, browser: Browser, width: int) -> None:
    context = browser.new_context(
        base_url=running.base, locale="zh-CN", viewport={"width": width, "height": 900}, bypass_csp=True
    )
    page = context.new_page()
    running.sign_in(page)
    for path in (*PAGES, running.desk.pair):
        page.goto(path)
        assert overflow(page) <= 0, path
        assert violations(page) == [], path
    context.close()
