"""How English says where: corners, blocks between two streets, house numbers before the street."""

from __future__ import annotations

import re
from typing import Final

from geoapp.locate.cues import Cue, Cues

CUES: Final[Cues] = {
    Cue.STOP: ".",
    Cue.JOIN: "&|@|x|at the corner of|at the corner with|corner|cor|intersecting|crossing",
    Cue.AND: "and|n'|with",
    Cue.CROSSING: "intersection|crossroads|crosswalk|junction",
    Cue.CORNER: "corner of|the corner of|intersection of|the intersection of|junction of|at the corner of",
    Cue.NEAR: "near|next to|in front of|opposite|across from|beside|behind|outside|by the|close to|around",
    Cue.BETWEEN: "between|btw|btwn|bet",
    Cue.TO: "to|until|thru|through|towards",
    Cue.FROM: "from",
    Cue.GO: "going to|on my way to|heading to|walking to|drive to|driving to|commute to|headed to|travel to",
    Cue.RIDE: "drive|driving|drove|commute|walking|bus|subway|train|rode|riding",
    Cue.PAST: "last time|last year|last month|previously|earlier|before|used to",
    Cue.DONE: "was fixed|has been fixed|already fixed|got fixed|was repaired|been repaired|fixed quickly",
    Cue.NOW: "now|this time|today|currently|yesterday",
    Cue.HOME: "i live|i live on|i live at|we live|my home|i am a resident|my apartment",
    Cue.LIKE: "unlike|compared to|compared with|better than|worse than|such as|like",
    Cue.HERE: "at|on|in|along|off|located|location|address",
    Cue.NOUN: "school|hospital|library|houses|apartments|playground|hotel|church|bridge|tunnel|station|line|mall|deli",
    Cue.LINK: "the|of|a|an|my|our",
    Cue.ELSEWHERE: (
        "boston|chicago|los angeles|san francisco|philadelphia|new jersey|jersey city|newark|hoboken|yonkers|"
        "white plains|nj|london|toronto|washington dc|miami|baltimore|houston|connecticut|stamford"
    ),
}  # fmt: skip

OFFSET_BEFORE: Final = re.compile(
    r"(?P<far>\d{1,4})\s?(?P<unit>feet|ft|foot|m|meters|metres|yards|yds)\s+(?P<way>north|south|east|west)\s+of\s*(?:the\s+)?$"
)
UNITS: Final = {"feet": 0.3048, "ft": 0.3048, "foot": 0.3048, "yards": 0.9144, "yds": 0.9144}
WAYS: Final = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
HOUSE_BEFORE: Final = re.compile(r"(?:^|[\s,;(#@])(?P<number>\d{1,5}(?:-\d{1,3})?)(?:\s?[a-z](?=\s))?\s+$")
