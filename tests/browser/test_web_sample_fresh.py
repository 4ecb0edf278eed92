"""What is taken in or taken back by a command is right on the next page view of every worker.

These tests change postings of the shared site that no other test looks at.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from sample_site import SampleSite, sample

pytestmark = pytest.mark.model


def test_a_changed_posting_is_right_in_every_worker(sample_site: SampleSite, tmp_path: Path) -> None:
    before = sample("opportunities", "JH-2026-027")
    title, requirement = "竹栈道面板十年不霉不裂", "露天铺设十年，霉变面积不超过百分之三"
    after = before | {"title": title, "requirements": [requirement, *before["requirements"][1:]]}
    key, offer = sample_site.key(before["id"]), sample_site.key("NL-2026-053")
    detail, counterpart = f"/opportunities/{key}", f"/capabilities/{offer}?top=50"
    listed, found = f"/opportunities?domain={quote(before['domain'])}", f"/search?q={quote(title)}"
    with sample_site.workers() as workers:
        for worker in workers:
            for path in (detail, counterpart, listed, f"/search?q={quote(before['title'])}"):
                assert before["title"] in worker.get(path)[1]
            assert title not in worker.get(found)[1].replace(f"“{title}”", "").replace(f'value="{title}"', "")

    line = tmp_path / "changed.jsonl"
    line.write_text(json.dumps(after, ensure_ascii=False) + "\n", encoding="utf-8")
    assert "更新 1" in sample_site.market("import", str(line))

    with sample_site.workers() as workers:
        for worker in workers:
            assert all(words in worker.get(detail)[1] for words in (title, requirement))
            assert requirement in worker.get(f"/pairs/{key}/{offer}")[1]
            for path in (detail, counterpart, listed):
                text = worker.get(path)[1]
                assert title in text
                assert before["title"] not in text
                assert "匹配结果正在更新" not in text
            cards = worker.get(found)[1].split('data-role="card"')
            assert f'data-key="{key}"' in cards[1]
            health = json.loads(worker.get("/healthz")[1])
            assert (health["status"], health["changes_behind"]) == ("ok", 0)


def test_a_withdrawn_posting_is_gone_from_every_worker(sample_site: SampleSite) -> None:
    posting = sample("opportunities", "JH-2026-074")
    key, offer = sample_site.key(posting["id"]), sample_site.key("NL-2026-192")
    own = {f"/opportunities/{key}": 200, f"/pairs/{key}/{offer}": 200}
    elsewhere = (
        f"/opportunities?domain={quote(posting['domain'])}",
        f"/capabilities/{offer}?top=50",
        f"/search?q={quote(posting['title'])}",
    )
    with sample_site.workers() as workers:
        for worker in workers:
            assert {path: worker.get(path)[0] for path in own} == own
            assert all(f'href="/opportunities/{key}"' in worker.get(path)[1] for path in elsewhere)
            count = json.loads(worker.get("/healthz")[1])["opportunities"]

    sample_site.market("withdraw", posting["id"])

    with sample_site.workers() as workers:
        for worker in workers:
            assert {path: worker.get(path)[0] for path in own} == dict.fromkeys(own, 410)
            for path in elsewhere:
                status, text = worker.get(path)
                assert status == 200
                assert f"/opportunities/{key}" not in text
            assert json.loads(worker.get("/healthz")[1])["opportunities"] == count - 1
