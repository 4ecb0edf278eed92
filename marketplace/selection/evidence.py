"""What speaks for a case, as its dossier shows it: gates and evidence, kept word for word when the year is frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from secrets import token_hex
from typing import Any

from marketplace.benchmarks.canonical import canonical, digest_of
from marketplace.pages import Gate
from marketplace.records import mask_personal
from marketplace.selection.cases import Case
from marketplace.selection.documents import documents_of
from marketplace.selection.flags import flag_view
from marketplace.selection.masking import masked_deep
from marketplace.selection.record import ranked_cases
from marketplace.selection.rights import Year
from marketplace.store import Database
from marketplace.store.benchmark_flags import landed_facts, load_flags
from marketplace.store.benchmark_years import insert_dossier, load_dossiers
from marketplace.store.pairing_events import load_pairing_files

_NOT_KEPT = "公布时没有随结果固定"
_BROKEN = "与公布时的校验值不符，不予显示"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The gates of a case and what proves it, as (label, words)."""

    gates: tuple[Gate, ...]
    words: tuple[tuple[str, str], ...]


def evidence_now(db: Database, year: Year, case: Case) -> Evidence:
    """Return what speaks for a case as it stands now, without personal data."""
    flags = load_flags(db, year=year.number, landing_id=case.row.landing_id)
    return Evidence(flag_view(flags[0], year.sheet).gates if flags else (), _words(db, year, case))


def keep_evidence(db: Database, year: Year, *, salted: bool = True) -> dict[int, str]:
    """Keep inside a transaction what speaks for every case of a year about to be frozen; return the hashes by number.

    It is kept beside the record, not in it: the record is public, and evidence is so only of the cases that are chosen.
    """
    digests = {}
    # Nobody finds out by trying what hides behind the hash of a case that was not chosen.
    salt = token_hex(16) if salted else ""
    for case in ranked_cases(db, year.number):
        found = evidence_now(db, year, case)
        text = canonical({"salt": salt, "gates": [asdict(gate) for gate in found.gates], "words": found.words})
        insert_dossier(db, year.number, case.row.number, text)
        digests[case.row.number] = digest_of(text)
    return digests


def evidence_kept(db: Database, year: int, frozen: Mapping[str, Any]) -> Evidence:
    """Return what spoke for a case of a frozen record when it was frozen; never what stands there now."""
    text, digest = load_dossiers(db, year).get(frozen["number"], ""), frozen.get("evidence")
    if digest is None or digest_of(text) != digest:
        return Evidence((), (("条件与证明", _NOT_KEPT if digest is None else _BROKEN),))
    kept = json.loads(text)
    gates = tuple(Gate(**gate) for gate in kept["gates"])
    return Evidence(gates, tuple((label, said) for label, said in kept["words"]))


def broken_evidence(db: Database, record: Mapping[str, Any]) -> list[int]:
    """Return the cases of a frozen record whose evidence is not what was hashed."""
    kept = load_dossiers(db, record["year"])
    return [
        one["number"] for one in record["cases"]
        if "evidence" in one and digest_of(kept.get(one["number"], "")) != one["evidence"]
    ]  # fmt: skip


def _words(db: Database, year: Year, case: Case) -> tuple[tuple[str, str], ...]:
    landing = masked_deep(case.landing)
    report = landing.get("user_report") or {}
    who = "，".join(filter(None, (report.get("unit"), report.get("date"))))
    key = case.row.landing_id.removeprefix("DJ-")
    files = load_pairing_files(db, int(key)) if key.isdigit() else []
    places = landing.get("replications")
    attached = [f"{one.document}：{'、'.join(file.name for file in one.files)}"
                for one in documents_of(db, year.sheet, case.row.key) if one.files]  # fmt: skip
    return (
        ("用户单位使用报告", f"{report['text']}（{who}）" if report.get("text") else "缺材料"),
        ("检测或测试报告", landing.get("test_report") or "缺材料"),
        ("复制推广", "；".join(places) if places else "登记为没有复制" if places == [] else "未登记"),
        ("回访", _revisits(db, case.row.landing_id, landing)),
        ("对接附件", "、".join(mask_personal(one.name) for one in files) or "无"),
        ("申报材料", "；".join(attached) or "无"),
        ("数据核实意见", mask_personal(case.row.facts) or "—"),
    )


def _revisits(db: Database, landing_id: str, landing: Mapping[str, Any]) -> str:
    told = [f"{landing['revisit_on']} 确认仍在使用"] if landing.get("revisit_on") else []
    told += [f"{one.stopped_on} 已停用" for one in landed_facts(db, [landing_id]) if one.stopped_on]
    return "；".join(told) or "缺材料"
