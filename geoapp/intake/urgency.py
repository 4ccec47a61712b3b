"""Which reports are urgent by what they say: danger to life, gas, a collapse, a live wire, an open manhole, fire.

Said to be not so, or to have been so and be over, it is not urgent. What was recognised is a code: an event keeps
nobody's words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "life": (
        r"生命危险|危及生命|威胁生命|(?:有|致)人(?:受|重|轻)伤|(?:人|孩子|老人|工人|乘客)被困|砸[到伤]了?(?:人|行人|路人)"
        r"|(?:danger|risk|threat) to life|life[- ]threatening"
        r"|(?:somebody|someone|people|person|man|woman|worker|pedestrian|cyclist|driver)s? "
        r"(?:is |are |was |were |has been |have been |got )?(?:seriously |badly )?(?:hurt|injured|trapped)"
    ),
    "gas": (
        r"(?:燃气|煤气|天然气|液化气)(?:管道?|罐|阀门?)?(?:在|正在|又|有)?(?:泄漏|泄露|漏气|爆炸|爆燃)"
        r"|(?:燃气|煤气|天然气)味|漏(?:燃气|煤气|天然气)"
        r"|gas (?:pipe |main |line )?(?:is )?leak(?:s|ing)?|leaking gas|smell(?:s|ing)?(?: of| like)? gas|gas smell"
    ),
    "collapse": (
        r"坍塌|塌方|垮塌|倒塌|塌陷|塌了|塌下[来去]"
        r"|(?:wall|road|street|roof|building|bridge|ceiling|scaffold(?:ing)?|sidewalk|pavement|slope|house|balcony)s? "
        r"(?:has |have |had |is |are |just |partly |partially )*collaps(?:ed|ing)|cave[- ]?in\b|caved in|sinkhole"
    ),
    "wire": (
        r"漏电|触电|(?:电线|电缆|高压线)(?:都|已|又|被)?(?:掉|断|垂落|脱落|裸露|坠)|裸露的?(?:电线|电缆)"
        r"|live (?:electric(?:al)? )?(?:wire|cable)s?"
        r"|(?:downed|fallen) (?:power |electric(?:al)? )?(?:line|wire|cable)s?"
        r"|(?:power |electric(?:al)? )(?:line|wire|cable)s? (?:is |are |has |have )?(?:down\b|fallen|exposed)"
        r"|exposed (?:electric(?:al)? |live )(?:wire|wiring|cable)s?|electrocut(?:ed|ion)"
    ),
    "manhole": (
        r"井盖(?:都|已经?|又|被人?)?(?:丢失|丢了|缺失|不见|没了|没有了|被盗|被偷|偷了|掉落|掉进|打开|敞开|塌)"
        r"|(?:没有|缺少|缺|少了?|无|丢了?)(?:个|一个)?井盖|(?:井|窨井)口(?:敞开|大开|裸露|无盖)"
        r"|(?:missing|stolen|open) manhole|manhole (?:cover |lid )?(?:is |was |has been |has gone )?"
        r"(?:missing|gone|open|stolen|uncovered)|manhole without (?:a |its )?(?:cover|lid)"
    ),
    "fire": (
        r"(?<![一掀])起火(?![锅车])|着火(?![锅了吗])|着火了|火灾现场|发生火灾"
        r"|(?:电线|电缆|电箱|配电箱|变压器|电表)[^，。,.]{0,4}冒烟|\bon fire\b|caught fire|catching fire"
    ),
    "child": (
        r"(?:小孩|孩子|儿童|小朋友|娃)[^，。,.!！?？]{0,6}(?:掉[进下入]|摔[进下伤]|跌[进下入]|坠[落入]|落水|溺水|卡住)"
        r"|(?:child|children|kid|kids|toddler)s? (?:has |have |just |nearly |almost )*"
        r"(?:fell|fallen|drown(?:ed|ing)|trapped|stuck|hurt|injured)"
    ),
}  # fmt: skip
"""What is urgent, and the words that say so; a text is read in small letters."""

# Every match holds one of these: to look for them is quicker than to read each text.
_CUES: Final = (
    "生命", "人受伤", "人重伤", "人轻伤", "被困", "砸到", "砸伤", "燃气", "煤气", "天然气", "液化气", "塌", "漏电",
    "触电", "电线", "电缆", "高压线", "井盖", "井口", "起火", "着火", "火灾", "冒烟", "小孩", "孩子", "儿童", "小朋友",
    "娃", "life", "hurt", "injured", "trapped", "gas", "collaps", "cave", "sinkhole", "wire", "wiring", "cable",
    "power line", "electric", "downed", "fallen line", "manhole", "on fire", "caught fire", "catching fire", "child",
    "kid", "toddler",
)  # fmt: skip

_ANY: Final = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in KINDS.items()))
_CLAUSE: Final = re.compile(r"[，,。.；;！!？?\n：:]")
_SENTENCE: Final = re.compile(r"[。；;！!？?\n]|\.(?:\s|$)")

_NOT_BEFORE: Final = re.compile(
    r"(?:没有?|未|并未|并非|不是|不算|不会|无|毫无|未见|没见|不存在|防止?|避免|以免|预防|谨防|不再|未发现|没发现)"
    r"(?:发现|发生|出现|造成|有|任何|过|什么|的|闻到|看到){0,3}$"
    r"|(?:\bno|\bnot|n't|\bnever|\bwithout|\bno longer|\bnor|\bprevent(?:ing|s)?|\bavoid(?:ing|s)?)"
    r"(?: (?:a|an|any|the|see|seen|seeing|smell|find|found|been|have|had|be|of|yet|sign|signs|more|that)){0,4} ?$"
)
"""Denied just before."""

_OVER_AFTER: Final = re.compile(
    r"^[^，,。.；;！!？?\n]{0,8}(?:的问题)?，?,? ?(?:后来|现在|目前)?(?:都|也|就)?已经?(?:被|全部|及时)?"
    r"(?:修|补|处理|解决|恢复|排除|更换|换|盖|关|扑灭|灭|清理|加固|送医|救)"
    r"|^[^，,。.；;！!？?\n]{0,6}(?:修好|补好|处理好|解决|扑灭)了"
    r"|^[^,.;!?\n]{0,30}(?:has been|have been|had been|was|were|is now|got) "
    r"(?:fixed|repaired|replaced|restored|resolved|closed|put out|shut off|made safe)"
)
"""Over, as said just after."""

_PAST: Final = re.compile(
    r"上次|之前|以前|曾经?|去年|前年|上个?月|当年|过去|早前|往年|[一二两三四五六七八九十几\d]+年前|早已"
    r"|\blast (?:year|month|time|winter|summer|spring|autumn|fall)\b|\bpreviously\b|\bused to\b|\bago\b|\bback in\b"
    r"|\bin (?:19|20)\d\d\b|\bonce\b"
)
_STILL: Final = re.compile(
    r"还没|还未|还不|仍|至今|现在|目前|又|再次|一直|依然|还是|今天|刚刚?|正在|再不"
    r"|\bstill\b|\bagain\b|\bnow\b|\btoday\b|\bkeeps?\b|\bnot yet\b|\bsince\b|\bjust\b"
)
"""What makes something of the past go on."""


def urgent_by_words(texts: Sequence[str]) -> dict[int, str]:
    """The texts, by position, that say something urgent, and of which kind it is."""
    found = {}
    for at in _candidates(texts):
        if kind := kind_of(texts[at]):
            found[at] = kind
    return found


def kind_of(text: str) -> str | None:
    """What of urgent a text says; None where it says nothing of it, denies it, or tells that it is over."""
    plain = text.lower()
    return next((match.lastgroup for match in _ANY.finditer(plain) if _holds(plain, match)), None)


def _holds(plain: str, match: re.Match[str]) -> bool:
    clause = _CLAUSE.split(plain[: match.start()])[-1]
    if _NOT_BEFORE.search(clause):
        return False
    sentence_starts = [cut.end() for cut in _SENTENCE.finditer(plain, 0, match.start())]
    rest = plain[match.end() :]
    end = _SENTENCE.search(rest)
    sentence = plain[sentence_starts[-1] if sentence_starts else 0 : match.end() + (end.start() if end else len(rest))]
    if _STILL.search(sentence) and not _OVER_AFTER.search(rest):
        return True
    return not (_OVER_AFTER.search(rest) or _PAST.search(sentence))


def _candidates(texts: Sequence[str]) -> list[int]:
    """The positions of texts that hold a cue at all."""
    together = "\n".join(texts).lower()
    # Lower case keeps lengths but for a few letters that no cue holds; then each text is looked at.
    if len(together) != sum(map(len, texts)) + max(len(texts) - 1, 0):
        return list(range(len(texts)))
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    found: set[int] = set()
    for cue in _CUES:
        at = together.find(cue)
        while at >= 0:
            nth = bisect_right(starts, at) - 1
            found.add(nth)
            # The next text may hold it too; this one is known.
            at = together.find(cue, starts[nth + 1])
    return sorted(found)
