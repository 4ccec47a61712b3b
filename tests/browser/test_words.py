"""The catalogues: every sentence of the templates has its words in each language."""

from __future__ import annotations

import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader

from geoapp.lifecycle import MOVES, SETTLED, State
from geoapp.settings import CHECKOUT

TEMPLATES = CHECKOUT / "templates"


def sentences() -> set[str]:
    """What the templates say, in English."""
    return {found[2] for found in extract_from_dir(TEMPLATES, method_map=[("**.html", "jinja2")])}  # type: ignore[misc]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalogue_has_just_what_the_templates_say(language: str) -> None:
    path = CHECKOUT / "geoapp" / "translations" / language / "LC_MESSAGES" / "messages.po"
    catalogue = read_po(path.open("rb"))
    assert {message.id for message in catalogue if message.id} == sentences()
    assert [message.id for message in catalogue if message.id and not message.string] == []


def test_every_state_has_a_public_word() -> None:
    words = (TEMPLATES / "_words.html").read_text(encoding="utf-8")
    table = words[: words.index("set unsolved")]
    assert set(State) <= set(re.findall(r'"(\w+)":', table))


def test_the_public_words_know_which_states_are_settled() -> None:
    words = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"])
    words.globals["gettext"] = str
    assert set(words.get_template("_words.html").module.settled) == SETTLED  # type: ignore[attr-defined]


def test_every_move_has_a_word_for_the_timeline() -> None:
    words = (TEMPLATES / "_words.html").read_text(encoding="utf-8")
    table = words[words.index("set steps") : words.index("set kinds")]
    assert {move.name for move in MOVES} - set(re.findall(r'"(\w+)": _', table)) == set()


def test_every_word_a_script_asks_for_is_given_to_it() -> None:
    given = (TEMPLATES / "_words.html").read_text(encoding="utf-8")
    given = given[given.index("set said") :]
    asked = {
        key
        for script in (CHECKOUT / "static").glob("*.js")
        for key in re.findall(r'\bsay\("(\w+)"', script.read_text(encoding="utf-8"))
    }
    assert {key for key in asked if f'"{key}": _(' not in given} == set()
