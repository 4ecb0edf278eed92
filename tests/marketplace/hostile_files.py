"""Makes the files no reader likes: attacks, damage, wrong names, old formats. Each function returns the path."""

from __future__ import annotations

import binascii
import datetime
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlwt

from marketplace.workbooks.reading.compound import read_compound, write_compound

MIB = 1024 * 1024
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Format 0 is plain, 1 a date, 2 a date with the time of day.
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="22"/></cellXfs></styleSheet>'
)


def worksheet(rows: str | Iterable[str], after: str = "", prolog: str = "") -> bytes:
    """The XML of a worksheet with these `<row>` elements."""
    body = rows if isinstance(rows, str) else "".join(rows)
    return (f'{_HEAD}{prolog}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{after}</worksheet>').encode()


def row(number: int, *values: str) -> str:
    """A `<row>` of inline texts, from column A on."""
    cells = "".join(
        f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        for n, value in enumerate(values)
    )
    return f'<row r="{number}">{cells}</row>'


def book_parts(
    sheets: Mapping[str, bytes], *, texts: bytes | None = None, hidden: Iterable[str] = (), old_mac: bool = False
) -> dict[str, bytes]:
    """The parts of an xlsx by name."""
    listed, related, typed = "", "", ""
    parts: dict[str, bytes] = {}
    for number, (name, content) in enumerate(sheets.items(), 1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>'
        related += f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
        typed += f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kind}"/>'
        parts[f"xl/worksheets/sheet{number}.xml"] = content
    for name, kind in (("styles", "styles"), ("sharedStrings", "sharedStrings"))[: 2 if texts else 1]:
        related += f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{name}.xml"/>'
        typed += (
            f'<Override PartName="/xl/{name}.xml" '
            f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        )
    if texts:
        parts["xl/sharedStrings.xml"] = texts
    first = '<workbookPr date1904="1"/>' if old_mac else ""
    root = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>{typed}</Types>'
        ).encode(),
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{root}</Relationships>'.encode(),
        "xl/workbook.xml": (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{first}<sheets>{listed}</sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
        ).encode(),
        "xl/styles.xml": _STYLES.encode(),
        **parts,
    }


def pack(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def xlsx(path: Path, sheets: Mapping[str, bytes], extra: Mapping[str, bytes] | None = None, **values: Any) -> Path:
    return pack(path, book_parts(sheets, **values) | dict(extra or {}))


def shared_texts(*texts: str) -> bytes:
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return f'{_HEAD}<sst xmlns="{_MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{items}</sst>'.encode()


def plain_xlsx(folder: Path, name: str = "清单.xlsx") -> Path:
    return xlsx(folder / name, {"清单": worksheet(row(1, "名称", "单位") + row(2, "泵站巡检", "水务集团（示例）"))})


# Attacks


def zip_bomb(folder: Path) -> Path:
    """A sheet of 100 MB of nothing in 100 KB."""
    return xlsx(folder / "bomb.xlsx", {"清单": worksheet(row(1, "a") + " " * (100 * MIB))})


def huge_claim(folder: Path) -> Path:
    """Twelve parts said to be 50 MB each, none of them odd for its packed size."""
    path = xlsx(folder / "claim.xlsx", {"清单": worksheet(row(1, "a"))}, {f"xl/media/{n}.bin": b"x" for n in range(12)})
    raw = bytearray(path.read_bytes())
    for place in _directory_entries(raw):
        if b"media" in raw[place + 46 : place + 80]:
            struct.pack_into("<II", raw, place + 20, MIB, 50 * MIB)
    path.write_bytes(raw)
    return path


def lying_zip(folder: Path) -> Path:
    """300 MB of cells declared as 1 MB, with a checksum that fits the first megabyte."""
    head, cell = worksheet("")[: -len("</sheetData></worksheet>")], b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    content = head + cell * (300 * MIB // len(cell)) + b"</sheetData></worksheet>"
    path = xlsx(folder / "lying.xlsx", {"清单": content})
    raw = bytearray(path.read_bytes())
    declared = struct.pack("<II", 0, MIB)
    check = struct.pack("<I", binascii.crc32(content[:MIB]))
    for place in _directory_entries(raw):
        if b"sheet1.xml" in raw[place + 46 : place + 80]:
            local = struct.unpack_from("<I", raw, place + 42)[0]
            raw[place + 16 : place + 20] = raw[local + 14 : local + 18] = check
            raw[place + 24 : place + 28] = raw[local + 22 : local + 26] = declared[4:]
    path.write_bytes(raw)
    return path


def _directory_entries(raw: bytearray) -> list[int]:
    places, place = [], raw.find(b"PK\x01\x02")
    while place >= 0:
        places.append(place)
        place = raw.find(b"PK\x01\x02", place + 1)
    return places


def many_entries(folder: Path) -> Path:
    path = folder / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(6_000):
            archive.writestr(f"{number}.zip", b"")
    return path


def billion_laughs(folder: Path, part: str = "xl/worksheets/sheet1.xml") -> Path:
    """Entities that unfold to gigabytes, in any part that is read."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<!DOCTYPE x [<!ENTITY a0 "哈">{entities}]>'
    parts = book_parts({"清单": worksheet(row(1, "名称"))}, texts=shared_texts("名称"))
    parts[part] = parts[part].replace(_HEAD.encode(), (_HEAD + prolog).encode()).replace("名称".encode(), b"&a9;")
    return pack(folder / "laughs.xlsx", parts)


def amplified_text(folder: Path) -> Path:
    """One text of a million letters, shown by five thousand cells."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 5_001))
    return xlsx(folder / "amplified.xlsx", {"清单": worksheet(rows)}, texts=shared_texts(" " * 20_000 + "字" * MIB))


def long_tag(folder: Path) -> Path:
    """A tag that does not end for 30 MB, of letters that pack badly."""
    letters = bytes(random.Random(1).choices(b"abcdefghij", k=MIB)) * 30
    return xlsx(
        folder / "tag.xlsx", {"清单": worksheet("").replace(b"<sheetData>", b'<sheetData x="' + letters + b'">')}
    )


def merged_everything(folder: Path) -> Path:
    after = '<mergeCells count="1"><mergeCell ref="A1:GR1048576"/></mergeCells>'
    far = '<row r="1048576"><c r="GR1048576" t="inlineStr"><is><t>远</t></is></c></row>'
    return xlsx(folder / "merged.xlsx", {"清单": worksheet(row(1, "名称") + far, after)})


def too_big(folder: Path) -> Path:
    """60 MB that take no room on the disk."""
    path = folder / "big.xlsx"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(60 * MIB)
    return path


# Sheets that are large in claim or in truth


def million_empty_rows(folder: Path) -> Path:
    """1,000,000 formatted rows, three of them with content."""
    filled = {1: ("名称", "单位"), 2: ("泵站巡检", "水务集团（示例）"), 500_000: ("路口感知", "交管中心（示例）")}
    rows = (
        row(n, *filled[n])
        if n in filled
        else f'<row r="{n}" spans="1:3" ht="{n % 97}.5"><c r="A{n}" s="1"/><c r="B{n}" s="{n % 3}"/></row>'
        for n in range(1, 1_000_001)
    )
    return xlsx(folder / "million.xlsx", {"清单": worksheet(rows)})


def last_row(folder: Path) -> Path:
    """Content in row 1 and, 40 columns wide, in the very last row of a sheet, with a date and an error."""
    far = "".join(
        f'<c r="{name}1048576" {rest}</c>'
        for name, rest in (
            ("A", 't="inlineStr"><is><t>末行</t></is>'),
            ("B", 's="1"><v>46143</v>'),
            ("C", 't="e"><v>#REF!</v>'),
            ("AN", "><v>7</v>"),
        )
    )
    return xlsx(folder / "far.xlsx", {"清单": worksheet(f'{row(1, "名称")}<row r="1048576">{far}</row>')})


def many_rows(folder: Path, count: int) -> Path:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, count + 1))
    return xlsx(folder / f"rows{count}.xlsx", {"清单": worksheet(rows)})


def one_cell(folder: Path, place: str) -> Path:
    number = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return xlsx(folder / f"{place}.xlsx", {"清单": worksheet(f'<row r="{number}"><c r="{place}"><v>1</v></c></row>')})


# Formulas


def with_formulas(folder: Path) -> Path:
    """A sum, a program call with a stored value, one without, an error, and a text that only looks like one."""
    cells = (
        '<c r="A1"><f>1+2</f><v>3</v></c>'
        '<c r="B1" t="str"><f>cmd|\' /C calc\'!A0</f><v>显示的字</v></c>'
        "<c r=\"C1\"><f>cmd|' /C calc'!A0</f></c>"
        '<c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="E1" t="inlineStr"><is><t>=cmd|\' /C calc\'!A0</t></is></c>'
        '<c r="F1" t="str"><f>IF(1,"")</f><v></v></c>'
        '<c r="G1" t="b"><v>1</v></c>'
    )
    return xlsx(folder / "formulas.xlsx", {"清单": worksheet(f'<row r="1">{cells}</row>')})


# Damage, passwords, wrong names


def truncated(path: Path, share: float = 0.6) -> Path:
    raw = path.read_bytes()
    shorter = path.with_stem(path.stem + "-cut")
    shorter.write_bytes(raw[: int(len(raw) * share)])
    return shorter


def password_xlsx(folder: Path) -> Path:
    path = folder / "password.xlsx"
    path.write_bytes(write_compound("EncryptedPackage", random.Random(1).randbytes(9_000)).getvalue())
    return path


def old_xls(folder: Path, name: str = "旧表.xlsx") -> Path:
    """An old workbook under a new name: texts, numbers, a date, a merged area, a formula, an error, a hidden sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("清单")
    sheet.write_merge(0, 0, 0, 2, "场景清单")
    for column, text in enumerate(("名称", "预算", "日期")):
        sheet.write(1, column, text)
    sheet.write(2, 0, "泵站巡检")
    sheet.write(2, 1, 120)
    sheet.write(2, 2, datetime.date(2026, 5, 1), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sheet.write(3, 0, "字" * 9_000)  # runs on over two records
    sheet.write(3, 1, 0.5)
    sheet.write(3, 2, True)
    sheet.write(4, 0, "0012")
    sheet.row(4).set_cell_error(1, 0x2A)
    sheet.write(4, 2, xlwt.Formula("1+2"))
    book.add_sheet("底稿").visibility = 1
    book.get_sheet(1).write(0, 0, "不给人看")
    book.save(str(folder / name))
    return folder / name


def changed_stream(path: Path, change: Any) -> Path:
    """An old workbook with its stream changed by a function of a bytearray."""
    name, stream, _ = read_compound(path)
    path.write_bytes(write_compound(name, bytes(change(bytearray(stream)))).getvalue())
    return path


def records(stream: bytearray) -> list[tuple[int, int, int]]:
    """Place, number and length of the records of an old workbook's stream."""
    found, place = [], 0
    while place + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, place)
        found.append((place, number, length))
        place += 4 + length
    return found


def password_xls(folder: Path) -> Path:
    """A write-access record turned into the one that says the rest is encrypted."""

    def change(stream: bytearray) -> bytearray:
        place = next(place for place, number, _ in records(stream) if number == 0x005C)
        struct.pack_into("<H", stream, place, 0x002F)
        return stream

    return changed_stream(old_xls(folder, "password.xls"), change)


def looping_compound(folder: Path) -> Path:
    """An OLE2 whose table claims four billion sectors of tables."""
    path = old_xls(folder, "loop.xls")
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, 44, 0xFFFFFFF0)
    path.write_bytes(raw)
    return path


def old_document(folder: Path) -> Path:
    path = folder / "需求.doc"
    path.write_bytes(write_compound("WordDocument", b"x" * 5_000).getvalue())
    return path


# Word


def docx_document(body: str) -> bytes:
    return f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'.encode()


def docx(path: Path, body: str, extra: Mapping[str, bytes] | None = None) -> Path:
    root = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    parts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"/>'.encode(),
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{root}</Relationships>'.encode(),
        "word/document.xml": docx_document(body),
    }
    return pack(path, parts | dict(extra or {}))


def damaged_forms(path: Path, count: int, seed: int) -> Iterable[bytes]:
    """The file again and again, with a few bytes changed each time; the parts of a zip are changed unpacked."""
    chance = random.Random(seed)
    raw = path.read_bytes()
    parts = {}
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(count):
        if parts and chance.random() < 0.7:
            name = chance.choice(list(parts))
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=zlib.Z_BEST_SPEED) as archive:
                for other, content in parts.items():
                    archive.writestr(other, _changed(content, chance) if other == name else content)
            yield file.getvalue()
        else:
            yield _changed(raw, chance)


def _changed(raw: bytes, chance: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(changed))
        if chance.random() < 0.1:
            del changed[place : place + chance.randint(1, 40)]
        else:
            changed[place] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256), ord("9")))
        if not changed:
            return b"\0"
    return bytes(changed)
