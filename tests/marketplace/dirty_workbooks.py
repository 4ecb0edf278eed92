"""Makes the workbooks offices really send: each function writes one, with one or more traps, and returns the path."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlwt
from docx import Document
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

BUREAU = "示例区城市管理执法局（示例）"
WATER = "示例区水务和湖泊局（示例）"
POLICE = "示例市公安局（示例）"
FIRM = "武汉楚光智感科技有限公司（示例）"
OTHER_FIRM = "武汉示例机器人有限公司（示例）"
PHONE = "027-00000000"


def _new(rows: Sequence[Sequence[Any]], title: str = "Sheet1") -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    _write(sheet, rows)
    return book, sheet


def _write(sheet: Worksheet, rows: Sequence[Sequence[Any]]) -> None:
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(number, column, value)


def _saved(book: Workbook, path: Path) -> Path:
    book.save(path)
    return path


def title_rows(folder: Path) -> Path:
    """Two title rows, one merged, above the header; a note below the list; headers by other names."""
    book, sheet = _new([
        ["示例区2026年第一批应用场景机会清单"],
        ["填报单位：示例区科经局（示例）", None, None, None, None, "单位：万元"],
        ["序号", "应用场景名称", "责任单位", "应用领域", "场景简介", "预计投入（万元）", "期望完成时间"],
        [1, "渣土车夜间撒漏自动识别", BUREAU, "智慧城市", "夜间人工抽查发现率低。", "300", "2027年6月底"],
        [2, "湖泊蓝藻早期预警", WATER, "生态环保", "蓝藻水华靠人工巡湖发现。", "3000–5000万", "24个月"],
        ["注：以上预算以财政批复为准。"],
    ])  # fmt: skip
    sheet.merge_cells("A1:G1")
    return _saved(book, folder / "标题行.xlsx")


def merged_cells(folder: Path) -> Path:
    """Field and organisation merged downwards; one need spread over three rows by its merged name."""
    book, sheet = _new([
        ["领域", "发布单位", "场景名称", "需求条目", "预算"],
        ["智慧城市", BUREAU, "窨井盖缺失移位自动发现", "移位后15分钟内告警", "120万元"],
        [None, None, None, "电池使用不少于5年", None],
        [None, None, None, "数据部署在区政务云", None],
        [None, None, "背街小巷垃圾满溢提醒", "满溢识别率不低于90%", "面议"],
        ["智慧水务", WATER, "排涝泵站少人值守", "远程启停成功率不低于99%", "1.44亿"],
    ])  # fmt: skip
    for area in ("A2:A5", "B2:B5", "C2:C4", "E2:E4"):
        sheet.merge_cells(area)
    return _saved(book, folder / "合并单元格.xlsx")


def old_workbook(folder: Path) -> Path:
    """An OLE2 workbook under the name .xlsx: a title row, several rows a firm, its name only on the first."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("能力清单")
    rows = [
        ["示例街道场景能力清单"],
        ["序号", "公司名称", "企业与产品简介", "场景能力", "可应用落地场景", "类别", "企业资质"],
        [1, FIRM, "感知终端企业。", "窨井状态感知终端", "1.市政井盖\n2.管廊", "②人工智能、智能终端", "高新技术企业"],
        [2, None, "感知终端企业。", "积水点水位监测终端", "①下穿通道；②地下车库", "②人工智能、智能终端", None],
        [3, OTHER_FIRM, "机器人整机企业。", "管网清淤机器人", "排水管网清淤", "①智能装备", "专精特新"],
    ]  # fmt: skip
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)
    path = folder / "能力清单.xlsx"
    book.save(str(path))
    return path


def gbk_csv(folder: Path) -> Path:
    """A GBK file with the three-part need of a 揭榜挂帅 form; money as written."""
    text = (
        "榜单名称,技术领域,需求单位,联系人/电话,技术难点,技术指标,研究内容,预计投入(万元),期望完成时间\n"
        "水稻叶瘟早期识别,智慧农业,示例农高区管委会（示例）,李四 13800000000,病斑早期肉眼难辨,"
        '"1.识别率≥90%\n2.单株耗时不超过2秒",叶片多光谱特征提取,1.44亿,2027-12-31\n'
        f"冷链断链自动追责,智慧物流,示例农高区管委会（示例）,{PHONE},断链点难以确定,"
        "温度漂移不大于0.5℃,全程温度可信存证,自筹,长期\n"
    )
    path = folder / "榜单.csv"
    path.write_bytes(text.encode("gb18030"))
    return path


def bom_csv(folder: Path) -> Path:
    """UTF-8 with BOM and semicolons; one row without a name, one with an impossible day and an unknown sum."""
    text = (
        "编号;场景名称;发布单位;所在区域;预算;截止日期\n"
        f"A-1;校门口拥堵疏导;{BUREAU};潜江市区;50万元以上;2027/2/28\n"
        f"A-2;;{BUREAU};武汉市江夏区;20万;2027-01-01\n"
        f"A-3;夜市油烟在线监测;{BUREAU};武汉市江夏区;若干;2027/2/30\n"
    )
    path = folder / "街道.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    return path


def word_table(folder: Path) -> Path:
    """A docx with one table whose first column is merged over two rows."""
    document = Document()
    document.add_paragraph("示例市2026年第一批低空经济应用场景机会清单")
    rows = [
        ["场景类型", "序号", "场景机会名称", "单位名称", "合作需求", "联系方式"],
        ["低空安全保障", "1", "大型活动低空安保", POLICE, "联合建设", PHONE],
        ["", "2", "高架桥违停无人机取证", POLICE, "试用验证", "王五 13800000001"],
        ["低空物流", "3", "血液制品无人机转运", "示例市中心血站（示例）", "联合建设", PHONE],
    ]
    table = document.add_table(len(rows), len(rows[0]))
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    merged = table.cell(1, 0).merge(table.cell(2, 0))
    merged.text = "低空安全保障"
    path = folder / "低空.docx"
    document.save(str(path))
    return path


def json_lines(folder: Path) -> Path:
    """Lines of the exchange format, a list item that looks numbered, extras, and one broken maturity."""
    rows = [
        {"id": "NL-1", "title": "水下声呐成像", "company": OTHER_FIRM, "domains": ["智慧水务"], "maturity": 8,
         "features": ["1.5米内成像清晰", "续航2小时"], "cases": [], "year": 2026,
         "extra": {"service_area": "全国", "sales": "直销"}},
        {"id": "NL-2", "title": "桥梁巡检机器人", "company": OTHER_FIRM, "maturity": 12},
    ]  # fmt: skip
    path = folder / "能力.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def two_sheets(folder: Path) -> Path:
    """The list on the second sheet, instructions on the first, an old version hidden on the third."""
    book, _ = _new([["填写说明"], ["场景名称", "一句话说清要解决什么"], ["预算", "可写范围"]], "填写说明")
    _write(book.create_sheet("机会清单"), [
        ["场景名称", "发布单位", "截止日期", "预算"],
        ["园区无人配送", BUREAU, "2026年三季度", "100万元以内"],
    ])  # fmt: skip
    hidden = book.create_sheet("旧版")
    _write(hidden, [["场景名称", "发布单位"], ["旧场景", BUREAU]])
    hidden.sheet_state = "hidden"
    return _saved(book, folder / "两张表.xlsx")


def totals(folder: Path) -> Path:
    """Section headings, subtotals, a header repeated on each page, empty rows, a total with a note."""
    head = ["序号", "场景名称", "发布单位", "预算（万元）"]
    book, _ = _new([
        head,
        ["一、城市治理"],
        [1, "违建无人机巡查", BUREAU, 80],
        [2, "合计费用智能核算", BUREAU, 60],
        ["小计", None, None, 140],
        [],
        head,
        ["二、水务"],
        [3, "河道漂浮物自动打捞", WATER, "2,500"],
        [None, None, None, None],
        ["合计", "3项", None, 2640],
        ["填报人：", None, "审核人：", None],
    ])  # fmt: skip
    return _saved(book, folder / "合计.xlsx")


def hidden_columns(folder: Path) -> Path:
    """A hidden column of names and mobile numbers under a header nobody knows; a harmless one beside it."""
    book, sheet = _new([
        ["场景名称", "发布单位", "内部跟进", "考核口径", "场景描述"],
        ["公厕异味联动排风", BUREAU, "张三 13800000002", "季度", "氨气超标后人工开风机。"],
        ["路灯单灯故障定位", BUREAU, "李四 13800000003", "年度", "靠市民投诉发现灭灯。"],
    ])  # fmt: skip
    sheet.column_dimensions["C"].hidden = True
    return _saved(book, folder / "隐藏列.xlsx")


def traditional(folder: Path) -> Path:
    """Traditional headers and texts, full-width figures, letters and brackets, blanks inside headers."""
    book, _ = _new([
        ["場 景 名 稱", "發佈單位", "領域", "背景與問題", "預算（萬元）", "截止日期"],
        ["橋樑裂縫自動識別", "示例區住建局（示例）", "智慧城市", "人工巡檢。", "３００", "２０２７－０６－０３"],
        ["工地塔吊AI防碰撞", "示例區住建局（示例）", "智能建造", "群塔作業靠人喊。", "1亿2000萬", "二〇二七年六月三日"],
    ])  # fmt: skip
    return _saved(book, folder / "繁體.xlsx")


def serial_dates(folder: Path) -> Path:
    """Days as serial numbers, as day cells and as text; sums in 元 under a header that says so."""
    book, sheet = _new([
        ["项目名称", "业主单位", "投资额（元）", "计划完成时间"],
        ["污水厂曝气节能", WATER, 3_000_000, 46387],
        ["管网水质在线监测", WATER, "1,200,000", date(2027, 3, 31)],
        ["供水漏损定位", WATER, "80万元", "46387"],
    ])  # fmt: skip
    sheet["D2"].number_format = "General"
    return _saved(book, folder / "日期.xlsx")


def personal_data(folder: Path) -> Path:
    """Mobile numbers and names inside public texts, in the office phone, and where they belong."""
    book, _ = _new([
        ["场景名称", "发布单位", "背景", "联系电话", "联系人"],
        ["早餐车点位管理", BUREAU, "占道问题反复，详情请致电 138 0000 0004。", PHONE, None],
        ["共享单车潮汐调度", BUREAU, "早晚高峰淤积。", "13800000005", "赵六"],
        ["犬只登记核验", BUREAU, "联系人：孙七，邮箱 sun@example.cn", PHONE, None],
    ])  # fmt: skip
    return _saved(book, folder / "个人信息.xlsx")


def wrong_header(folder: Path) -> Path:
    """A list of firms: no column says what the scene is."""
    book, _ = _new([
        ["企业名称", "注册资本（万元）", "员工人数", "经营异常", "所在地"],
        [FIRM, 500, 35, "无", "武汉市东湖高新区"],
    ])  # fmt: skip
    return _saved(book, folder / "工商信息.xlsx")


def duplicates(folder: Path) -> Path:
    """An id twice, one need under two ids, one reworded, one of another office that only shares the name."""
    text = "雨后积水时看不见井口，去年有两起非机动车摔伤，巡查员每周走一遍仍有漏报。"
    book, _ = _new([
        ["编号", "场景名称", "发布单位", "背景"],
        ["D-1", "窨井盖缺失移位自动发现", BUREAU, text],
        ["D-2", "排口水质异常溯源", WATER, "排口夜间偷排，取样时已过境。"],
        ["D-1", "早高峰学校周边疏堵", BUREAU, "家长车辆集中停靠。"],
        ["D-3", "窨井盖缺失移位自动发现", BUREAU, "井盖丢失后上报慢。"],
        ["D-4", "窨井盖缺失、移位的自动发现", "示例区市政中心（示例）", text.replace("巡查员", "巡查人员")],
        ["D-5", "排口水质异常溯源", "外区水务局（示例）", "工业园区雨污混接点多，晴天也有出流。"],
    ])  # fmt: skip
    return _saved(book, folder / "重复.xlsx")


def formulas(folder: Path) -> Path:
    """Formulas with the values they showed, one that failed, text that begins like one, a command in a cell."""
    book, _ = _new([
        ["编号", "场景名称", "发布单位", "背景", "预算（万元）"],
        ["F-1", "渣土消纳场量方", BUREAU, "人工量方误差大。", "=SUM(100,200)"],
        ["F-2", "=cmd|' /C calc'!A0", BUREAU, "表格中的外部调用。", 10],
        ["F-3", "消防通道占用识别", BUREAU, "#REF!", 30],
        ["F-4", "井下有限空间监护", BUREAU, "-5℃以下仍需作业。", 40],
    ])  # fmt: skip
    path = _saved(book, folder / "公式.xlsx")
    shown = {"SUM(100,200)": "300"}
    return _with_values(path, shown)


def _with_values(path: Path, shown: dict[str, str]) -> Path:
    """Give the formulas of a workbook the values a spreadsheet program would have left beside them."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    text = parts[name].decode()

    def fill(found: re.Match[str]) -> str:
        value = shown.get(found.group(1))
        return f"<f>{found.group(1)}</f>" + (f"<v>{value}</v>" if value else "")

    parts[name] = re.sub(r"<f>(.*?)</f><v\s*/?>(?:</v>)?", fill, text).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


def many_items(folder: Path) -> Path:
    """Ids with leading zeros and ids as numbers; cells of many lines, one with more items than are allowed."""
    items = "\n".join(f"{number}. 第{number}项功能可现场验证" for number in range(1, 23))
    book, _ = _new([
        ["编号", "场景名称", "发布单位", "技术要求"],
        ["007", "泵站机组振动诊断", WATER, "一、提前3天预警\n二、误报率低于5%\n三、支持国产操作系统"],
        [8, "水库大坝位移监测", WATER, "①测量精度1.5毫米；②断网可存30天；③无人值守"],
        ["009", "灌区闸门联控", WATER, items],
        ["010", "供水管网爆管定位", WATER, "• 定位误差不大于10米\n• 响应时间小于1分钟"],
    ])  # fmt: skip
    return _saved(book, folder / "多行.xlsx")


def two_line_header(folder: Path) -> Path:
    """A header of two lines with groups merged over their columns, and columns merged over both lines."""
    book, sheet = _new([
        ["2026年场景需求征集表"],
        ["序号", "需求名称", "需求单位", "需求内容", None, "资金", None],
        [None, None, None, "存在问题", "技术指标", "预算（万元）", "资金来源"],
        [1, "古树名木健康监测", "示例区园林局（示例）", "倒伏无预警", "倾角精度0.1度", 45, "部分落实"],
        [2, "公园客流承载预警", "示例区园林局（示例）", "节假日拥挤", "客流误差不超过5%", "不超过60万", "看情况"],
    ])  # fmt: skip
    for area in ("A1:G1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:G2"):
        sheet.merge_cells(area)
    return _saved(book, folder / "两行表头.xlsx")
