"""The words between names that say how a place is meant; each grammar brings those of its language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Cue(IntEnum):
    """What a word says of the names beside it."""

    STOP = 0  # a sentence ends
    COMMA = 1  # a clause ends
    JOIN = 2  # two roads that meet: 与, &
    AND = 3  # two things, perhaps roads that meet: 和, and
    CROSSING = 4  # what stands before it meets: 交叉口
    CORNER = 5  # what follows meets: corner of
    NEAR = 6  # 旁边, near
    STRETCH = 7  # 段: a part of a road
    BETWEEN = 8  # 之间, between
    TO = 9  # 至, to
    FROM = 10  # 从, from
    GO = 11  # 去: a way somewhere else
    RIDE = 12  # 开车: whoever speaks was on the way
    PAST = 13  # 上次: another time
    DONE = 14  # 已修好: another matter
    NOW = 15  # 这次: back to this one
    HOME = 16  # 我住在: where the speaker lives
    LIKE = 17  # 不如: compared with
    ELSEWHERE = 18  # another city
    HERE = 19  # 在, at: a place follows
    INSIDE = 20  # 内, 里
    NOUN = 21  # 小学: the name before it belongs to something else
    LINK = 22  # 的, the: says nothing
    BUS = 23  # 公交, bus: a line's name follows or stands before


Cues = Mapping[Cue, str]
"""The words of each, separated by | since English ones hold blanks."""
