"""Words that compare: simplified, half-width, numerals alike, each with its place in what was written."""

from __future__ import annotations

import numpy as np
import pytest

from geoapp.locate.normalise import read, values_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("八卦一路", "八卦1路"), ("八卦一路", "八卦１路"), ("十五号", "15号"), ("一百二十号", "120号"), ("二〇一号", "201号"),
        ("鹽田區深鹽路", "盐田区深盐路"), ("West 72nd Street", "W 72 st"), ("Fifth Avenue", "5 Ave"), ("ＡＢＣ大厦", "abc大厦"),
        ("深南 大道", "深南大道"), ("007", "7"),
    ],
)  # fmt: skip
def test_the_same_words(one: str, other: str) -> None:
    assert values_of(one) == values_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("八卦一路", "八卦二路"), ("百货大楼", "一百货大楼"), ("15号", "51号"), ("北路", "路北")]
)
def test_other_words(one: str, other: str) -> None:
    assert values_of(one) != values_of(other)


def test_every_word_keeps_its_place_in_what_was_written() -> None:
    texts = ["甲", "在鹽田區 深鹽路，West 72nd Street"]
    words = read(texts)
    own = np.flatnonzero(words.of == 1)
    start = int(words.starts[1])

    def written(first: int, last: int) -> str:
        return texts[1][int(words.begins[own[first]]) - start : int(words.ends[own[last]]) - start]

    assert written(1, 3) == "鹽田區"
    assert written(-4, -2) == "West 72nd Street"
