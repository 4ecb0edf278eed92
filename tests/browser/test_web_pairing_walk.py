"""From a need as an officer writes it to the accepted work; two people at one card; a button pressed twice.

Four people with an account each carry it: officer, reviewer, company, matchmaker; a visitor sees the end. The officer,
the reviewer and the matchmaker have a keyboard and no mouse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from office_walk import Keys, first_sign_in, join
from playwright.sync_api import Locator, Page, expect
from publishing_walk import WrittenNeed, approve, begin, fill_in, publish, read_the_good_news, send
from sample_site import SampleSite, sample

pytestmark = [pytest.mark.model, pytest.mark.slow]

PATIENCE_MS = 120_000
CONTACTS = {"agency": "李科 027-85550101 13800000101", "company": "王工 027-85550202 13800000202"}
NOTE = "电话已通，对方愿意来现场看点位"
EFFECT = ("路口平均延误", "45", "31", "秒")
FILE = "验收意见书.pdf"
PDF = b"%PDF-1.7\naccepted\n%%EOF\n"


WRITTEN = WrittenNeed(
    "武汉市江城公共交通集团有限公司（示例）", "骨干线公交车到路口少等红灯", "运营调度科",
    "武汉市洪山区", "智能网联汽车",
    """雄楚方向骨干线早高峰平均车速只有13公里/小时，一趟车有四成时间停在红灯前，公交专用道已经建成，还缺信号配合。
具体要求如下：①公交车到达路口平均延误下降25%以上，横向社会车辆延误增加不超过5%；
②车与路口通信时延小于100毫秒，兼容不同厂家信号机；③单车加装设备不超过2小时，不影响次日发班；
④能够按时刻表判断早晚点，准点车辆不请求，优先等级可由调度设定。""",
    4, "早高峰一趟车有四成时间停在红灯前，乘客反映准点率低。",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A need by its title and a capability of the sample lists, and what their pages are called on this site."""

    site: SampleSite
    title: str
    agency: str
    count: int
    offer_id: str

    @property
    def need(self) -> int:
        """The need's key in addresses."""
        return self.site.key_of_title(self.title)

    @property
    def offer(self) -> int:
        """The capability's key in addresses."""
        return self.site.key(self.offer_id)

    @property
    def company(self) -> str:
        """Whose capability it is."""
        found: str = sample("capabilities", self.offer_id)["company"]
        return found

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the capability's list says, one text a field or item."""
        record = sample("capabilities", self.offer_id)
        return (record["title"], record["summary"], *record["features"], *record["cases"])


def listed(site: SampleSite, need_id: str, offer_id: str) -> Pair:
    """A pair whose need is on the sample lists too."""
    record = sample("opportunities", need_id)
    return Pair(site, record["title"], record["publisher"], len(record["requirements"]), offer_id)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Lets an expectation wait as long as a loaded machine needs."""
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)


def test_a_written_need_becomes_accepted_work(sample_site: SampleSite, sit_down: Callable[[str], Keys]) -> None:
    pair = Pair(sample_site, WRITTEN.title, WRITTEN.office, WRITTEN.proposed, "NL-2026-192")
    officer, reviewer = sit_down("officer"), sit_down("reviewer")
    company, broker, visitor = sit_down("company"), sit_down("broker"), sit_down("visitor")
    first_sign_in(officer, join(sample_site, "pairing.officer", "publisher", pair.agency))
    first_sign_in(reviewer, join(sample_site, "pairing.reviewer", "reviewer"))
    first_sign_in(company, join(sample_site, "pairing.company", "company", pair.company))
    first_sign_in(broker, join(sample_site, "pairing.broker", "matchmaker"))
    before = count_in_funnel(reviewer)

    begin(officer, WRITTEN)
    fill_in(officer, WRITTEN)
    send(officer, WRITTEN)
    approve(reviewer, WRITTEN)
    publish(reviewer, WRITTEN, "武汉市洪山区科技创新局（示例）", "洪科〔2026〕6号")
    read_the_good_news(officer, WRITTEN)
    assert count_in_funnel(reviewer) == before | {"published": before["published"] + 1}

    said = answer(company, pair)
    key = read_the_answer(officer, pair, said)

    find_on_the_desk(broker, pair, key)
    take_charge(broker)
    contact(broker)
    exchange_contacts(officer, company, key)
    agree_and_build(broker, key)
    land(broker)

    # The one need came to every step; that its company opened its page is a view.
    assert count_in_funnel(reviewer) == {code: number + 1 for code, number in before.items()}
    look_behind_the_number(reviewer, pair, key)
    read_of_the_landing(officer, pair, key)
    read_of_the_landing(company, pair, key)
    look_at_the_need(visitor, pair)


def test_of_two_moves_at_once_one_wins_and_the_other_keeps_what_was_typed(
    sample_site: SampleSite, sit_down: Callable[[str], Keys]
) -> None:
    pair = listed(sample_site, "JH-2026-041", "NL-2026-150")
    people = [sit_down("first"), sit_down("second")]
    for keys, login in zip(people, ("pairing.first", "pairing.second"), strict=True):
        first_sign_in(keys, join(sample_site, login, "matchmaker"))
    first = people[0].page
    first.goto("/pairings/new")
    first.fill("form[data-role=new-pairing] [name=opportunity]", "JH-2026-041")
    first.fill("form[data-role=new-pairing] [name=capability]", pair.offer_id)
    with first.expect_navigation(url=re.compile(r"/pairings/\d+$")):
        first.click("form[data-role=new-pairing] button")
    path = re.sub(r"^.*(?=/pairings/)", "", first.url)

    move, days = "form[data-role=move-contacted] ", (day(-1), day())
    for keys, on in zip(people, days, strict=True):
        keys.page.goto(path)
        keys.page.fill(f"{move}[name=contacted_on]", on)
        keys.page.fill(f"{move}[name=note]", f"{on} {NOTE}")
    # Both are sent before either is answered.
    for keys in people:
        keys.page.locator(move).evaluate("form => setTimeout(() => form.requestSubmit())")
    for keys in people:
        expect(keys.page.locator(".said, [data-role=faults]")).to_be_visible()
        keys.picture("at-once")

    told = [keys.page.locator("[data-role=faults]").count() for keys in people]
    assert sorted(told) == [0, 1]
    winner, loser = people[told.index(0)].page, people[told.index(1)].page
    expect(winner.locator(".said")).to_contain_text("已推进到“已联系”")
    expect(loser.locator("[data-role=faults]")).to_contain_text("推进到“已联系”")
    kept = loser.locator("[data-role=kept]")
    expect(kept).to_contain_text(days[told.index(1)])
    expect(kept).to_contain_text(NOTE)
    # The page that tells of it is the pairing as it is now: nothing was written twice, and work goes on from there.
    expect(stage(loser)).to_have_text("已联系")
    expect(loser.locator("[data-role=entry]", has_text="推进到“已联系”")).to_have_count(1)
    expect(loser.locator("form[data-role=move-meeting]")).to_be_visible()


def test_an_answer_sent_by_a_double_click_is_one_answer(
    sample_site: SampleSite, sit_down: Callable[[str], Keys]
) -> None:
    pair = listed(sample_site, "JH-2026-022", "NL-2026-062")
    company, agency = sit_down("company"), sit_down("agency")
    first_sign_in(company, join(sample_site, "pairing.twice", "company", pair.company))
    first_sign_in(agency, join(sample_site, "pairing.once", "publisher", pair.agency))
    page = company.page
    page.goto(f"/opportunities/{pair.need}/answer?capability={pair.offer}")
    fill_in_answer(page, pair)
    page.locator("form[data-role=answer] button[value=send]").dblclick()
    expect(page.locator(".said")).to_contain_text("答复已发送")
    # The first of the two may still be on its way when the second is answered.
    page.reload()
    expect(page.locator("[data-role=terms]")).to_contain_text("第 1 版")
    page.goto("/my/answers")
    expect(page.locator("[data-role=answer-row]")).to_have_count(1)

    agency.page.goto(f"/opportunities/{pair.need}/answers")
    expect(agency.page.locator("[data-role=company]")).to_have_count(1)
    agency.page.goto("/pairings")
    expect(agency.page.locator("[data-role=row]", has_text=pair.title)).to_have_count(1)
    agency.page.goto("/inbox")
    expect(agency.page.locator("[data-role=notice]", has_text="发来答复")).to_have_count(1)
    agency.picture("once")


def day(after: int = 0) -> str:
    """A day so many days from today, as the site's people count them."""
    today: date = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    return (today + timedelta(days=after)).isoformat()


def stage(page: Page) -> Locator:
    """The stage a pairing's page shows."""
    return page.locator(".title-row .tags .tag").first


def notice_of(keys: Keys, words: str) -> Locator:
    """The one notice of the inbox that says ``words``."""
    keys.follow(".who a[href='/inbox']")
    found = keys.page.locator("[data-role=notice]", has_text=words)
    expect(found).to_have_count(1)
    keys.picture("inbox")
    return found


def open_notice(keys: Keys, words: str) -> None:
    """Go where the notice leads."""
    key = notice_of(keys, words).get_attribute("data-key")
    keys.follow(f"[data-role=notice][data-key='{key}'] button[name=open]")


def count_in_funnel(keys: Keys) -> dict[str, int]:
    """How many needs came to each step up to the landing."""
    keys.follow(".office a[href='/funnel']")
    keys.picture("funnel")
    found = {}
    for row in keys.page.locator("[data-role=step]").all():
        number = re.match(r"\d+", row.locator("[data-label=需求]").inner_text().replace(",", ""))
        found[row.get_attribute("data-code") or ""] = int(number.group()) if number else 0
    # Running is what a revisit says, half a year later.
    del found["running"]
    return found


def fill_in_answer(page: Page, pair: Pair) -> dict[str, str]:
    """Say of every requirement whether it is met, with the sentence that is there; what was said, by requirement."""
    said = {}
    lines = page.locator("[data-role=line]")
    expect(lines).to_have_count(pair.count)
    for line in lines.all():
        evidence = line.locator("textarea")
        known = evidence.input_value()
        line.get_by_label("能满足" if known else "需沟通", exact=True).check()
        if not known:
            evidence.fill("需到现场核对后书面答复")
        said[line.locator(".req-name").inner_text()] = evidence.input_value()
    page.fill("#f-note", "可先免费试用一个月，45 天内供货并调试。")
    return said


def answer(keys: Keys, pair: Pair) -> dict[str, str]:
    """From the need to the answer that was sent; what was said, by requirement."""
    page = keys.page
    page.goto(f"/opportunities/{pair.need}")
    page.get_by_role("link", name="答复这条机会").click()
    page.goto(f"{page.url.partition('?')[0]}?capability={pair.offer}")
    taken = [box.input_value() for box in page.locator("[data-role=line] textarea").all()]
    # What is in the boxes stands in the company's own list, letter by letter.
    assert any(taken)
    assert all(any(quote in text for text in pair.sentences) for quote in taken if quote)
    said = fill_in_answer(page, pair)
    keys.picture("answer")
    page.click("form[data-role=answer] button[value=send]")
    expect(page.locator(".said")).to_contain_text("答复已发送")
    keys.picture("answered")
    return said


def read_the_answer(keys: Keys, pair: Pair, said: dict[str, str]) -> int:
    """From the notice to the table of answers and on to the pairing; the pairing's key."""
    page = keys.page
    open_notice(keys, "发来答复")
    expect(page.locator("[data-role=company]")).to_have_text(pair.company)
    rows = page.locator("[data-role=point]")
    expect(rows).to_have_count(pair.count)
    for row in rows.all():
        expect(row.locator(".answer-text")).to_have_text(said[row.locator(".req-name").inner_text()])
    keys.picture("answers")
    page.get_by_role("link", name=re.compile("查看对接")).click()
    expect(page).to_have_url(re.compile(r"/pairings/\d+$"))
    expect(stage(page)).to_have_text("推荐")
    # The agency reads; to move it is the matchmaker's until both have met.
    expect(page.locator("form[data-role^=move-]")).to_have_count(0)
    keys.picture("recommended-agency")
    return int(page.url.rpartition("/")[2])


def find_on_the_desk(keys: Keys, pair: Pair, key: int) -> None:
    """From the home page to the pairing, which nobody has taken yet."""
    keys.follow(".office a[href='/desk']")
    card = keys.page.locator(f"[data-role=soon] [data-role=pairing][data-key='{key}']")
    expect(card).to_contain_text(pair.title)
    expect(card).to_contain_text("尚未指派")
    keys.picture("desk")
    keys.follow(f"[data-role=soon] [data-role=pairing][data-key='{key}'] .item-title a")
    expect(stage(keys.page)).to_have_text("推荐")
    keys.picture("recommended")


def take_charge(keys: Keys) -> None:
    """The matchmaker takes the pairing over."""
    form = "form[data-role=assign] "
    keys.unfold("details:has(form[data-role=assign]) > summary")
    keys.choose(f"{form}select", "pairing.broker 岗位")
    keys.follow(f"{form}button")
    expect(keys.page.locator(".said")).to_contain_text("已指派")
    expect(keys.page.locator("section[aria-labelledby=h-now]")).not_to_contain_text("尚未指派")


def move(keys: Keys, to: str, label: str, facts: dict[str, str]) -> None:
    """Write the facts of the next stage into its form, send it, and see the stage."""
    role = f"form[data-role=move-{to}] "
    for name, text in facts.items():
        keys.write(f"{role}[name={name}]", text)
    keys.follow(f"{role}button")
    moved(keys, to, label)


def moved(keys: Keys, to: str, label: str) -> None:
    """What the page shows after a move."""
    expect(keys.page.locator(".said")).to_contain_text(f"已推进到“{label}”")
    expect(stage(keys.page)).to_have_text(label)
    reached = keys.page.locator(".steps li", has_text=label)
    expect(reached).to_have_class("step-done" if to == "landed" else "step-now")
    keys.picture(to)


def contact(keys: Keys) -> None:
    """Both sides were called; the next step is written down."""
    step = {"next_step": "约双方到现场看点位", "next_on": day(7), "note": NOTE}
    move(keys, "contacted", "已联系", {"contacted_on": day(), **step})
    expect(keys.page.locator("main")).to_contain_text(step["next_step"])


def agree_and_build(keys: Keys, key: int) -> None:
    """They meet, sign, and start to build."""
    page, signed = keys.page, "form[data-role=move-signed] "
    # The page is as old as the exchange of contacts is young.
    keys.follow(".office a[href='/desk']")
    keys.follow(".desk-tabs a[href='/desk/board']")
    keys.picture("board")
    keys.follow(f"[data-stage=contacted] [data-role=pairing][data-key='{key}'] .item-title a")
    move(keys, "meeting", "洽谈", {"met_on": day()})

    keys.write(f"{signed}[name=amount_wan]", "壹佰壹拾捌万元")
    keys.write(f"{signed}[name=signed_on]", day())
    keys.choose(f"{signed}[name=procurement_route]", "竞争性磋商")
    keys.picture("signing")
    keys.follow(f"{signed}button")
    moved(keys, "signed", "已签约")
    expect(page.locator("main")).to_contain_text("118 万元")
    expect(page.locator("main")).to_contain_text("竞争性磋商")

    move(keys, "building", "建设中", {"started_on": day()})


def land(keys: Keys) -> None:
    """The work is accepted: refused without proof, then with the figure and the file."""
    page, form = keys.page, "form[data-role=move-landed] "
    # From here on the window of the system is kept away: asked for only at the key press, it may come too late.
    page.on("filechooser", lambda _: None)
    for part, text in zip(("name", "planned", "real", "unit"), EFFECT, strict=True):
        keys.write(f"{form}[name=effect_{part}_0]", text)
    keys.tick(f"{form}[name=effect_lower_0]")
    keys.follow(f"{form}button")
    faults = page.locator("[data-role=faults]")
    expect(faults).to_contain_text("“验收日期”：没有填写")
    expect(faults).to_contain_text("“附件”：没有上传")
    keys.picture("landing-refused")

    # The reason leads to its field; what was typed is still there.
    keys.reach("[data-role=faults] a[href='#move-landed-accepted_on']")
    page.keyboard.press("Enter")
    expect(page.locator("#move-landed-accepted_on")).to_be_focused()
    page.keyboard.type(day())
    expect(page.locator(f"{form}[name=effect_real_0]")).to_have_value(EFFECT[2])
    keys.reach(f"{form}[type=file]")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": FILE, "mimeType": "application/pdf", "buffer": PDF})
    keys.picture("landing")
    keys.follow(f"{form}button")
    moved(keys, "landed", "已落地")
    effect = page.locator("[data-role=effect-row]")
    expect(effect).to_contain_text(EFFECT[0])
    expect(effect).to_contain_text("达到")
    expect(page.locator("[data-role=file]")).to_contain_text(FILE)
    expect(page.locator("[data-role=revisit]")).to_have_count(2)


def exchange_contacts(agency: Keys, company: Keys, key: int) -> None:
    """The agency asks, the company agrees, and each sees the other's contact and not its own."""
    page, give = agency.page, "form[data-role=give] "
    page.goto(f"/pairings/{key}")
    page.get_by_role("link", name="联系方式交换").click()
    page.fill(f"{give}[name=purpose]", "约现场踏勘")
    page.fill(f"{give}[name=contact]", CONTACTS["agency"])
    agency.picture("contact-asking")
    page.click(f"{give}button")
    expect(page.locator(".said")).to_contain_text("等待对方同意")
    expect(page.locator("form[data-role=reveal]")).to_have_count(0)
    agency.picture("contact-asked")

    open_notice(company, "联系方式交换")
    expect(company.page.locator("main")).not_to_contain_text("13800000101")
    company.page.fill(f"{give}[name=contact]", CONTACTS["company"])
    company.picture("contact-agreeing")
    company.page.click(f"{give}button")
    expect(company.page.locator(".said")).to_contain_text("双方现在可以查看")

    page.goto(f"/pairings/{key}/contact")
    for keys, own, other in ((agency, "101", "202"), (company, "202", "101")):
        keys.page.click("form[data-role=reveal] button")
        revealed = keys.page.locator("[data-role=revealed]")
        expect(revealed).to_contain_text(f"13800000{other}")
        expect(revealed).to_contain_text(f"027-85550{other}")
        expect(revealed).not_to_contain_text(f"13800000{own}")
        keys.picture("contact-revealed")


def look_behind_the_number(keys: Keys, pair: Pair, key: int) -> None:
    """The matchmaker's line of the funnel, and the needs behind the number of landed ones."""
    page = keys.page
    line = page.locator("table[data-name=matchmaker] [data-role=rate]", has_text="pairing.broker 岗位")
    expect(line.locator("[data-label=已落地]")).to_have_text(re.compile("^1"))
    keys.follow("[data-role=step][data-code=landed] [data-label=需求] a")
    row = page.locator(f"[data-role=need][data-key='{pair.need}']")
    expect(row).to_contain_text(pair.title)
    expect(row).to_contain_text("已落地")
    expect(row.locator(f"a[href='/pairings/{key}']")).to_have_count(1)
    keys.picture("funnel-landed")


def read_of_the_landing(keys: Keys, pair: Pair, key: int) -> None:
    """Both sides are told, and their page of the pairing says the same."""
    open_notice(keys, "进入“已落地”")
    expect(keys.page).to_have_url(re.compile(rf"/pairings/{key}$"))
    expect(stage(keys.page)).to_have_text("已落地")
    expect(keys.page.locator("[data-role=effect-row]")).to_contain_text(EFFECT[0])
    # What the matchmaker wrote for the office alone stays there.
    expect(keys.page.locator("main")).not_to_contain_text(NOTE)
    keys.picture("landed-of-side")


def look_at_the_need(keys: Keys, pair: Pair) -> None:
    """Everyone sees that the need is met."""
    keys.page.goto(f"/opportunities/{pair.need}")
    expect(keys.page.locator(".title-row .tags")).to_contain_text("已验收")
    keys.picture("opportunity")
