"""Numbers that a report states in its narrative: what was counted, how many, with the clause that says so.

One mechanism for all: numbers with a unit are found in a sentence, and the words before and after decide the topic by
the rules of ``parsers/data/statements.csv``, in their order. A number that no rule knows is kept under ``other``.
Phrases such as 未收到…申请 state a zero. Calendar years, document and article numbers, hotline names and everything
inside quotation marks are no measures.

Every mention is kept with its own clause, also the second mention of the same number; ``distinct`` counts each once.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from parsers.reports import divisions, numerals
from parsers.reports.model import Section, Statement

LONGEST_SENTENCE = 2_000  # characters; what follows is read as another sentence
MOST_STATEMENTS = 2_000  # of one report; the longest narratives seen have a tenth of it
NEAR = 60  # characters before a number that belong to it
LONGEST_DENIAL = 120  # characters of a clause that denies something
MOST_SECTIONS = 500

# 条(次) is 条次; 个 before 月, 工作日 or 方面 counts nothing that is a measure; 人大, 件事, 条例 are words
UNIT = re.compile(
    r"(?:(?P<percent>%|个百分点)"
    r"|(?P<unit>万元|亿元|元(?!旦|素)|余?人次|余?条次|件次|篇次|场次|批次|户次|台次"
    r"|条(?!例|款|件|线|龙|规)|件(?!事)|份(?!额)|篇(?!章)|期(?!间|限|望|货)|次(?!性|日|年|数|月|要)"
    r"|个(?!月|工作日|自然日|小时|百分点|方面|环节|维度|层面|步骤|阶段|统一|坚持|结合|到位|明确|严格|加强|不|必|人|季度|年度|字)"
    r"|项(?!目标)|起(?!草|来|到|步|止|点|码|始)|宗(?!旨|教)|人(?!大|民|均|工|社|才|员|口|力)|名(?!单|称|义)|位(?!置|列|于)|场(?!所|馆|景)"
    r"|部(?!门|署|分|委|长)|家(?!庭|长)|处(?!理|室|置|罚|级|长)|台(?!账)|块|版(?!本|面)|则|批(?!准|复|示|评)|户(?!籍|口)|封|例(?!如|行|外|会)"
    r"|张|册|幅|面(?!向|对|临|积)|轮(?!训)|类(?!别|型|似)|支|组(?!织|长|成)|种|字))(?P<times>\((?:次|余|件|条)\))?"
)
QUALIFIER_BEFORE = re.compile(
    r"(?:(?P<word>超过|超出|超|逾|将近|接近|近|大约|约|不足|不少于|至少|多达|突破)(?:了|为|达)?)$"
)
NO_QUALIFIER = re.compile(r"(?:[节预公契签条制违]约|附近|最近|远近|临近)$")  # 预约3次, 最近5期
QUALIFIER_AFTER = re.compile(r"(?:余|多|几)")
QUALIFIER_BEHIND = re.compile(r"(?P<word>以上|以内|以下|左右|之多|有余|上下|余(?=[,。;、)]|$))")
# 第20次, 每周1次, 同1个, 十五届人大二次会议; 20-30条 and 3/4 are no single numbers
BARRED_BEFORE = re.compile(
    r"(?:第|每|同|某|逐|任|首|下|另|这|该|上)$|届[^,。;]{0,8}$|[0-9a-zA-Z][-/·.~]$|[-~—]$|[a-zA-Z]$"
)
BARRED_AFTER = re.compile(r"[-~—/·:][0-9]|[a-zA-Z]|[、][一二三四五六七八九十]")
BARE_END = re.compile(r"(?:余|多)?(?:[,、。;:)!]|以上|左右|$)")
# what is counted by such small words: 收到申请一件, 培训两次
COUNTED_IN_WORDS = re.compile(
    r"requests|reconsideration|litigation|complaints|accountability|training|meetings|staff|press|platform|interpretation"
    r"|documents\.normative|checks"
)
# a number in words is a measure only where a topic knows it: 一个窗口, 两个责任主体, 一次办好
BARE_SCALES = frozenset("百千万")  # 上百, 近千
SMALL_WORDS = frozenset("一二两三四五六七八九十")
IDIOM = re.compile(
    r"(?:窗口|平台|主体|体系|方向|目标|原则|重点|办好|办成|到底|告知|抓|盘棋|张网|站|把手|体化|公开|审|校|级|定)"
)
SHORTEST_CUT = 18  # characters of a line that can go on behind a page break; headings are shorter
ITEM = re.compile(
    r"[（(][一二三四五六七八九十]|[一二三四五六七八九十]{1,2}[、是]|第[一二三四五六七八九十]|[0-9]{1,2}[、.．]"
)
SENTENCE = re.compile(r"[^。!?！？\n]{1,2000}[。!?！？\n]*")
CLAUSE_MARK = re.compile(r"[，；。！？;!?\n]|,(?![0-9]{3}(?![0-9]))")
QUOTED = re.compile(r"[“\"‘《『「][^”\"’》』」“《]{0,80}[”\"’》』」]")
WORTH = re.compile(r"[0-9０-９零〇一二两三四五六七八九十百千万]|未|没有|无|不存在|均")
CONTINUES = re.compile(r"^(?:其中|包括|分别|含|内有|具体)")
BRACKETED = re.compile(r"\([^()]{0,30}\)")
# 力争公开率达到95%以上, 计划开展培训3次 are no measures; 公开规划计划12条 is one
GOAL = re.compile(
    r"力争|争取|预计|不低于|不超过|不得|原则上|(?:(?<![规工])计划|拟|(?<![即])将)(?:再|新|于|在|年内)?"
    r"(?:开展|组织|举办|召开|公开|发布|新增|新建|完成|培训)"
)
PART_MARK = re.compile(r"其中|包括|包含|内有|分别|内含|含(?!转发|义)|主要(?:有|是|为)|具体(?:为|是)?")
SHARE = re.compile(r"占[^,。;]{0,20}$")  # 占37.5%: the share of what was counted before
# 比2023年的896条增加11.94%: the figure of the year before
LAST_FIGURE = re.compile(
    r"(?:较|比|与|和|于)(?:去年|上年|上一年|上年度|往年|[0-9]{4}年)(?:度)?(?:同期)?(?:的|为)(?:[^,。;0-9]{0,6})$"
)
# 办结215件: of the applications that the sentence before has counted
ANSWERS = re.compile(r"^(?:其中|全年|均?已|共计?|累计|按时|按期|全部|依法)*(?:办结|答复|办理)")
BOTH_CASES = re.compile(r"复议(?:案件)?[、和及与或](?:行政)?诉讼")  # 行政复议、行政诉讼0件
YEAR_ON_YEAR = re.compile(r"同比|环比|(?:较|比|与)(?:去年|上年|上一年|上年度|往年|[0-9]{4}年)(?:度)?(?:同期)?(?:相比)?")
FALLS = re.compile(r"下降|减少|降低|回落|下滑|减|降|少")
RISES = re.compile(r"增|升|上涨|提高|提升|多|长")
MANY_CHANNELS = re.compile(r"等[^,。;]{0,10}(?:平台|渠道|方式|形式|载体|途径|媒体)")
CHANNELS = (
    ("site", re.compile(r"网站|门户网|官网|政务网|(?:公开|教育|惠民|[县区市局])网(?![友民络格点上])")),
    ("media", re.compile(r"微信(?!视频)|公众号")),
    ("media", re.compile(r"微博")),
    ("media", re.compile(r"视频号|抖音|快手|新媒体")),
    ("board", re.compile(r"公示栏|宣传栏|公告栏|公开栏|电子屏|LED|显示屏")),
    ("press", re.compile(r"报纸|报刊|电视|广播|公报")),
)
# 未收到, 没有产生, 无收取, 尚未发生; not 如未收到, 确保不发生, 无正当理由
NEGATION = re.compile(
    r"(?<![如若对凡因防免保绝从])(?:(?:均|尚|暂|也|还|都|从|亦)?未(?:曾|有)?|没有|无|未有|不存在|不曾)"
    r"(?:再|新|主动|直接)?(?!经)(?P<verb>收到|接到|接收|收取|受理|发生|产生|出现|引发|涉及|接获|存在|因|有|被)?"
)
OBJECTS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    # topic, unit of the zero, object of the negation
    ("fee.information_processing", "元", re.compile(r"处理费|(?:收取|产生|收到).{0,24}(?:费用|费)|收费")),
    ("reconsideration.cases", "件", re.compile(r"复议")),
    ("litigation.cases", "件", re.compile(r"诉讼")),
    ("accountability.cases", "起", re.compile(r"责任追究|追究|问责|追责")),
    ("complaints.received", "件", re.compile(r"举报|投诉|申诉")),
    ("requests.received", "件", re.compile(r"申请(?!复议|行政复议)|依申请公开")),
)
# 实现依申请公开零申请、零投诉; not 二零一九
NOUGHT = re.compile(r"(?<![0-9一二三四五六七八九十百千万〇零])零(?P<what>申请|受理|复议|诉讼|投诉|举报|追责|问责|收费)")
SOME_REQUESTS = re.compile(r"逾期|超期|超时|延期|不予|补正|答复|撤回|驳回|重复|申请(?:人(?!提[出交]|递交|向)|表)")
CARRIED = re.compile(r"(?P<out>结转(?:至|到)?(?:下|次|明)|转入下)|结转|转办|上年|上一年|去年")
NEEDS_VERB = re.compile(
    r"^[^,，。;；]{0,50}(?:情况|行为|事件|案件|现象|问题|申请|费|诉讼|复议|投诉|举报|追究|追责|问责)"
)
# 均已办结, 全部按期答复: as many as were received
ALL_ANSWERED = re.compile(
    r"(?:均|全部|都|已全)(?:(?:已|按|依|在|及|全|部|予|进)[^,。;]{0,24})?(?:答复|办结|办理完毕|回复)"
)
# 103期267条: the second number has no words of its own
CONTINUED = {"disclosed.wechat_issues": "disclosed.wechat"}
# a clause that only says through what: 通过…, 利用政府网站,
CHANNEL_CLAUSE = re.compile(r"(?:通过|利用|依托|运用|借助|在)[^,;:]{2,40}[,;:]$")
# 政务新媒体3个，全年发布信息1.2万条: what is published behind the accounts is theirs
ACCOUNTS = re.compile(r"新媒体|公众号|微博|视频号|账号")
BY_ACCOUNTS = re.compile(r"(?:发布|推送|更新|发文)[^,。;公开]{0,8}$")
# 收到书面申请11份 with no total before it is the total; 收到网络申请5件、信函申请3件 are two channels
TAKEN_IN = re.compile(r"(?:收到|收悉|受理|接到|接收)[^,。;:]{0,20}$")
ANOTHER = re.compile(
    r"[、,;和及(][^,。;、]{0,10}(?:申请|网|信函|邮|当面|现场|窗口|传真|线[上下]|口头|书面|自然人|公民|法人|企业|组织)"
)
# 公开水利信息211条，其中…: the first information that is divided into parts is the whole
DIVIDED = re.compile(r"[,:]?(?:其中|包括|包含|内有|分别)|:")
INFORMATION = re.compile(r"(?:公开|发布)[^,。;:]{0,10}信息(?:共|共计)?$")
SUM = re.compile(r"^[,、;:](?:以上)?(?:共计|总计|合计|共)(?:公开)?(?:信息)?$")  # 96条、1205条，共计1301条
# topics of a number that stands in a list of parts without words that say more
PLAIN = frozenset({"", "disclosed.category", "disclosed.total"})
# topics that are never a mere part of the total before them
STRONG = re.compile(
    r"^(?:disclosed\.(?:website|wechat|wechat_issues|weibo|video|new_media|boards)|new_media\.|requests\.|reconsideration|litigation|fee|"
    r"documents|media\.|.*_pct$|hotline\.(?:closed|received)$|disclosed\.total_yoy)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    topic: str
    units: frozenset[str]
    near: re.Pattern[str]
    far: re.Pattern[str]
    next: re.Pattern[str]
    bare: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A statement and the total of which it is a part (its position among the found ones)."""

    statement: Statement
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit in a folded sentence."""

    start: int
    end: int
    value: int | float
    unit: str
    qualifier: str
    small: bool
    """一 to 十 in words: a measure only where a topic knows it, else an idiom (一个窗口)."""


@dataclass(slots=True)
class Scope:
    """What earlier numbers mean for the next: the totals that are open, the last topic, whether a list is open."""

    heading: str
    before: str = ""
    """The sentence that this one continues."""
    root: int | None = None
    channel: int | None = None
    last: str = ""
    last_unit: str = ""
    listing: bool = False
    received: Statement | None = None


@cache
def rules() -> tuple[Rule, ...]:
    with files("parsers.data").joinpath("statements.csv").open(encoding="utf-8") as stream:
        return tuple(
            Rule(
                row["topic"],
                frozenset(row["unit"].split("|")),
                re.compile(row["near"]),
                re.compile(row["far"]),
                re.compile(row["next"]),
                bool(row["bare"]),
            )
            for row in csv.DictReader(stream)
        )


@cache
def _rules_for(unit: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules() if (unit in rule.units if unit else rule.bare))


def read(sections: Sequence[Section]) -> tuple[Statement, ...]:
    """Every number stated in the sections, in their order."""
    return tuple(
        item.statement if item.total is None else replace(item.statement, part_of=item.total + 1)
        for item in _all(sections)
    )


def distinct(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Each fact once: a later mention of the same topic, value, unit and qualifier is the same fact.

    Parts are the same only where the same words stand before the number: 养老服务2条、公开年报2条 are two.
    """
    seen: dict[tuple[str, float, str, str, str], Statement] = {}
    times: Counter[tuple[str, str, str, float]] = Counter()
    for item in statements:
        label = ""
        if item.topic.endswith((".category", ".part", "other")):
            place = (item.section, item.quote, item.topic, item.value)
            label = _label(item, times[place])
            times[place] += 1
        seen.setdefault((item.topic, item.value, item.unit, item.qualifier, label), item)
    return tuple(seen.values())


def _label(item: Statement, time: int) -> str:
    """What a part counts: the last words before its number in the clause, of several equal numbers the one meant."""
    before = re.findall(rf"([\u4e00-\u9fff]{{0,6}})[ ]*{item.value:.12g}(?![0-9.])", item.quote)
    return before[time] if time < len(before) else f"{item.quote} {time}"


def parts(sections: Sequence[Section]) -> tuple[tuple[Statement, tuple[Statement, ...]], ...]:
    """Totals with their parts (其中, 包括, or listed behind the total), for the check that parts sum to the total."""
    found = _all(sections)
    groups: dict[int, list[Statement]] = {}
    for item in found:
        if item.total is not None and item.statement.unit == found[item.total].statement.unit:
            groups.setdefault(item.total, []).append(item.statement)
    return tuple((found[total].statement, tuple(items)) for total, items in groups.items())


def _all(sections: Sequence[Section]) -> list[Found]:
    found: list[Found] = []
    for section, text in _own_texts(sections):
        scope = Scope(heading=divisions.fold(section.heading[:NEAR]))
        for sentence in SENTENCE.findall(_joined(text)):
            if len(found) >= MOST_STATEMENTS:
                return found
            if WORTH.search(sentence):
                scope = _sentence(sentence, section.number, scope, found)
    return found


def _own_texts(sections: Sequence[Section]) -> Iterator[tuple[Section, str]]:
    """Each section with the text that belongs to none of its sub-sections, in reading order."""
    for section in sections[:MOST_SECTIONS]:
        text = section.text
        for child in sections[:MOST_SECTIONS]:
            if child.number.startswith(f"{section.number}.") and child.text:
                text = _without(text, child.text)
        yield section, text


def _without(text: str, part: str) -> str:
    if part in text:
        return text.replace(part, "\n", 1)
    lines = {line.strip() for line in part.split("\n") if line.strip()}
    return "\n".join(line for line in text.split("\n") if not any(line.strip().endswith(own) for own in lines))


def _joined(text: str) -> str:
    """Join lines that a page cut in the middle of a sentence; a short line without a full stop is a heading."""
    whole: list[str] = []
    for line in text.replace("**", "").split("\n"):
        line = line.strip()
        if line and whole and _is_cut(whole[-1]) and not ITEM.match(line):
            whole[-1] += line
        elif line:
            whole.append(line)
    return "\n".join(whole)


def _is_cut(line: str) -> bool:
    return line[-1].isdigit() or (len(line) >= SHORTEST_CUT and line[-1] not in "。！？；：:;!?")


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the place in the text."""
    variants = divisions.variants()
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = character if "\u4e00" <= character <= "\u9fff" else unicodedata.normalize("NFKC", character)
        for single in plain:
            kept = variants.get(ord(single), single)
            if kept:
                characters.append(kept)
                places.append(place)
    places.append(len(text))
    return "".join(characters), places


def _sentence(sentence: str, section: str, scope: Scope, found: list[Found]) -> Scope:
    """Read one sentence; the scope of the one before goes on only where the sentence continues it (其中…)."""
    text, places = _fold(sentence)
    if not CONTINUES.match(text):
        goes_on = scope.received is not None and ANSWERS.match(text)
        scope = Scope(scope.heading, before=scope.before if goes_on else "", received=scope.received)
    masked = QUOTED.sub(lambda match: "“" * len(match[0]), text)
    text = QUOTED.sub(_words_of, text)
    zeros = list(_zeros(masked))
    events: list[tuple[int, Number | tuple[str, str]]] = [(start, (topic, unit)) for start, _, topic, unit in zeros]
    spans = [(start, end) for start, end, _, _ in zeros]
    numbers = [item for item in _numbers(masked) if not any(start <= item.start < end for start, end in spans)]
    events += [(item.start, item) for item in numbers]
    events.sort(key=lambda event: event[0])
    previous, earlier = 0, len(found)
    for position, event in events:
        if isinstance(event, tuple):
            quote = _quote(sentence, places[position])
            found.append(Found(Statement(event[0], 0, event[1], "", quote, section)))
            continue
        quote = _quote(sentence, places[event.start])
        _place(text, event, previous, quote, section, scope, found)
        previous = event.end
    if not any(item.statement.topic == "requests.answered" for item in found[earlier:]):
        _answered_all(masked, sentence, places, section, scope, found)
    scope.before = masked[-300:]
    return scope


def _words_of(quoted: re.Match[str]) -> str:
    """What a quotation tells of a topic: “两微一端” all but digits, a document's title only its last word (简报)."""
    words = quoted[0]
    if words[0] in '“"‘':
        return re.sub(r"[0-9]", "“", words)
    return "“" * max(0, len(words) - 3) + words[-3:]


def _quote(sentence: str, place: int) -> str:
    """The clause around a place of the sentence, as it is written."""
    start, end = 0, len(sentence)
    for mark in CLAUSE_MARK.finditer(sentence):
        if mark.end() <= place:
            start = mark.end()
        elif mark.start() >= place:
            end = mark.start()
            break
    return re.sub(r"[ \t]*\n[ \t]*", "", sentence[start:end]).strip()


def _zeros(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Negated phrases: start, end, topic and unit. One phrase may deny two things (行政复议、行政诉讼)."""
    for nought in NOUGHT.finditer(text):
        if nought["what"] == "受理":  # 依申请公开零受理
            if "申请" in text[max(0, nought.start() - 12) : nought.start()]:
                yield nought.start(), nought.end(), "requests.received", "件"
            continue
        topic, unit = next((topic, unit) for topic, unit, pattern in OBJECTS if pattern.search(nought["what"]))
        yield nought.start(), nought.end(), topic, unit
    position = 0
    while (match := NEGATION.search(text, position)) is not None:
        position = match.end()
        end = min([place for mark in ",。;!" if (place := text.find(mark, match.end())) >= 0], default=len(text))
        end = min(end, match.start() + LONGEST_DENIAL)
        words = text[match.start() : end]
        if not match["verb"] and not NEEDS_VERB.match(text[match.end() : end + 1]):
            continue
        topics = [(topic, unit) for topic, unit, pattern in OBJECTS if pattern.search(words)]
        topics = _denied(topics, words)
        for topic, unit in topics:
            yield match.start(), end, topic, unit
        position = end if topics else position


def _denied(topics: list[tuple[str, str]], words: str) -> list[tuple[str, str]]:
    """Of several objects in one phrase the thing denied: 未发生因信息公开申请提起的复议 denies reviews.

    没有上年结转的申请 denies carried ones, and 没有逾期答复的申请 nothing that is counted here.
    """
    names = [topic for topic, _ in topics]
    if "fee.information_processing" in names:
        return [item for item in topics if item[0].startswith("fee")]
    if names == ["requests.received"]:
        if SOME_REQUESTS.search(words):
            return []
        carried = CARRIED.search(words)
        return [(f"requests.carried_{'out' if carried['out'] else 'in'}", "件")] if carried else topics
    kept = [item for item in topics if item[0] != "requests.received"]
    if any(item[0].startswith(("reconsideration", "litigation")) for item in kept):
        kept = [item for item in kept if item[0] != "complaints.received" or len(kept) > 2]
    return kept


def _numbers(text: str) -> Iterator[Number]:
    """Numbers that may be measures: with a unit, or at the end of a clause without one, which only some topics take."""
    for number in numerals.find(text):
        written = text[number.start : number.end]
        if BARRED_BEFORE.search(text[max(0, number.start - 12) : number.start]) and written not in BARE_SCALES:
            continue
        end = number.end
        qualifier = number.inner
        if (after := QUALIFIER_AFTER.match(text, end)) is not None:
            qualifier, end = after[0], after.end()
        before = text[max(0, number.start - 8) : number.start]
        if (word := QUALIFIER_BEFORE.search(before)) is not None and not NO_QUALIFIER.search(before):
            qualifier = word["word"]
        elif before.endswith("上") and written in BARE_SCALES:
            qualifier = "上"
        unit = UNIT.match(text, end)
        if unit is None:
            if not written[0].isdecimal() or BARRED_AFTER.match(text, end) or not BARE_END.match(text, number.end):
                continue
            if (behind := QUALIFIER_BEHIND.match(text, end)) is not None:
                qualifier = qualifier or behind["word"]
            yield Number(number.start, end, number.value, "", qualifier, False)
            continue
        name = "%" if unit["percent"] else unit["unit"].removeprefix("余")
        if unit["times"] == "(次)":
            name += "次"
        end = unit.end()
        if (behind := QUALIFIER_BEHIND.match(text, end)) is not None:
            qualifier, end = qualifier or behind["word"], behind.end()
        small = written in SMALL_WORDS
        if small and IDIOM.match(text, end):
            continue
        yield Number(number.start, end, number.value, name, qualifier, small)


def _place(
    text: str, number: Number, previous: int, quote: str, section: str, scope: Scope, found: list[Found]
) -> None:
    """Give one number its topic and its total, and keep what it means for the numbers after it."""
    near = QUALIFIER_BEFORE.sub("", text[max(previous, number.start - NEAR) : number.start])
    if GOAL.search(re.split(r"[,;。]", near)[-1]):
        return
    alone = not near.strip("、,和及;共") and previous > 0
    if alone:  # 20余万字、300多条: the words stand before the number in front
        near = re.split(r"[,;。]", text[max(0, previous - NEAR) : previous].rstrip("、,;"))[-1] + near
    if LAST_FIGURE.search(near):
        found.append(Found(Statement("other", number.value, number.unit, number.qualifier, quote, section)))
        scope.last = "requests.received_yoy" if scope.last.startswith("requests") else "disclosed.total_yoy"
        return
    _open_or_close(near, scope)
    topic, sign = _decide(text, number, near, alone, scope, found)
    if (number.small and not COUNTED_IN_WORDS.match(topic)) or not (topic or number.unit):
        return
    value = sign * number.value
    statement = Statement(topic or "other", value, number.unit, number.qualifier, quote, section)
    total = _total_of(statement, scope, found)
    found.append(Found(statement, total))
    if topic == "reconsideration.cases" and BOTH_CASES.search(near):
        found.append(Found(replace(statement, topic="litigation.cases")))
    _remember(statement, len(found) - 1, scope)


def _open_or_close(near: str, scope: Scope) -> None:
    """其中 opens a list of parts; a semicolon ends the parts of one channel, not those of the whole."""
    if PART_MARK.search(BRACKETED.sub("", near)) or (near.startswith(":") and scope.root is not None):
        scope.listing = True
    elif re.search(r"[;；]", near):
        scope.listing = scope.root is not None and scope.listing
        scope.channel = None


def _decide(text: str, number: Number, near: str, alone: bool, scope: Scope, found: list[Found]) -> tuple[str, int]:
    """The topic of a number in its surroundings, empty when nothing tells it, and the sign of its value."""
    far = f"{scope.heading},{scope.before}{text[max(0, number.start - 300) : number.start]}"
    following = re.split(r"[,。;、)]", text[number.end : number.end + 30], maxsplit=1)[0]
    own = _topic(number, near, far, following)
    change = _change(near, following, scope.last, number)
    if change:
        return change
    if number.unit == "%" and scope.last and SHARE.search(near):
        return scope.last, 1
    if alone and scope.last in CONTINUED:
        return CONTINUED[scope.last], 1
    lone = scope.root is None or found[scope.root].statement.topic == "disclosed.category"
    if lone and scope.last == "disclosed.category" and SUM.search(near) and number.unit == scope.last_unit:
        return "disclosed.total", 1
    if scope.root is not None and _is_part(own, near, scope, number, found):
        return _part_topic(found[scope.root if scope.channel is None else scope.channel].statement.topic), 1
    if own == "disclosed.category" and scope.root is None and _is_divided(text, number, near, found):
        return "disclosed.total", 1
    if own == "requests.by_channel" and scope.received is None and _is_whole(text, number, near):
        return "requests.received", 1
    if own == "disclosed.total" and scope.last == "platform.items" and _by_accounts(text, number, near):
        return "disclosed.new_media", 1
    if own == "disclosed.total" and scope.root is None and PART_MARK.search(near):
        return "disclosed.category", 1
    return own, 1


def _is_divided(text: str, number: Number, near: str, found: list[Found]) -> bool:
    if PART_MARK.search(near) or not INFORMATION.search(near) or not DIVIDED.match(text, number.end):
        return False
    return all(item.statement.topic != "disclosed.total" for item in found)


def _is_whole(text: str, number: Number, near: str) -> bool:
    """Whether a number of applications of one kind is all that came in: no list of kinds before or behind it."""
    if number.unit == "%" or PART_MARK.search(near) or ANOTHER.match(text, number.end):
        return False
    return TAKEN_IN.search(near) is not None


def _by_accounts(text: str, number: Number, near: str) -> bool:
    clauses = re.split(r"[,。;]", text[max(0, number.start - NEAR) : number.start])
    return len(clauses) > 1 and ACCOUNTS.search(clauses[-2]) is not None and BY_ACCOUNTS.search(near) is not None


def _topic(number: Number, near: str, far: str, following: str) -> str:
    """The topic by the rules, from the number's own clause; from the clauses before it only where that says nothing.

    利用政府网站，公开信息205条 is the website's although the channel stands in the clause before.
    """
    clause = re.split(r"[,;:]", near)[-1]
    topic = _matching(number, clause, far, following)
    if number.small or clause == near or (topic and topic not in ("disclosed.total", "disclosed.category")):
        return topic
    before = CHANNEL_CLAUSE.search(near[: len(near) - len(clause)])
    if topic and not before:
        return topic
    wider = _matching(number, near, far, following)
    return wider if not topic or wider.startswith("disclosed.") else topic


def _matching(number: Number, near: str, far: str, following: str) -> str:
    for rule in _rules_for(number.unit):
        if rule.near.search(near) and rule.far.search(far) and rule.next.search(following):
            return _channels(rule.topic, near)
    return ""


def _channels(topic: str, near: str) -> str:
    if topic == "disclosed.new_media" and CHANNELS[0][1].search(near):
        return "disclosed.total"  # 门户网站、微信、微博等渠道
    if topic not in ("disclosed.website", "disclosed.wechat", "disclosed.weibo", "disclosed.video", "disclosed.boards"):
        return topic
    used = [kind for kind, pattern in CHANNELS if pattern.search(near)]
    if MANY_CHANNELS.search(near) and not re.search(r"(?:视频|微信|微博|网站)[^,]{0,6}$", near):
        return "disclosed.total"
    if len(set(used)) > 1:
        return "disclosed.total" if not near.rstrip("共为达").endswith("视频") else topic
    return topic


def _change(near: str, following: str, last: str, number: Number) -> tuple[str, int] | None:
    """Topic and sign of a change against the year before: 同比增长75.2% is +, 较去年回落12.3% is -."""
    clause = re.split(r"[,。;]", near)[-1]
    goes_on = number.unit == "%" and last.endswith("_yoy")  # 比2022年增加39条，增长24.5%
    if not (goes_on or YEAR_ON_YEAR.search(clause)) or not (FALLS.search(clause) or RISES.search(clause)):
        return None
    words = YEAR_ON_YEAR.split(clause)[-1] + following
    sign = -1 if FALLS.search(words) and not re.search(r"增|升", words) else 1
    subject = "requests" if last.startswith("requests") or "申请" in near else "disclosed"
    base = "requests.received_yoy" if subject == "requests" else "disclosed.total_yoy"
    if (
        last
        and not goes_on
        and not last.startswith(("disclosed", "requests"))
        and "申请" not in near
        and "公开" not in near
    ):
        base = f"{last.removesuffix('_pct')}_yoy"
    return (f"{base}_pct" if number.unit == "%" else base), sign


def _is_part(own: str, near: str, scope: Scope, number: Number, found: list[Found]) -> bool:
    """Whether the number is one part of the open total: listed behind 其中, or next in a row of parts."""
    if number.unit in ("%", "元", "万元", ""):
        return False
    if own and STRONG.match(own) and not near.rstrip("共有为").endswith("类"):
        total = found[scope.root or 0] if scope.channel is None else found[scope.channel]
        return own == total.statement.topic and PART_MARK.search(near) is not None
    if scope.listing:
        return not (near[:1] in (";", "；") and own not in PLAIN and not own.startswith("disclosed"))
    if own == "disclosed.total" and found[scope.root or 0].statement.topic == "disclosed.category":
        return False  # 公开服务事项26项，发布信息133条: a lone part has no parts
    in_a_row = near.startswith("、") and number.unit == scope.last_unit
    return (in_a_row or own in PLAIN) and scope.last.endswith((".category", ".part"))


def _part_topic(total: str) -> str:
    family = total.split(".", maxsplit=1)[0]
    if family in ("disclosed", "hotline"):
        return f"{family}.category"
    return f"{total.removesuffix('.part')}.part"


def _total_of(statement: Statement, scope: Scope, found: list[Found]) -> int | None:
    """The total that a statement is a part of; channels behind 其中 are parts of the first total."""
    if statement.topic.endswith((".category", ".part")):
        return scope.root if scope.channel is None else scope.channel
    if scope.root is None or not scope.listing:
        return None
    total = found[scope.root].statement
    same = statement.topic.split(".")[0] == total.topic.split(".")[0] and not statement.topic.endswith("_pct")
    return scope.root if same and statement.topic != total.topic and not statement.topic.endswith("yoy") else None


def _remember(statement: Statement, position: int, scope: Scope) -> None:
    topic = statement.topic
    scope.last, scope.last_unit = topic, statement.unit
    if topic == "requests.received":
        scope.received = statement
    is_part = topic.endswith((".category", ".part"))
    if topic.endswith(("_pct", "_yoy")) or topic == "other" or (is_part and scope.root is not None):
        return
    if scope.root is None or not scope.listing:
        scope.root, scope.channel, scope.listing = position, None, False
    elif STRONG.match(topic):
        scope.channel = position


def _answered_all(text: str, sentence: str, places: list[int], section: str, scope: Scope, found: list[Found]) -> None:
    """均已办结 behind a number of applications states that as many were answered."""
    match = ALL_ANSWERED.search(text)
    if match is None or scope.received is None or not scope.received.value:
        return
    if re.search(r"[0-9]", text[match.start() : match.end()]) or "申请" not in text + scope.received.quote:
        return
    quote = _quote(sentence, places[match.start()])
    answered = replace(scope.received, topic="requests.answered", quote=quote, section=section)
    found.append(Found(answered))
    scope.received = None
