"""Place names of the demo city, Chinese and English; no name is given twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

Name = tuple[str, str]
"""What a thing is called in Chinese and in English."""

_FIRST: Final = (
    "新Xin 福Fu 永Yong 景Jing 金Jin 文Wen 龙Long 华Hua 海Hai 云Yun 梅Mei 松Song 莲Lian 翠Cui 银Yin 红Hong 春Chun "
    "明Ming 安An 和He 泰Tai 石Shi 沙Sha 白Bai 青Qing 碧Bi 桃Tao 荔Li 枫Feng 榕Rong 竹Zhu 渔Yu 盐Yan 潮Chao"
)
_SECOND: Final = (
    "田tian 兴xing 安an 盛sheng 园yuan 山shan 湖hu 林lin 溪xi 桥qiao 岭ling 湾wan 城cheng 民min 康kang 围wei 塘tang "
    "坑keng 岗gang 心xin 泉quan 乐le 业ye 浦pu 埔bu"
)
_ORDINALS: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九")
_ENGLISH: Final = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th")

GREAT: Final[tuple[Name, ...]] = (
    ("人民", "Renmin"), ("建设", "Jianshe"), ("和平", "Heping"), ("解放", "Jiefang"), ("新华", "Xinhua"),
    ("文化", "Wenhua"), ("科苑", "Keyuan"), ("学府", "Xuefu"), ("凤凰", "Fenghuang"), ("创业", "Chuangye"),
    ("港湾", "Gangwan"), ("前进", "Qianjin"), ("光明", "Guangming"), ("中山", "Zhongshan"), ("江南", "Jiangnan"),
    ("翡翠", "Feicui"), ("迎宾", "Yingbin"), ("体育", "Tiyu"), ("工业", "Gongye"), ("友谊", "Youyi"),
    ("东门", "Dongmen"), ("西门", "Ximen"),
    ("灯塔", "Dengta"), ("渔港", "Yugang"), ("白鹭", "Bailu"), ("红树", "Hongshu"),
)  # fmt: skip
"""Words for the great roads, kept for them."""


def bases(chance: np.random.Generator) -> Iterator[Name]:
    """Two-character names in random order, each once."""
    taken = {zh for zh, _ in GREAT}
    every = [
        (one, two)
        for one in _FIRST.split(" ")
        for two in _SECOND.split(" ")
        if one[0] != two[0] and one[0] + two[0] not in taken
    ]
    for at in chance.permutation(len(every)):
        (one, two) = every[at]
        yield one[0] + two[0], one[1:] + two[1:]


def numbered(base: Name, nth: int) -> Name:
    """One of several lanes of one name: the first is number 0."""
    return f"{base[0]}{_ORDINALS[nth]}巷", f"{base[1]} {_ENGLISH[nth]} Lane"
