"""Digests and at-once notices: what is in them, for whom, once; and the mail that carries them."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from market_tools import Shop
from people import make_person, own
from test_market_subscriptions import BUREAU, FIRM, Town

from marketplace import ListQuery, Market, NotFoundError, RefusedError, Sight, Viewer
from marketplace.jobs import Worker, run_job_now, start_job
from marketplace.jobs.worker import SYSTEM
from marketplace.mail_settings import MailSettings, read_mail_settings
from marketplace.store.accounts import update_account
from marketplace.store.database import transaction
from marketplace.store.outbox import WAITING, count_letters, insert_letter, load_mail
from marketplace.subscribing import sending, transports
from marketplace.subscribing.gaps import most_often_unmet
from marketplace.subscribing.weeks import current_week
from matching import Side

SITE = "https://changjing.example.cn"
SMTP_SETTINGS = MailSettings("mail.example.cn", 587, "starttls", "", None, "场景对接 <tongzhi@example.cn>", SITE)


class Office(Town):
    """The pair of the town, fitting and published last week; jobs run at once."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.fits()
        self.let_all_be_of_last_week()

    def let_all_be_of_last_week(self) -> None:
        with transaction(self.db):
            sunday = date.fromisoformat(current_week()) - timedelta(days=1)
            self.db.conn.execute("update posting set published_on = ?", [sunday.isoformat()])

    def run(self, kind: str, **arguments: Any) -> Mapping[str, Any]:
        with transaction(self.db):
            key = start_job(self.db, kind, title=kind, arguments=arguments, viewer=SYSTEM)
        return run_job_now(self.shop.work, key)

    def address(self, viewer: Viewer, address: str = "jingban@example.cn") -> None:
        """A confirmed address, by the code from the letter."""
        self.market.mail.ask(viewer, address)
        self.run("send_mail")
        code = self.letters()[-1].get_content().split("验证码：")[1][:6]
        self.market.mail.confirm(viewer, code)

    def letters(self) -> list[EmailMessage]:
        files = sorted(self.shop.settings.outbox_dir.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]  # type: ignore[misc]

    def notices(self, viewer: Viewer) -> list[tuple[str, str]]:
        found = self.market.notices.inbox(viewer).notices
        return [(one.title, one.body) for one in found if one.kind in ("digest", "subscription")]


@pytest.fixture
def office(shop: Shop) -> Office:
    return Office(shop)


def test_the_digest_of_a_company_says_what_fits_why_until_when_and_what_is_missing(office: Office) -> None:
    office.shop.take(make_opportunity(requirements=("井盖移位、缺失后15分钟内告警", "提供英文版操作手册")))
    office.fits()
    office.let_all_be_of_last_week()
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    result = office.run("make_digests")
    assert (result["told"], result["mailed"], result["empty"]) == (1, 0, 0)
    ((title, body),) = office.notices(office.vendor)
    assert title == "周报：1 项新需求适合贵单位"
    lines = body.splitlines()
    assert lines[1:5] == [
        "【窨井状态感知终端】", "1. 窨井盖缺失移位自动发现（较匹配）", f"   {BUREAU}；截止 2027-03-31",
        "   推荐理由：需求条目“井盖移位、缺失后15分钟内告警”满足，依据：“井盖移位后5分钟内告警到手机”。",
    ]  # fmt: skip
    assert lines[5].startswith("还缺什么：较匹配以上的 1 项需求中，有 1 项要求“提供英文版操作手册”，")
    view = office.market.notices.inbox(office.vendor).notices[0]
    assert view.reason == "您订阅了适合本单位能力的新需求，每周一发送。"
    assert (view.stop, view.chosen) == ("可在“订阅”中调整频率或停止。", True)
    assert view.link.startswith("/subscriptions/")


def test_the_digest_of_an_agency_names_new_companies_and_no_score(office: Office) -> None:
    office.book.subscribe(office.clerk, "opportunity", office.need, "weekly")
    office.run("make_digests")
    ((title, body),) = office.notices(office.clerk)
    assert title == "周报：1 项新能力适合贵单位的需求"
    assert f"1. 窨井状态感知终端（较匹配）\n   {FIRM}" in body
    assert "还缺什么" not in body
    assert "0." not in body


def test_a_digest_is_written_once_and_only_of_its_week(office: Office) -> None:
    office.book.subscribe(office.vendor, "capability", office.offer, "weekly")
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    for _ in range(3):
        office.run("make_digests")
    assert len(office.notices(office.vendor)) == 1
    assert office.notices(office.vendor)[0][1].count("窨井盖缺失移位自动发现") == 1, "two subscriptions, one line"
    later = (date.fromisoformat(current_week()) + timedelta(weeks=1)).isoformat()
    assert office.run("make_digests", week=later)["empty"] == 1
    assert len(office.notices(office.vendor)) == 1, "last week's news is told"


@pytest.mark.parametrize("way", ["paused", "deleted"])
def test_who_subscribes_again_is_not_told_of_the_weeks_without(office: Office, way: str) -> None:
    def monday(weeks: int) -> str:
        return (date.fromisoformat(current_week()) - timedelta(weeks=weeks)).isoformat()

    office.book.subscribe(office.clerk, "opportunities", 0, "weekly")
    key = office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    with transaction(office.db):
        for account in (office.vendor, office.clerk):
            office.db.table("digest").insert(
                {"account_key": account.account_key, "week": monday(9), "items": 0, "at": "",
                 "kind": "company" if account is office.vendor else "agency"}
            )  # fmt: skip
        office.db.conn.execute("update posting set published_on = ?", [monday(4)])
        office.db.conn.execute("update subscription set updated_at = ?", [f"{monday(10)}T04:00:00Z"])
    if way == "paused":
        office.book.subscribe(office.vendor, "capabilities", 0, "never")
    else:
        office.book.stop(office.vendor, key)
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    result = office.run("make_digests")
    assert (result["told"], result["empty"]) == (1, 1)
    assert office.notices(office.vendor) == []
    assert len(office.notices(office.clerk)) == 1, "who never stopped is told of what the site missed"


def test_nothing_goes_to_those_who_stopped_left_or_lost_their_role(office: Office) -> None:
    stopped, left, demoted = (make_person(office.db, "company", organisation=office.firm) for _ in range(3))
    for viewer in (stopped, left, demoted, office.vendor):
        office.book.subscribe(viewer, "capabilities", 0, "weekly")
    office.book.subscribe(stopped, "capabilities", 0, "never")
    with transaction(office.db):
        update_account(office.db, left.account_key, state="disabled")
        office.db.table("membership").delete_where("account_key = ?", [demoted.account_key])
    result = office.run("make_digests")
    assert (result["told"], result["empty"]) == (1, 2)
    assert [len(office.notices(one)) for one in (office.vendor, stopped, left, demoted)] == [1, 0, 0, 0]


def test_withheld_needs_reach_nobody_but_their_own(office: Office) -> None:
    office.shop.take(make_opportunity(extra={"disclosure": "不予公开"}))
    office.fits()
    office.let_all_be_of_last_week()
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    office.book.subscribe(office.clerk, "opportunities", 0, "weekly")
    office.run("make_digests")
    assert office.notices(office.vendor) == []
    assert len(office.notices(office.clerk)) == 1


def test_personal_data_in_a_text_is_covered(office: Office) -> None:
    office.shop.take(make_opportunity(title="井盖监测，联系人：欧阳明 13800001111"))
    office.fits()
    office.let_all_be_of_last_week()
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    office.run("make_digests")
    text = str(office.notices(office.vendor))
    assert "井盖监测" in text
    assert "13800001111" not in text


def test_a_matchmaker_is_told_of_own_overdue_pairings(office: Office) -> None:
    boss, other = make_person(office.db, "matchmaker"), make_person(office.db, "matchmaker")
    today = date.today()
    rows = [(boss, "contacted", -3, ""), (boss, "meeting", 5, -1), (boss, "meeting", 5, 3), (boss, "landed", -9, ""),
            (other, "contacted", -3, "")]  # fmt: skip
    with transaction(office.db):
        for number, (who, stage, due, step) in enumerate(rows, 1):
            office.db.table("pairing").insert(
                {"key": number, "opportunity_key": office.need, "capability_key": office.offer, "stage": stage,
                 "matchmaker_key": who.account_key, "due_on": (today + timedelta(days=due)).isoformat(),
                 "next_on": (today + timedelta(days=step)).isoformat() if step != "" else "", "next_step": "回电话",
                 "open_mark": str(number), "stamp": 1}
            )  # fmt: skip
    office.book.subscribe(boss, "overdue", 0, "weekly")
    office.run("make_digests")
    ((title, body),) = office.notices(boss)
    assert title == "周报：2 项对接已超期"
    assert body.splitlines()[1:] == [
        "1. 窨井盖缺失移位自动发现 × 窨井状态感知终端（已联系，超期 3 天；下一步：回电话）",
        "2. 窨井盖缺失移位自动发现 × 窨井状态感知终端（洽谈，超期 1 天；下一步：回电话）",
    ]


def test_a_saved_search_has_its_digest(office: Office) -> None:
    key = office.shelf.save(office.clerk, ListQuery(Side.CAPABILITY, "终端", order="relevance"), "终端")
    office.book.subscribe(office.clerk, "search", key, "weekly")
    office.run("make_digests")
    ((title, body),) = office.notices(office.clerk)
    assert title == "周报：保存的搜索有 1 条新内容"
    assert "【终端】\n1. 窨井状态感知终端\n   武汉楚光智感" in body


def test_a_long_digest_names_twenty_and_counts_the_others(office: Office) -> None:
    office.shop.take(*(make_opportunity(id=f"JH-{n}", title=f"井盖第{n}处") for n in range(100, 122)))
    office.fits("strong")
    office.let_all_be_of_last_week()
    office.book.subscribe(office.vendor, "capability", office.offer, "weekly")
    office.run("make_digests")
    ((title, body),) = office.notices(office.vendor)
    assert "23 项" in title
    assert "20. " in body
    assert "21. " not in body
    assert "另有 3 项从略。" in body


def test_what_is_new_is_told_at_once_and_once(office: Office) -> None:
    key = office.book.subscribe(office.vendor, "capabilities", 0, "at_once")
    saved = office.shelf.save(office.vendor, ListQuery(Side.OPPORTUNITY, "路灯", order="newest"), "路灯")
    office.book.subscribe(office.vendor, "search", saved, "at_once")
    office.run("tell_at_once")
    assert office.notices(office.vendor) == [], "what was there before is no news"
    office.shop.take(make_opportunity(id="JH-002", title="井盖与路灯一体监测"))
    office.fits()
    for _ in range(2):
        office.run("tell_at_once")
    told = office.notices(office.vendor)
    assert sorted(title for title, _ in told) == [
        "保存的搜索有新内容：井盖与路灯一体监测", "适合本单位全部能力的新需求：井盖与路灯一体监测",
    ]  # fmt: skip
    office.shop.take(make_opportunity(id="JH-002", title="井盖与路灯一体监测（修订）"))
    office.book.subscribe(office.vendor, "capabilities", 0, "never")
    office.shop.take(make_opportunity(id="JH-003", title="井盖三"))
    office.fits()
    office.run("tell_at_once")
    assert len(office.notices(office.vendor)) == 2, "a revision is no news, and a pause is a pause"
    office.book.change(office.vendor, key, "at_once", 2)
    office.run("tell_at_once")
    assert len(office.notices(office.vendor)) == 2, "nor what came during the pause"


def test_the_worker_starts_what_is_due(office: Office) -> None:
    def kinds() -> list[str]:
        own_kinds = "('make_digests', 'tell_at_once', 'send_mail')"
        return [row["kind"] for row in office.db.query(f"select kind from job where kind in {own_kinds} order by key")]

    worker = Worker(office.shop.work)
    worker.tend()
    assert kinds() == [], "nobody wants to be told"
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    office.address(office.vendor)
    with transaction(office.db):
        office.db.table("job").delete_where("1 = 1")
    for _ in range(3):
        worker.tend()
        worker.run_waiting()
    assert kinds() == ["make_digests", "send_mail"]
    assert len(office.letters()) == 2


def test_a_letter_says_why_it_came_and_how_to_stop_it(office: Office) -> None:
    settings = replace(
        office.shop.settings, mail=MailSettings(sender="场景对接 <tongzhi@example.cn>", site_address=SITE)
    )
    office.shop.work.settings = office.shop.settings = settings
    office.address(office.vendor)
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    office.run("make_digests")
    assert office.run("send_mail")["message"] == "发出 1 封。"
    letter = office.letters()[-1]
    assert letter["To"] == "jingban@example.cn"
    assert letter["Subject"] == "周报：1 项新需求适合贵单位"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = letter.get_content().replace("\r\n", "\n")
    assert f"   {SITE}/pairs/{office.need}/{office.offer}\n" in text
    assert "通知原因：您订阅了适合本单位能力的新需求，每周一发送。" in text
    link = letter["List-Unsubscribe"].strip("<>")
    assert f"停止接收：{link}（无需登录，打开后确认即停止）" in text
    token = link.removeprefix(f"{SITE}/stop/")
    page = office.book.stop_page(Viewer(), token)
    assert (page.label, page.stopped) == ("每周一的“适合本单位能力的新需求”", False)
    for changed in (token[:-1] + ("0" if token[-1] != "0" else "1"), token.replace("company", "agency"), "", "x-y-0-z"):
        with pytest.raises(NotFoundError):
            office.book.stop_signed(Viewer(), changed)
    assert office.book.stop_signed(Viewer(), token).stopped
    assert office.book.list_page(office.vendor).subscriptions[0].frequency == "never"
    later = (date.fromisoformat(current_week()) + timedelta(weeks=1)).isoformat()
    assert office.run("make_digests", week=later)["told"] == 0
    raw = office.shop.settings.outbox_dir
    assert oct(raw.stat().st_mode)[-3:] == "700"
    assert {oct(file.stat().st_mode)[-3:] for file in raw.iterdir()} == {"600"}


def test_an_address_is_sealed_confirmed_by_code_and_taken_back(office: Office) -> None:
    mail, vendor = office.market.mail, office.vendor
    for wrong in (
        "",
        "a@b",
        "张三@example.cn",
        "a b@example.cn",
        "a@example.cn\nBcc: b@example.cn",
        f"{'a' * 64}@{'b.' * 120}cn",
    ):
        with pytest.raises(RefusedError, match="邮箱"):
            mail.ask(vendor, wrong)
    mail.ask(vendor, "jingban@example.cn")
    with pytest.raises(RefusedError, match="一分钟"):
        mail.ask(vendor, "other@example.cn")
    stored = str([list(office.db.table(name).rows) for name in ("account_mail", "outbox", "audit")])
    assert "jingban" not in stored
    assert (mail.page(vendor).address, mail.page(vendor).pending) == ("", "jingban@example.cn")
    office.run("send_mail")
    code = office.letters()[0].get_content().split("验证码：")[1][:6]
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    with pytest.raises(RefusedError, match="还可试 4 次"):
        mail.confirm(vendor, wrong)
    with pytest.raises(RefusedError):
        mail.confirm(office.clerk, code)
    mail.confirm(vendor, f" {code[:3]} {code[3:]} ")
    assert mail.page(vendor).address == "jingban@example.cn"
    with pytest.raises(RefusedError, match="失效"):
        mail.confirm(vendor, code)
    mail.remove(vendor)
    assert mail.page(vendor).address == ""
    with pytest.raises(NotFoundError):
        mail.ask(Viewer(), "a@example.cn")


def test_five_wrong_codes_or_half_an_hour_end_a_code(office: Office) -> None:
    mail, vendor = office.market.mail, office.vendor
    mail.ask(vendor, "jingban@example.cn")
    for _ in range(5):
        with pytest.raises(RefusedError):
            mail.confirm(vendor, "not it")
    with pytest.raises(RefusedError, match="失效"):
        mail.confirm(vendor, "not it")
    office.market = Market(office.shop.settings, HashingEncoder())
    with transaction(office.db):
        office.db.table("account_mail").update(vendor.account_key, {"asked_at": "2026-01-01T00:00:00Z"})
    office.address(vendor, "second@example.cn")
    assert mail.page(vendor).address == "second@example.cn"
    with transaction(office.db):
        values = {"pending": "x", "code_until": "2026-01-01T00:00:00Z", "tries": 0}
        office.db.table("account_mail").update(vendor.account_key, values)
    with pytest.raises(RefusedError, match="失效"):
        mail.confirm(vendor, "123456")


def test_letters_to_those_who_took_their_address_back_are_dropped(office: Office) -> None:
    office.address(office.vendor)
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    office.run("make_digests")
    office.market.mail.remove(office.vendor)
    office.run("send_mail")
    assert count_letters(office.db) == {"sent": 1, "dropped": 1}
    assert {row["body"] for row in office.db.table("outbox").rows} == {""}


class Server:
    """A mail server in this process; ``answers`` are what it says to each step, by command."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers, self.taken, self.refused_to_connect = answers, [], 0

    def __call__(self, *_: Any, **__: Any) -> Server:
        if self.answers.get("connect"):
            raise self.answers["connect"].pop(0)
        return self

    def _said(self, command: str) -> tuple[int, bytes]:
        found = self.answers.get(command)
        answer = found.pop(0) if found else (250, b"ok")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def rset(self) -> tuple[int, bytes]:
        return self._said("rset")

    def mail(self, _: str) -> tuple[int, bytes]:
        return self._said("mail")

    def rcpt(self, _: str) -> tuple[int, bytes]:
        return self._said("rcpt")

    def data(self, text: bytes) -> tuple[int, bytes]:
        answer = self._said("data")
        self.taken.append(text)
        return answer

    def starttls(self, **_: Any) -> None: ...
    def ehlo_or_helo_if_needed(self) -> None: ...
    def quit(self) -> None: ...
    def close(self) -> None: ...


def served(office: Office, monkeypatch: pytest.MonkeyPatch, letters: int = 2, **answers: list[Any]) -> Server:
    """Letters waiting for a server that answers so."""
    office.address(office.vendor)
    with transaction(office.db):
        office.db.table("outbox").delete_where("1 = 1")
        for number in range(letters):
            body = office.market.mail._sealer.seal(f"第{number}封")
            insert_letter(
                office.db, office.vendor.account_key, "company", str(number), subject=f"周报{number}", body=body
            )
    server = Server(**answers)
    monkeypatch.setattr(transports.smtplib, "SMTP", server)
    office.shop.work.settings = replace(office.shop.settings, mail=SMTP_SETTINGS)
    return server


def test_a_busy_server_is_asked_again_later_and_at_last_no_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = served(office, monkeypatch, 1, rcpt=[(450, "忙".encode())] * sending.TRIES)
    for attempt in range(sending.TRIES):
        assert "发出" in office.run("send_mail")["message"]
        row = next(iter(office.db.table("outbox").rows_where("mark = '0'")))
        assert row["attempts"] == min(attempt + 1, sending.TRIES - 1)
        with transaction(office.db):
            office.db.conn.execute("update outbox set due_at = created_at where state = 'waiting'")
    assert (row["state"], row["error"]) == ("failed", "发信服务器不收：450 忙")
    assert server.taken == []
    assert any(one.title == "发给您的邮件没有送达" for one in office.market.notices.inbox(office.vendor).notices)


def test_a_refusal_for_good_ends_a_letter(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    served(office, monkeypatch, rcpt=[(550, b"no such user")], data=[smtplib.SMTPDataError(552, b"too big")])
    office.run("send_mail")
    assert count_letters(office.db) == {"failed": 2}


def test_a_refusal_is_kept_without_the_address(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    said = b"<jingban@example.cn>: mailbox unavailable"
    served(office, monkeypatch, rcpt=[(550, said)], data=[smtplib.SMTPDataError(450, said)])
    office.run("send_mail")
    errors = [row["error"] for row in office.db.table("outbox").rows if row["error"]]
    assert any("mailbox unavailable" in error for error in errors)
    assert all("jingban" not in error for error in errors)


def test_a_server_that_is_away_costs_no_letter_a_try(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    server = served(office, monkeypatch, connect=[ConnectionRefusedError("refused")])
    assert "不可用" in office.run("send_mail")["message"]
    assert {(row["state"], row["attempts"]) for row in office.db.table("outbox").rows} == {(WAITING, 0)}
    worker = Worker(office.shop.work)
    worker.tend()
    kinds = {row["kind"] for row in office.db.query("select kind from job where state = 'queued'")}
    assert "send_mail" not in kinds, "it rests"
    office.run("send_mail")
    assert len(server.taken) == 2
    old = (datetime.now(UTC) - timedelta(days=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with transaction(office.db):
        office.db.conn.execute("update outbox set state = 'waiting', created_at = ?", [old])
    office.run("send_mail")
    assert count_letters(office.db) == {"failed": 2}


def test_a_letter_the_server_had_without_an_answer_is_not_sent_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = served(office, monkeypatch, data=[smtplib.SMTPServerDisconnected("gone")])
    assert "断开" in office.run("send_mail")["message"]
    assert count_letters(office.db) == {"handing": 1, "waiting": 1}
    office.run("send_mail")
    assert count_letters(office.db) == {"unsure": 1, "sent": 1}
    assert len(server.taken) == 1


def test_what_breaks_before_the_text_is_sent_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    server = served(office, monkeypatch, rcpt=[smtplib.SMTPServerDisconnected("gone")])
    for _ in range(2):
        office.run("send_mail")
    assert count_letters(office.db) == {"sent": 2}
    assert len(server.taken) == 2
    numbers = [message_from_bytes(text)["Message-ID"] for text in server.taken]
    assert len(set(numbers)) == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"MAIL_HOST": "m.example.cn"}, "MAIL_FROM"),
        ({"MAIL_HOST": "m.example.cn", "MAIL_FROM": "a@example.cn"}, "SITE_ADDRESS"),
        ({"MAIL_TLS": "tls"}, "starttls"),
        ({"MAIL_PORT": "0"}, "1–65535"),
        ({"MAIL_FROM": "谁"}, "MAIL_FROM"),
        ({"SITE_ADDRESS": "changjing.example.cn"}, "SITE_ADDRESS"),
        ({"MAIL_USER": "a"}, "MAIL_PASSWORD_FILE"),
        ({"MAIL_USER": "a", "MAIL_PASSWORD_FILE": "/x", "MAIL_TLS": "none"}, "明文"),
    ],
)
def test_a_mail_setting_that_cannot_be_used_is_named(given: dict[str, str], says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        read_mail_settings({f"SCENEMATCH_{name}": text for name, text in given.items()})


def test_mail_settings_have_the_usual_ports() -> None:
    assert read_mail_settings({}) == MailSettings()
    assert [read_mail_settings({"SCENEMATCH_MAIL_TLS": tls}).port for tls in ("", "ssl", "none")] == [587, 465, 25]
    full = {"MAIL_HOST": "m.example.cn", "MAIL_USER": "u", "MAIL_PASSWORD_FILE": "/etc/pw", "SITE_ADDRESS": f"{SITE}/",
            "MAIL_FROM": "场景对接 <tongzhi@example.cn>"}  # fmt: skip
    read = read_mail_settings({f"SCENEMATCH_{name}": text for name, text in full.items()})
    assert (read.site_address, read.password_file) == (SITE, Path("/etc/pw"))


def test_what_is_unmet_most_often_counts_like_requirements_as_one(office: Office) -> None:
    asked = ("须通过等保三级测评", "系统通过等保三级测评并备案", "等保三级测评")
    office.shop.take(
        *(make_opportunity(id=f"JH-1{n}", title=f"井盖{n}", requirements=(text, other))
          for n, (text, other) in enumerate(zip(asked, ("提供三年质保", "支持离线升级", "配英文手册"), strict=True)))
    )  # fmt: skip
    office.fits()
    page = office.market.capability_page(office.offer, Sight(office.vendor), top=50)
    found = most_often_unmet(page.matches or (), office.market._finder.words)
    assert found is not None
    assert "等保三级" in found.text
    assert found.needs == 3
    assert found.of == 4
    assert most_often_unmet((), office.market._finder.words) is None


def test_the_second_of_two_addresses_gets_no_old_code(office: Office) -> None:
    office.market.mail.ask(office.vendor, "first@example.cn")
    with transaction(office.db):
        office.db.table("account_mail").update(office.vendor.account_key, {"asked_at": "2026-01-01T00:00:00Z"})
    office.market.mail.ask(office.vendor, "second@example.cn")
    office.run("send_mail")
    assert [letter["To"] for letter in office.letters()] == ["second@example.cn"]
    assert load_mail(office.db, office.vendor.account_key).sealed == ""


def test_an_organisation_taken_over_is_told_of_what_is_now_its_own(office: Office) -> None:
    office.shop.take(make_capability(id="NL-002", title="井盖倾角终端"))
    own(office.db, office.shop.key("NL-002"), FIRM, "enterprise")
    office.fits()
    office.let_all_be_of_last_week()
    office.book.subscribe(office.vendor, "capabilities", 0, "weekly")
    office.run("make_digests")
    assert "【井盖倾角终端】" in office.notices(office.vendor)[0][1]
