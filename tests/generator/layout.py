"""The official drawing of each table as rows of slots with spans; every format writer starts from here."""

from __future__ import annotations

from dataclasses import dataclass

from tests.generator.report import COLUMNS_3, COLUMNS_4, GROUPS_4, Key, MadeReport

NOTE_3 = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
NAMES_3 = {
    "received": "一、本年新收政府信息公开申请数量",
    "carried_in": "二、上年结转政府信息公开申请数量",
    "granted": "（一）予以公开",
    "partial": "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
    "denied.state_secret": "1.属于国家秘密",
    "denied.law_forbids": "2.其他法律行政法规禁止公开",
    "denied.three_securities_one_stability": "3.危及“三安全一稳定”",
    "denied.third_party_rights": "4.保护第三方合法权益",
    "denied.internal_affairs": "5.属于三类内部事务信息",
    "denied.process_information": "6.属于四类过程性信息",
    "denied.enforcement_file": "7.属于行政执法案卷",
    "denied.administrative_inquiry": "8.属于行政查询事项",
    "unavailable.not_held": "1.本机关不掌握相关政府信息",
    "unavailable.needs_creation": "2.没有现成信息需要另行制作",
    "unavailable.still_unclear": "3.补正后申请内容仍不明确",
    "refused.complaint": "1.信访举报投诉类申请",
    "refused.repeated": "2.重复申请",
    "refused.publication": "3.要求提供公开出版物",
    "refused.excessive": "4.无正当理由大量反复申请",
    "refused.confirmation": "5.要求行政机关确认或重新出具已获取信息",
    "other.not_corrected": "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    "other.fee_unpaid": "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    "other.other": "3.其他",
    "other": "（六）其他处理",
    "outcomes_total": "（七）总计",
    "carried_out": "四、结转下年度继续办理",
}
GROUPS_3 = {
    "denied": "（三）不予公开",
    "unavailable": "（四）无法提供",
    "refused": "（五）不予处理",
    "other": "（六）其他处理",
}
HEADS_3 = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
HEADS_4 = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
BLOCKS_2 = {
    "2021": (
        (
            "第二十条第（一）项",
            ("本年制发件数", "本年废止件数", "现行有效件数"),
            {"rules": "规章", "normative_documents": "行政规范性文件"},
        ),
        ("第二十条第（五）项", ("本年处理决定数量",), {"licensing": "行政许可"}),
        ("第二十条第（六）项", ("本年处理决定数量",), {"penalties": "行政处罚", "compulsory_measures": "行政强制"}),
        ("第二十条第（八）项", ("本年收费金额（单位：万元）",), {"fees": "行政事业性收费"}),
    ),
    "2019": (
        (
            "第二十条第（一）项",
            ("本年新制作数量", "本年新公开数量", "对外公开总数量"),
            {"rules": "规章", "normative_documents": "规范性文件"},
        ),
        (
            "第二十条第（五）项",
            ("上一年项目数量", "本年增/减", "处理决定数量"),
            {"licensing": "行政许可", "other_services": "其他对外管理服务事项"},
        ),
        (
            "第二十条第（六）项",
            ("上一年项目数量", "本年增/减", "处理决定数量"),
            {"penalties": "行政处罚", "compulsory_measures": "行政强制"},
        ),
        ("第二十条第（八）项", ("上一年项目数量", "本年增/减"), {"fees": "行政事业性收费"}),
        ("第二十条第（九）项", ("采购项目数量", "采购总金额"), {"procurement": "政府集中采购"}),
    ),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A drawn cell. ``key`` is set for cells that hold a value of the form."""

    text: str
    row_span: int = 1
    column_span: int = 1
    key: Key | None = None


Layout = list[list[Slot]]


def layouts(report: MadeReport) -> dict[int, Layout]:
    """Tables 2, 3 and 4. Rows list only the slots that begin in them, as HTML and Word do."""
    return {2: table_2(report), 3: table_3(report), 4: table_4(report)}


def table_2(report: MadeReport) -> Layout:
    """Four columns wide; a block of fewer columns spreads its last cell over the rest."""
    rows: Layout = []
    for caption, heads, lines in BLOCKS_2[report.edition]:
        rows.append([Slot(caption, column_span=4)])
        rows.append(_spread([Slot("信息内容"), *(Slot(head) for head in heads)], 4))
        for row, label in lines.items():
            keys = [key for key in report.cells if key[:2] == (2, row)]
            rows.append(_spread([Slot(label), *(Slot(report.cells[key], key=key) for key in keys)], 4))
    return rows


def _spread(slots: list[Slot], width: int) -> list[Slot]:
    last = slots[-1]
    return [*slots[:-1], Slot(last.text, 1, width - len(slots) + 1, last.key)]


def table_3(report: MadeReport) -> Layout:
    """Ten columns: three of labels, seven of values; three header rows."""
    body = [row for row in NAMES_3 if (3, row, "total") in report.cells]
    nested = [row for row in body if row not in {"received", "carried_in", "carried_out"}]
    rows: Layout = [
        [Slot(NOTE_3, 3, 3), Slot("申请人情况", 1, 7)],
        [Slot("自然人", 2), Slot("法人或其他组织", 1, 5), Slot("总计", 2)],
        [Slot(head) for head in HEADS_3[1:6]],
    ]
    for row in body:
        labels: list[Slot] = []
        if row not in nested:
            labels = [Slot(NAMES_3[row], 1, 3)]
        else:
            if row == nested[0]:
                labels.append(Slot("三、本年度办理结果", len(nested)))
            group = row.partition(".")[0]
            if "." not in row:
                labels.append(Slot(NAMES_3[row], 1, 2))
            else:
                siblings = [other for other in body if other.startswith(group + ".")]
                if row == siblings[0]:
                    labels.append(Slot(GROUPS_3[group], len(siblings)))
                labels.append(Slot(NAMES_3[row]))
        rows.append(labels + [Slot(report.cells[3, row, c], key=(3, row, c)) for c in COLUMNS_3])
    return rows


def table_4(report: MadeReport) -> Layout:
    """Fifteen columns, three header rows, one row of values."""
    return [
        [Slot("行政复议", 1, 5), Slot("行政诉讼", 1, 10)],
        [*(Slot(head, 2) for head in HEADS_4), Slot("未经复议直接起诉", 1, 5), Slot("复议后起诉", 1, 5)],
        [Slot(head) for head in HEADS_4 * 2],
        [Slot(report.cells[4, g, c], key=(4, g, c)) for g in GROUPS_4 for c in COLUMNS_4],
    ]


def expand(layout: Layout) -> list[list[tuple[Slot, bool]]]:
    """Every slot of the drawing as (slot, True where it begins), for writers that need full rows."""
    grid: list[dict[int, tuple[Slot, bool]]] = [{} for _ in layout]
    for r, row in enumerate(layout):
        c = 0
        for slot in row:
            while c in grid[r]:
                c += 1
            for dr in range(slot.row_span):
                for dc in range(slot.column_span):
                    grid[r + dr][c + dc] = (slot, dr == dc == 0)
            c += slot.column_span
    return [[row[c] for c in sorted(row)] for row in grid]
