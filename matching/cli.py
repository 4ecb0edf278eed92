"""The engine's commands on exchange files: rank, explain, consortium, evaluate, model."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from matching.encoders import load_encoder
from matching.engine import CrossMatch, Engine
from matching.errors import InputError, MatchingError
from matching.evaluation import load_judged_set
from matching.evaluation.measures import evaluate_set
from matching.evaluation.report import as_json, lines
from matching.evaluation.ways import our_scores
from matching.exchange import read_pairs, read_postings
from matching.model import build_default_model
from matching.records import Opportunity, Side, Verdict, VerdictKind
from matching.settings import load_settings
from matching.teams import MAX_MEMBERS


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m matching", description="场景对接的匹配引擎：读两份清单，写出排序、依据与联合体"
    )
    sub = parser.add_subparsers(dest="command", required=True, metavar="命令")
    rank = _with_lists(sub.add_parser("rank", help="为每条机会排出能力，也可反向"))
    rank.add_argument("--out", type=Path, required=True)
    rank.add_argument("--reverse-out", type=Path)
    rank.add_argument("--top", type=_count, default=50, help="每条写出多少个，0 为全部")
    explain = _with_lists(sub.add_parser("explain", help="为给定的配对写出逐条依据"))
    explain.add_argument("--pairs", type=Path, required=True)
    explain.add_argument("--out", type=Path, required=True)
    team = _with_lists(sub.add_parser("consortium", help="为每条机会组合联合体"))
    team.add_argument("--out", type=Path, required=True)
    team.add_argument("--max-members", type=_members, default=MAX_MEMBERS)
    evaluate = sub.add_parser("evaluate", help="用评判集衡量排序与依据")
    evaluate.add_argument("folder", type=Path)
    evaluate.add_argument("--half", choices=("tune", "report"))
    evaluate.add_argument("--json", action="store_true")
    sub.add_parser("model", help="生成并核对默认编码模型")
    return parser


def _with_lists(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--opportunities", type=Path, required=True)
    parser.add_argument("--capabilities", type=Path, required=True)
    return parser


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"“{text}”不是不小于 0 的整数")
    return int(text)


def _members(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 20:
        raise argparse.ArgumentTypeError(f"“{text}”不是 1 到 20 的整数")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 when it was refused (one sentence on standard error)."""
    options = build_parser().parse_args(arguments)
    try:
        _RUN[options.command](options)
    except MatchingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _open() -> Engine:
    settings = load_settings()
    return Engine.open(settings, load_encoder(settings))


def _match(options: argparse.Namespace) -> CrossMatch:
    """Check both files whole, then encode and set them side by side."""
    readings = [
        read_postings(options.opportunities, Side.OPPORTUNITY),
        read_postings(options.capabilities, Side.CAPABILITY),
    ]
    for reading in readings:
        for notice in reading.notices:
            sys.stderr.write(f"提示：{notice}\n")
    engine = _open()
    # Sorted first, so that the order of lines cannot show in any result.
    needs, offers = (engine.prepare(sorted(one.postings, key=lambda posting: posting.id)) for one in readings)
    return engine.match(needs, offers)


def _rank(options: argparse.Namespace) -> None:
    match = _match(options)
    everything = options.top == 0
    table = match.ranker.table(0) if everything else match.table
    needs, offers = match.opportunity_ids, match.capability_ids
    band = match.ranker.model.band
    limit = None if everything else options.top

    def forward() -> Iterable[Sequence[str]]:
        for row, need in enumerate(needs):
            for rank, column in enumerate(table.offers_for(row)[:limit], 1):
                score = round(float(table.score[row, column]), 6)
                yield need, offers[column], str(rank), f"{score:.6f}", str(band(score))

    def backward() -> Iterable[Sequence[str]]:
        for column, offer in enumerate(offers):
            for rank, row in enumerate(table.needs_for(column)[:limit], 1):
                score = round(float(table.score[row, column]), 6)
                yield offer, needs[row], str(rank), f"{score:.6f}", str(band(score))

    _write_table(options.out, ("opportunity_id", "capability_id", "rank", "score", "band"), forward())
    if options.reverse_out:
        _write_table(options.reverse_out, ("capability_id", "opportunity_id", "rank", "score", "band"), backward())


def _explain(options: argparse.Namespace) -> None:
    pairs = read_pairs(options.pairs)
    match = _match(options)
    known = set(match.opportunity_ids), set(match.capability_ids)
    for number, (need, offer) in enumerate(pairs, 2):
        if need not in known[0] or offer not in known[1]:
            unknown = need if need not in known[0] else offer
            raise InputError(str(options.pairs), number, None, f"编号“{unknown}”不在清单中", "两份清单中已有的编号")
    _write_objects(
        options.out,
        (
            {
                "opportunity_id": need,
                "capability_id": offer,
                "verdicts": _listed_verdicts(match, *match.place(need, offer)),
            }
            for need, offer in pairs
        ),
    )


def _listed_verdicts(match: CrossMatch, need: int, offer: int) -> list[dict[str, Any]]:
    posting = match.ranker.needs.rows[need].posting
    count = len(posting.requirements) if isinstance(posting, Opportunity) else 0
    found = {one.requirement: one for one in match.verdicts(need, offer)} if match.has_requirements(need) else {}
    silent = [Verdict(place, VerdictKind.UNCLEAR, 0.0) for place in range(count)]
    return [_verdict(found.get(one.requirement, one)) for one in silent]


def _verdict(verdict: Verdict) -> dict[str, Any]:
    passage = verdict.passage
    return {
        "requirement": verdict.requirement,
        "verdict": str(verdict.kind),
        "source": passage.source if passage else None,
        "index": passage.index if passage else None,
        "text": passage.text if passage else None,
        "score": round(verdict.score, 6),
    }


def _consortium(options: argparse.Namespace) -> None:
    match = _match(options)
    teams = (match.team(row, options.max_members) for row in range(len(match.opportunity_ids)))
    _write_objects(
        options.out,
        (
            {
                "opportunity_id": team.opportunity_id,
                "team": list(team.members),
                "covered": list(team.covered),
                "uncovered": list(team.uncovered),
            }
            for team in teams
        ),
    )


def _evaluate(options: argparse.Namespace) -> None:
    judged = load_judged_set(options.folder)
    if options.half and not judged.halves:
        raise InputError(str(options.folder / "split.tsv"), None, None, "没有分半文件", "有 split.tsv 才能用 --half")
    engine = _open()
    match = engine.match(engine.prepare(judged.opportunities), engine.prepare(judged.capabilities))
    result = evaluate_set(judged, match, our_scores(match), options.half)
    text = json.dumps(as_json(result), ensure_ascii=False, indent=1) if options.json else "\n".join(lines(result))
    sys.stdout.write(text + "\n")


def _model(_: argparse.Namespace) -> None:
    folder = build_default_model(load_settings(), _say)
    sys.stdout.write(f"默认编码模型已就绪：{folder}\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    _write(path, ("\t".join(row) + "\n" for row in (header, *rows)))


def _write_objects(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    _write(path, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _write(path: Path, lines_: Iterable[str]) -> None:
    """Write aside and swap: a refused or broken run leaves no half file."""
    if not path.parent.is_dir():
        raise InputError(str(path), None, None, "所在文件夹不存在", "已有文件夹中的文件名")
    aside = path.with_name(path.name + ".new")
    with aside.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines_)
    os.replace(aside, path)


_RUN = {"rank": _rank, "explain": _explain, "consortium": _consortium, "evaluate": _evaluate, "model": _model}
