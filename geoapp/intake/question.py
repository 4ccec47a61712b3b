"""What of a text may be asked abroad: the words that say where, without anybody's name, number or flat.

A text is somebody's, and a geocoder is a stranger. So nothing is sent but one piece of it, from where its place begins
to where it ends; a text in which no word ends a place (路, 大厦, 号, Street) is not asked about at all. Private numbers
are taken out, and so is whoever is named as a person: after 我是, 联系人, Mr, before 女士. A name right before a place
cannot be told from the place's own; where the text names an area, the clause begins there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from opencc import OpenCC

from geoapp.intake.redact import MARK, redact

LONGEST_BYTES: Final = 84
"""Baidu takes no more; a place that needs more is no address."""

_LONGEST_TEXT: Final = 2_000
_BREAK: Final = "\n"

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧温柯庄翁"
)
_PLACE_SOON: Final = r"(?![\u3400-\u9fff]{0,3}(?:区|路|街|镇|村|市|道|巷|园|厦|山|桥|站))"
_TITLES: Final = (
    "先生|女士|小姐|太太|阿姨|师傅|老师|同志|大爷|大妈|同学|老板|医生|护士|律师|法官|警官|司机|"
    "书记|厅长|局长|市长|区长|县长|镇长|乡长|村长|院长|校长|所长|队长|科长|处长|主任|经理"
)
_FAMILY: Final = "父亲|母亲|爸爸|妈妈|老婆|老公|丈夫|妻子|儿子|女儿|孩子|家人|爷爷|奶奶|邻居|房东|租客|老乡|朋友"
_PERSON: Final = re.compile(
    rf"(?:我叫|我是|我姓|本人(?:姓名|叫|是|姓)?|姓名|名字|联系人|当事人|业主|住户|市民|群众|居民|网友|投诉人|举报人|反映人|来电人|申请人|{_FAMILY}|{_TITLES})"
    rf"\s*[:：是为叫]?\s*[{_SURNAMES}]{_PLACE_SOON}[\u3400-\u9fff]{{1,2}}"
    rf"|[{_SURNAMES}][\u3400-\u9fff]{{0,2}}\s?(?:{_TITLES})"
    rf"|[{_SURNAMES}][某×xX*]{{1,2}}|@\S+|https?://\S+"
    r"|(?:微信|[Qq]{2}|电话|手机|邮箱|身份证)[号码]{0,2}\s*[:：是为]?\s*[\w.@-]+"
)
_WORD: Final = r"(?:[A-Z][\w'’-]*\.?)"
_ENGLISH_PERSON: Final = re.compile(
    rf"\b(?:(?i:my name is|i am|i['’]m|this is|contact(?: person)?|name|regards|sincerely|yours)\s*[:,]?\s*"
    rf"|(?i:mr|mrs|ms|mx|miss|dr|prof)\.?\s+){_WORD}(?:\s+{_WORD}){{0,3}}"
)
_FLAT: Final = re.compile(r"[\dA-Za-z一二三四五六七八九十百零〇-]+(?:室|房|单元|层|栋|幢|座)|\d+楼")

_NUMBER: Final = r"(?<=[\u3400-\u9fff])(?<![月第])\d{1,5}(?:[-之]\d{1,4})?号(?![线码上下晚早凌中左前后起开至到])"
_ROAD: Final = (
    r"(?:(?<![道马公铁走上下半线跑思电出问网修一条])路|(?<=[\u3400-\u9fff][一二三四五六七八九十])路|大道|(?<=[东西南北中])道(?=\d)"
    r"|(?<![满上逛])(?<!满大)街(?!道)|巷(?!子)|胡同|高速)(?![面边灯人牌政过上中况障线])"
)
_SPOT: Final = (
    "大厦|大楼|广场|花园|家园|小区|公寓|新村|工业园|科技园|产业园|工业区|公园|医院|学校|小学|中学|大学|幼儿园|市场|商场|酒店|"
    "宾馆|银行|超市|地铁站|公交站|车站|码头|机场|天桥|大桥|立交|隧道|水库|体育馆|图书馆|博物馆|派出所|停车场|加油站|中心|"
    "交叉口|交汇处|交界处|路口|[A-Z]\\d?出?口"
)
_AREA: Final = r"区|街道|社区|镇|村"
_FINE: Final = re.compile(rf"(?:{_NUMBER}|{_SPOT})")
_STREET: Final = re.compile(_ROAD)
_ANY: Final = re.compile(rf"(?:{_NUMBER}|{_SPOT}|{_ROAD}|{_AREA})")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
# Words that are hardly ever part of a place's name. Most of what people tell of each other stands beyond one of them.
_SIGNS: Final = r",，。;；:：!！?？、\s“”\"…|《》【】\[\]()（）"
_SINGLE: Final = "的了是在从到去被把让给曾已就都也还要我你他她们这那此该某每说及等对并而且但由因将却才刚很"
_DOUBLE: Final = (
    "影响|导致|要求|请求|反映|反应|投诉|举报|改成|改建|建成|一家|一所|一个|一条|一处|多名|多个|修建|加强|严重|干扰|原来|希望|"
    "建议|整个|涉嫌|侵占|依法|监督|主管|下属|单位|问题|施工|开发商|关于|位于|地处|来自|家住|住|经过|路过|途经|发现|附近|旁边|"
    "对面|门口|以及|无论|所有|其他|全部|进行|通过|属于|按照|市民|居民|业主|政府|工作|上班|上学|做成|改为|成为|作为|因为|为了|"
    "生前|管理|规划|没有|不能|有人|有个|请问|请|地址|沿|上午|下午|晚上|早上|凌晨|昨天|今天|前天|来过|咨询|知道|一下|"
    r"(?<!有)为(?![民国])|(?:\d+年)?\d+月(?:\d+[号日])?|\d+年"
)
_CLAUSE: Final = re.compile(rf"[{_SIGNS}{_SINGLE}]|{_DOUBLE}")
_GENERAL: Final = re.compile(
    r"(?:^|我们?|咱们|他们|你们|这个|那个|一个|一条|某个?|该|本|各|每个|多个|所有|附近|周边|周围|建设|规划|生活|居住|全市|城市|大型)"
    rf"(?:{_SPOT}|{_ROAD}|{_AREA})$"
)
"""No place's name: any has one like it."""

_APART: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=\d{1,5}号)")
_LEAST: Final = 3
_MOST_BEFORE: Final = 8
"""A place begins at most so many characters before the first word that ends one; so far may be the next such word."""

_TYPES: Final = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Place|Pl|Court|Ct|Parkway|Pkwy|Highway|Hwy|"
    r"Expressway|Terrace|Broadway|Plaza|Square|Park|Bridge|Station|School|Hospital|Library|Center|Centre|Building|"
    r"Tower|Mall|Market|Museum|University|Airport|Hotel)(?![A-Za-z])\.?"
)
_TYPE: Final = re.compile(rf"\b{_TYPES}")
_NAMED: Final = rf"(?:(?:[A-Z][\w'’-]*|\d+(?:st|nd|rd|th)?)\.?\s+){{0,4}}{_TYPES}"
_ENGLISH: Final = re.compile(
    rf"(?P<number>\b\d[\w-]{{0,6}}\s+{_NAMED})"
    rf"|(?P<crossing>\b{_NAMED}\s*(?:&|and|at|/|near|@)\s*{_NAMED})|(?P<road>\b{_NAMED})"
)


def question(text: str, areas: Sequence[str] = ()) -> str:
    """The words to ask about; "" where nothing of the text says where. areas: names of areas that stand in it."""
    words = _without_people(text)
    found = _chinese(words, areas) if _HAN.search(words) else ""
    return _short(found or _english(words))


def simplified(text: str) -> str:
    """The text in simplified characters."""
    words: str = _converter().convert(text)
    return words


def fitting(words: str, most: int) -> str:
    """As much of the end of some words as so many bytes hold: addresses go from the coarse to the fine."""
    while len(words.encode()) > most:
        words = words[1:]
    return words.strip()


def _short(words: str) -> str:
    return fitting(" ".join(words.split()), LONGEST_BYTES)


def _without_people(text: str) -> str:
    # Cut in the end only: of a number that was cut in half nobody could tell what it was.
    words = simplified(redact(text[: 2 * _LONGEST_TEXT])[:_LONGEST_TEXT]).replace(MARK, _BREAK)
    words = _PERSON.sub(_BREAK, words)
    # Main Street, said to be this, is nobody.
    words = _ENGLISH_PERSON.sub(lambda found: found[0] if _TYPE.search(found[0]) else _BREAK, words)
    return _FLAT.sub("", words)


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _chinese(words: str, areas: Sequence[str]) -> str:
    """The finest place that one clause names, behind the one area that the text names."""
    clauses = [place for clause in _CLAUSE.split(_APART.sub("", words)) if (place := _place(clause, areas))]
    fine = next((clause for clause in clauses if _FINE.search(clause)), None)
    chosen = fine or next((clause for clause in clauses if _STREET.search(clause)), "")
    named = [area for area in areas if area in words]
    if chosen and len(named) == 1 and named[0] not in chosen:
        return named[0] + chosen
    return chosen


def _place(clause: str, areas: Sequence[str]) -> str:
    """A clause from where its place begins to where the last word ends that names one."""
    ends = list(_ANY.finditer(clause))
    if not ends:
        return ""
    begins = min((at for area in areas if (at := clause.find(area)) >= 0), default=-1)
    begins = max(0, ends[0].start() - _MOST_BEFORE) if begins < 0 else begins
    last = ends[0].end()
    for end in ends[1:]:
        if end.start() - last > _MOST_BEFORE:
            break
        last = end.end()
    place = clause[begins:last]
    return "" if len(place) < _LEAST or (len(ends) == 1 and _GENERAL.search(place)) else place


def _english(words: str) -> str:
    found = list(_ENGLISH.finditer(words))
    for kind in ("number", "crossing", "road"):
        for one in found:
            if one[kind]:
                return one[kind]
    return ""
