"""Parses the marketplace's commands, runs one, and turns refusals into a sentence and exit code 2."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from marketplace import commands
from marketplace.accounts.commands import add_account_parser
from marketplace.errors import MarketError
from marketplace.settings import load_market_settings
from matching import MatchingError

KINDS = ("opportunities", "capabilities", "landings", "rounds")
FORMATS = ("jsonl", "xlsx", "csv", "sqlite")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="python -m marketplace", description="场景对接：清单的导入、匹配与维护")
    sub = parser.add_subparsers(dest="command", required=True, metavar="命令")
    sub.add_parser("init", help="建立或升级数据库")
    take = sub.add_parser("import", help="导入清单（JSON 行、xlsx、xls、csv、docx），并更新受影响的匹配")
    take.add_argument("file", type=Path)
    take.add_argument("--kind", choices=KINDS, help="从字段看不出是哪份清单时指明")
    take.add_argument("--sheet", default="", help="表格有多张表时指明表名或序号（JSON 行不用）")
    take.add_argument("--good-rows", action="store_true", help="表格有问题行时只导入没有问题的行")
    take.add_argument("--keep-twins", action="store_true", help="表格中疑似重复的行也导入")
    back = sub.add_parser("withdraw", help="撤回一条机会或能力")
    back.add_argument("id")
    back.add_argument("--kind", choices=KINDS[:2], help="两份清单有相同编号时指明")
    back.add_argument("--undo", action="store_true", help="取消撤回，重新公开")
    out = sub.add_parser("export", help="导出清单")
    out.add_argument("--kind", choices=KINDS[:2], required=True)
    out.add_argument("--format", choices=FORMATS, required=True)
    out.add_argument("--out", type=Path, required=True)
    taught = sub.add_parser("training-export", help="把对接结果、评价和更正导出为训练数据")
    taught.add_argument("--out", type=Path, required=True)
    sub.add_parser("match", help="重新统计并匹配全部清单；模型更换后会先重新编码")
    sub.add_parser("work", help="运行后台任务进程，直到停止")
    sub.add_parser("status", help="显示数量、模型与索引状态")
    save = sub.add_parser("backup", help="备份数据库到一个文件")
    save.add_argument("file", type=Path)
    load = sub.add_parser("restore", help="用备份文件替换数据库（原库另存）")
    load.add_argument("file", type=Path)
    sub.add_parser("check", help="检查数据是否完整、一致")
    add_account_parser(sub)
    return parser


def main(arguments: Sequence[str] | None = None, write: Callable[[str], None] | None = None) -> int:
    """Run one command; return 0, 1 when ``check`` found faults, or 2 when it was refused."""
    options = build_parser().parse_args(arguments)
    say = write or _print
    try:
        settings = load_market_settings()
        return commands.run(options, settings, say)
    except (MarketError, MatchingError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
