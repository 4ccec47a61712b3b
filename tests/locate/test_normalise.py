"""Words that compare: simplified, half-width, numerals alike, each with its place in what was written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.locate.normalise import plain, quoted, read, values_of


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


def test_what_is_matched_is_quoted_as_written() -> None:
    texts = ["甲", "在鹽田區 深鹽路，West 72nd Street"]
    words = read(texts)
    own = np.flatnonzero(words.of == 1)
    assert quoted(texts, words, int(own[1]), int(own[4])) == "鹽田區"
    assert quoted(texts, words, int(own[-4]), int(own[-1])) == "West 72nd Street"


@given(st.lists(st.text(), max_size=5))
def test_no_character_changes_its_place(texts: list[str]) -> None:
    words = read(texts)
    assert len(words.plain) == sum(len(text) + 1 for text in texts)
    assert all(len(plain(text)) == len(text) for text in texts)
    assert (words.ends > words.begins).all()
    alone = [values_of(text) for text in texts]
    for at, values in enumerate(alone):
        assert tuple(words.values[words.of == at].tolist())[:-1] == values
