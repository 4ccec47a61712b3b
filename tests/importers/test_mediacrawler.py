"""What MediaCrawler writes, of seven platforms and both generations, and that nobody's identity comes with it."""

from __future__ import annotations

import csv
import gc
import gzip
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import importers
from geoapp.errors import SourceUnreadable
from importers import json_records
from importers.base import Rejected, Report, Row, RowError
from importers.json_records import OBJECT_LIMIT, array
from importers.lines import LINE_LIMIT, Broken
from importers.mediacrawler import Mediacrawler
from importers.mediacrawler_items import IDENTITY, IGNORED, ITEMS
from importers.posts import joined, link, moment, pictures, said, says_nothing

SAMPLES = Path(__file__).parents[1] / "samples"
NEW = SAMPLES / "mediacrawler_items.jsonl"
OLD = SAMPLES / "mediacrawler_before_july_2026.json"
TABLE = SAMPLES / "mediacrawler_weibo_comments.csv"

CANARIES = ("canary", "42424242", "ca9a12ca9a12ca9a")
"""What every value in the samples contains that tells who somebody is."""

POSTED, ANSWERED = datetime(2026, 8, 1, 2, 6, 40, tzinfo=UTC), datetime(2026, 8, 1, 3, 6, 40, tzinfo=UTC)


def lead(channel: str, ref: str, said_at: datetime, body: str, **others: Any) -> Report:
    return Report(f"{channel}:{ref}", said_at, body, "lead", channel=channel, **others)


LEADS = [
    lead("weibo", "content:5000000000000001", POSTED, "#示例路天桥#台阶缺了一块，@… 你看，老人容易摔倒 & 下雨更滑",
         link="https://m.weibo.cn/detail/5000000000000001"),
    lead("weibo", "comment:5000000000000011", ANSWERED, "回复@…:桥那头的扶手也松了",
         about="weibo:content:5000000000000001"),
    lead("douyin", "content:7400000000000000001", POSTED, "示例大道与一号路口路面坑洼 #道路养护",
         link="https://www.douyin.com/video/7400000000000000001",
         pictures=("https://p3.example.com/cover.jpeg?x-expires=1&x-signature=ab%3D", "https://p3.example.com/a.webp",
                   "https://p3.example.com/b,c.webp")),
    lead("douyin", "comment:7400000000000000011", ANSWERED, "一号路那边也是",
         about="douyin:content:7400000000000000001"),
    lead("xhs", "content:66f000000000000000000001", POSTED.replace(microsecond=456000),
         "公园门口井盖翘起，推婴儿车要绕行 @… #城市公园[话题]#\n#示例区",
         link="https://www.xiaohongshu.com/explore/66f000000000000000000001",
         pictures=("http://img.example.com/1!nd.jpg", "http://img.example.com/2!nd.jpg")),
    lead("xhs", "comment:66f000000000000000000011", ANSWERED.replace(microsecond=456000), "南门的更严重",
         pictures=("http://img.example.com/3!nd.jpg",), about="xhs:comment:66f000000000000000000010"),
    lead("kuaishou", "content:3xexample0001", POSTED.replace(microsecond=789000), "地下通道积水 #示例地铁站",
         link="https://www.kuaishou.com/short-video/3xexample0001", pictures=("https://k.example.com/cover.jpg",)),
    lead("kuaishou", "comment:900000000001", ANSWERED.replace(microsecond=789000), "每次下雨都这样",
         about="kuaishou:content:3xexample0001"),
    lead("bilibili", "content:113000000000001", POSTED, "实测全区人行天桥坡度\n带着卷尺走了三座桥，示例桥坡度超过15%",
         link="https://www.bilibili.com/video/av113000000000001", pictures=("http://i.example.com/cover.jpg",)),
    lead("bilibili", "comment:250000000001", ANSWERED, "轮椅根本上不去", about="bilibili:content:113000000000001"),
    lead("tieba", "content:9100000001", datetime(2026, 8, 1, 2, 6, tzinfo=UTC),
         "示例村路灯不亮\n从村口到小学一段，已经一周了", link="https://tieba.baidu.com/p/9100000001"),
    lead("tieba", "comment:150000000001", ANSWERED, "回复 @…:小学门口也是黑的",
         link="https://tieba.baidu.com/p/9100000001", about="tieba:content:9100000001"),
    lead("zhihu", "content:answer-2700000001", POSTED,
         "你所在的城市有哪些不合理的人行道？\n示例路口的盲道被共享单车占了，根本走不了。\n@… 也拍过",
         link="https://www.zhihu.com/question/1/answer/2700000001"),
    lead("zhihu", "comment:11000000001", ANSWERED, "那段盲道我也走过", about="zhihu:content:answer-2700000001"),
]  # fmt: skip

POSTS: list[dict[str, Any]] = [json.loads(line) for line in NEW.read_text("utf-8").splitlines()]
WEIBO, WEIBO_COMMENT, DOUYIN, XHS, XHS_COMMENT = POSTS[0], POSTS[1], POSTS[2], POSTS[4], POSTS[5]
KUAISHOU_COMMENT, BILIBILI_COMMENT, TIEBA, ZHIHU, ZHIHU_COMMENT = POSTS[7], POSTS[9], POSTS[10], POSTS[12], POSTS[13]


@dataclass
class Batch:
    """What a file gives, its rejected rows as they are kept."""

    reports: list[Report] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def read(path: Path, importer: Mediacrawler | None = None) -> Batch:
    """The whole file as an import reads it: a row is copied before it is used up."""
    importer, batch = importer or Mediacrawler(), Batch()
    for row in importer.rows(path):
        if isinstance(row, Rejected):
            batch.rejected.append(row)
            continue
        whole = row.fields.copy()
        try:
            batch.reports.append(importer.report(row.fields))
        except RowError as error:
            batch.rejected.append(Rejected(row.line, error.reason, error.detail, whole))
    return batch


def reasons(batch: Batch) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in batch.rejected]


def file_of(folder: Path, *objects: object, name: str = "search_contents_2026-08-01.jsonl") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((o if isinstance(o, str) else json.dumps(o)) + "\n" for o in objects), "utf-8")
    return path


def one(folder: Path, post: dict[str, Any], **changed: Any) -> Report:
    batch = read(file_of(folder, post | changed))
    assert batch.rejected == []
    return batch.reports[0]


def reason(folder: Path, post: dict[str, Any], **changed: Any) -> str:
    batch = read(file_of(folder, post | changed))
    assert batch.reports == []
    return batch.rejected[0].reason


def tells_of_nobody(*things: object) -> bool:
    text = repr(things).lower()
    return not any(canary in text for canary in CANARIES)


# All that the crawler writes


@pytest.mark.parametrize("path", [NEW, OLD], ids=["without identity", "with identity"])
def test_posts_and_comments_of_all_platforms_become_leads(path: Path) -> None:
    importer = Mediacrawler()
    batch = read(path, importer)
    assert batch.reports == LEADS
    assert (batch.rejected, importer.unread) == ([], ())
    assert (importer.city, importer.source) == (None, "mediacrawler")
    assert {report.channel for report in LEADS} == {item.platform for item in ITEMS}
    assert len(LEADS) == len(ITEMS) == 14


@pytest.mark.parametrize("post", POSTS, ids=[report.ref for report in LEADS])
@pytest.mark.parametrize("generation", [NEW, OLD], ids=["new", "old"])
def test_a_table_says_the_same(tmp_path: Path, post: dict[str, Any], generation: Path) -> None:
    place = POSTS.index(post)
    record = post if generation is NEW else json.loads(OLD.read_text("utf-8"))[place]
    path = tmp_path / "moved.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, record.keys())
        writer.writeheader()
        writer.writerow(record)
    batch = read(path)
    assert (batch.reports, batch.rejected) == ([LEADS[place]], [])


def test_a_row_of_a_later_version_under_an_older_header_is_rejected() -> None:
    batch = read(TABLE)
    assert [report.body for report in batch.reports] == ["回复@…:桥那头的扶手也松了", "桥下也有积水,\n要绕行"]
    assert batch.reports[1].about == "weibo:comment:5000000000000011"
    assert reasons(batch) == [(5, "columns")]
    assert tells_of_nobody(batch)


@pytest.mark.parametrize("path", [NEW, OLD, TABLE], ids=lambda path: path.suffix)
def test_a_gzipped_file_is_read_too(tmp_path: Path, path: Path) -> None:
    packed = tmp_path / f"{path.name}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed).reports == read(path).reports


def test_a_field_nobody_reads_is_reported_and_its_record_read(tmp_path: Path) -> None:
    importer = Mediacrawler()
    batch = read(file_of(tmp_path, WEIBO | {"moon_phase": "full", "canary张三": 1}), importer)
    assert importer.unread == ("(no name)", "moon_phase")
    assert batch.reports == LEADS[:1]


def test_nothing_is_both_read_and_left_behind_as_identity() -> None:
    assert not IDENTITY & IGNORED
    assert not IDENTITY.intersection(*(item.read for item in ITEMS))
    assert all(item.marks.isdisjoint(IDENTITY) for item in ITEMS)


# Who said it


def test_nobodys_identity_arrives() -> None:
    for path in (NEW, OLD, TABLE):
        importer = Mediacrawler()
        rows = list(importer.rows(path))
        assert tells_of_nobody(rows, read(path), importer.unread)
        assert all(set(row.fields).isdisjoint(IDENTITY) for row in rows)


@given(st.data())
def test_nobodys_identity_is_kept_with_what_is_broken(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    raw = bytearray(data.draw(st.sampled_from([NEW, OLD, TABLE])).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=30)):
        raw[place] = data.draw(st.sampled_from(b'\n"{}[],:\\\0\xff'))
    path = tmp_path_factory.getbasetemp() / "broken.jsonl"
    path.write_bytes(bytes(raw)[: data.draw(st.integers(1, len(raw)))])
    rows: list[Row | Rejected] = []
    try:
        rows.extend(Mediacrawler().rows(path))
    except SourceUnreadable as error:
        assert tells_of_nobody(error.detail)
    # Where the damage makes a name a field's, the detail lists it with the others.
    kept = [row for row in rows if isinstance(row, Rejected) and "" in row.fields]
    assert tells_of_nobody([row.fields for row in kept], [row.detail for row in kept if row.reason != "unknown_item"])


def test_a_record_that_cannot_be_taken_apart_is_known_by_a_digest(tmp_path: Path) -> None:
    broken = json.dumps(WEIBO, ensure_ascii=False)[:-40]
    first, second = (read(file_of(tmp_path, "{}", text)).rejected[-1] for text in (broken, broken + " "))
    other = read(file_of(tmp_path, broken[:-1])).rejected[0]
    assert (first.line, first.reason, first.fields) == (2, "json", second.fields)
    assert first.fields[""].startswith("withheld, SHA-256 ")
    assert first.fields != other.fields
    assert tells_of_nobody(first)


def test_a_rejected_record_keeps_what_is_needed_to_try_it_again(tmp_path: Path) -> None:
    (row,) = read(file_of(tmp_path, POSTS[0] | {"create_time": "3小时前"})).rejected
    assert set(row.fields) == {"item", "note_id", "content", "create_time", "create_date_time", "note_url"}
    assert tells_of_nobody(row)
    assert Mediacrawler().report({**row.fields, "create_time": "1785550000"}) == LEADS[0]


def test_what_else_stands_in_a_row_is_not_read() -> None:
    importer = Mediacrawler()
    fields = {"item": "weibo:content", "note_id": "1", "content": "坑", "user_id": "42424242", "moon": "full"}
    assert tells_of_nobody(importer.report(fields))
    assert (fields, importer.unread) == ({}, ("moon",))


def test_profiles_of_people_are_no_leads(tmp_path: Path) -> None:
    profile = {"user_id": "42424242", "nickname": "canary", "gender": "f", "desc": "我是canary", "fans": "9"}
    batch = read(file_of(tmp_path, profile, name="weibo/jsonl/creator_creators_2026-06-01.jsonl"))
    assert reasons(batch) == [(1, "unknown_item")]
    assert "fans" in batch.rejected[0].detail
    assert tells_of_nobody(batch)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("@张三 看这里", "@… 看这里"),
        ("@张三_abc-1，看这里", "@…，看这里"),
        ("看＠张三🌟@李四：坑", "看@…@…：坑"),
        ("cc@user.name", "cc@user.name"),
        ("问 @user.name 去", "问 @… 去"),
        ("写信 a.b@example.com", "写信 a.b@example.com"),
        ("#示例路# @ #示例桥", "#示例路# @ #示例桥"),
        ("回复 张三 :也坏了", "回复 @…:也坏了"),
        ("回复 @张三 :也坏了", "回复 @…:也坏了"),
        ('<a class="member_mention" href="/people/x">@Zhang San</a> 看', "@… 看"),
        ("&#64;张三 看", "@… 看"),
        ("一行<br/>二行<p>三行</p>", "一行\n二行三行"),
        ("5 &lt; 6 &amp;&amp; a<b", "5 < 6 && a<b"),
        ("&lt;script&gt;", "<script>"),
    ],
)
def test_words_are_plain_and_call_nobody_by_name(text: str, plain: str) -> None:
    assert said(text) == plain


@given(st.text("@＠张三a.b :#回复<>…，\n"))
def test_no_name_is_left_behind_an_at(text: str) -> None:
    plain = said(text)
    assert "@张" not in plain and "＠张" not in plain and "@三" not in plain
    assert said(plain) == plain


# What a lead says


def test_only_what_is_said_is_part_of_a_lead(tmp_path: Path) -> None:
    first = one(tmp_path, XHS)
    again = {"last_modify_ts": 1, "liked_count": "3万", "source_keyword": "别的", "last_update_time": 2}
    assert one(tmp_path, XHS, **again, note_url=XHS["note_url"].replace("CANARY", "other")) == first
    edited = one(tmp_path, XHS, desc="井盖修好了")
    assert (edited.ref, edited == first) == (first.ref, False)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["坑", "坑"], "坑"),
        (["坑", "坑很大"], "坑很大"),
        (["坑很大…", "坑很大，三天了"], "坑很大，三天了"),
        (["坑很大，三天了", "坑 很大，\n三..."], "坑很大，三天了"),
        (["示例路", "坑很大"], "示例路\n坑很大"),
        (["", "坑"], "坑"),
        (["坑", ""], "坑"),
        (["", ""], ""),
        ([], ""),
    ],
)
def test_nothing_is_said_twice(parts: list[str], whole: str) -> None:
    assert joined(parts) == whole


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1785550000", POSTED),
        ("1785550000123", POSTED.replace(microsecond=123000)),
        ("2026-08-01 10:06:40", POSTED),
        ("2026-08-01 10:06:40+08:00", POSTED),
        ("2026-8-1 10:06", POSTED.replace(second=0)),
        ("2026/08/01 10:06", POSTED.replace(second=0)),
        ("2026年8月1日 10:06", POSTED.replace(second=0)),
        ("2026-08-01", datetime(2026, 7, 31, 16, tzinfo=UTC)),
        (" ", None),
        ("", None),
    ],
)
def test_times(text: str, at: datetime | None) -> None:
    assert moment(text, "t") == at


@pytest.mark.parametrize(
    "text",
    ["3小时前", "刚刚", "昨天 10:06", "8-1", "08-01 10:06", "10:06", "2026-08", "0", "1785550", "17855500001234567",
     "1.7E+09", "None", "2026-02-30", "²", "x" * 1000],
)  # fmt: skip
def test_times_that_cannot_be_told_are_refused(text: str) -> None:
    with pytest.raises(RowError, match=r"^bad_date: t ") as caught:
        moment(text, "t")
    assert len(str(caught.value)) < 100


def test_a_time_that_is_empty_is_now_and_weibo_writes_it_twice(tmp_path: Path) -> None:
    assert one(tmp_path, XHS, time=None).said_at is None
    assert one(tmp_path, WEIBO, create_time="").said_at == POSTED


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example/x?xsec_token=1&utm_source=2#y", "https://a.example/x"),
        ("HTTP://a.example:80/x/", "http://a.example:80/x/"),
        (" https://a.example/x ", "https://a.example/x"),
        ("javascript:alert(1)", ""),
        ("//a.example/x", ""),
        ("https:///x", ""),
        ("https://who:secret@a.example/x", ""),
        ("https://a.example:port/x", ""),
        ("https://[a/x", ""),
        ("https://a.example/<b>", ""),
        ("https://a.example/\0", ""),
        ("https://a.example/\ud83d", ""),
        ("https://a.example/\u202e", ""),
        ("https://a.example/" + "x" * 3000, ""),
        ("None", ""),
        ("", ""),
    ],
)
def test_links_are_of_the_web_and_without_tokens(address: str, kept: str) -> None:
    assert link(address) == kept
    assert bool(pictures(address)) == bool(kept)


def test_pictures_are_each_named_once() -> None:
    listed = "https://a.example/1?sign=a, https://a.example/2,x,https://a.example/1?sign=a"
    assert pictures(listed, "", "data:image/png;base64,xx", "https://a.example/3") == (
        "https://a.example/1?sign=a",
        "https://a.example/2,x",
        "https://a.example/3",
    )


def test_films_and_music_are_no_pictures(tmp_path: Path) -> None:
    shown = one(tmp_path, DOUYIN, note_download_url="", cover_url="")
    assert shown.pictures == ()


@pytest.mark.parametrize("none", ["", "0", 0, None, "None", WEIBO_COMMENT["comment_id"]])
def test_a_comment_that_answers_none_is_about_its_post(tmp_path: Path, none: object) -> None:
    assert one(tmp_path, WEIBO_COMMENT, parent_comment_id=none).about == "weibo:content:5000000000000001"


def test_a_comment_that_answers_another_is_about_that(tmp_path: Path) -> None:
    assert one(tmp_path, BILIBILI_COMMENT, parent_comment_id=77).about == "bilibili:comment:77"
    assert one(tmp_path, ZHIHU_COMMENT, parent_comment_id="77").about == "zhihu:comment:77"


def test_a_comment_of_an_unknown_post_is_about_nothing(tmp_path: Path) -> None:
    assert one(tmp_path, KUAISHOU_COMMENT, video_id="").about == ""
    assert one(tmp_path, ZHIHU_COMMENT, content_type=None).about == ""


def test_an_article_and_an_answer_of_one_number_are_two_posts(tmp_path: Path) -> None:
    refs = {one(tmp_path, ZHIHU, content_type=kind).ref for kind in ("article", "answer", "zvideo")}
    assert len(refs) == 3


@pytest.mark.parametrize(
    ("post", "changed", "code"),
    [
        (WEIBO, {"note_id": ""}, "no_ref"),
        (WEIBO, {"note_id": None}, "no_ref"),
        (WEIBO, {"note_id": "5.0E+15"}, "bad_ref"),
        (WEIBO_COMMENT, {"note_id": "a b"}, "bad_ref"),
        (WEIBO_COMMENT, {"parent_comment_id": "看"}, "bad_ref"),
        (WEIBO, {"create_time": 0}, "bad_date"),
        (WEIBO, {"create_time": True}, "bad_value"),
        (WEIBO, {"content": ["a"]}, "bad_value"),
        (XHS, {"image_list": {"avatar": "canary"}}, "bad_value"),
        (TIEBA, {"publish_time": "3小时前"}, "bad_date"),
        (ZHIHU, {"content_type": "column"}, "unknown_type"),
        (ZHIHU, {"content_type": ""}, "unknown_type"),
        (WEIBO, {"content": " \n "}, "empty"),
        (WEIBO_COMMENT, {"content": "回复@张三:"}, "empty"),
        (XHS_COMMENT, {"content": "@张三 @李四 👍！", "pictures": ""}, "empty"),
        (WEIBO_COMMENT, {"tieba_name": "示例吧"}, "ambiguous"),
        ({"note_id": "1"}, {}, "unknown_item"),
        ({}, {}, "unknown_item"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, post: dict[str, Any], changed: dict[str, Any], code: str) -> None:
    assert reason(tmp_path, post, **changed) == code


def test_a_row_that_does_not_say_what_it_is_cannot_be_used() -> None:
    with pytest.raises(RowError, match="unknown_item"):
        Mediacrawler().report({"note_id": "1", "content": "坑"})


def test_a_picture_alone_is_something_said(tmp_path: Path) -> None:
    assert one(tmp_path, XHS_COMMENT, content="@张三").pictures == ("http://img.example.com/3!nd.jpg",)
    assert says_nothing("@…") and not says_nothing("坑")


def test_where_two_platforms_fit_the_path_decides(tmp_path: Path) -> None:
    both = WEIBO_COMMENT | {"tieba_name": "示例吧", "publish_time": "2026-08-01"}
    unclear = read(file_of(tmp_path, both))
    assert unclear.rejected[0].detail == "this may be weibo:comment or tieba:comment"
    assert tells_of_nobody(unclear)
    for folder, platform in (("weibo", "weibo"), ("tieba", "tieba"), ("wb", "weibo")):
        batch = read(file_of(tmp_path, both, name=f"data/{folder}/jsonl/search_comments_2026-08-01.jsonl"))
        assert [report.channel for report in batch.reports] == [platform]


def test_what_the_fields_say_holds_against_the_path(tmp_path: Path) -> None:
    batch = read(file_of(tmp_path, WEIBO, name="data/xhs/jsonl/search_comments_2026-08-01.jsonl"))
    assert batch.reports == LEADS[:1]


# Files that are not as they should be


def test_broken_lines_cost_only_themselves(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, WEIBO, '{"note_id": "1", "con', "", "garbage", "[1]", '"text"', "12",
        '{"note_id": NaN, "nickname": "canary"}', '{"a": Infinity}', '{"a": ' + "[" * 100_000, "{" * 100_000,
        '{"content": "' + "x" * LINE_LIMIT + '"}', '{"a": "\x01"}', '{"a": "\0"}', XHS_COMMENT,
    )  # fmt: skip
    batch = read(path)
    assert batch.reports == [LEADS[0], LEADS[5]]
    assert reasons(batch) == [
        (2, "json"), (4, "json"), (5, "json"), (6, "json"), (7, "json"), (8, "json"), (9, "json"), (10, "too_deep"),
        (11, "json"), (12, "too_long"), (13, "json"), (14, "nul"),
    ]  # fmt: skip
    assert tells_of_nobody(batch)
    assert batch.rejected[5].detail == "This is not JSON: NaN is no number."


def test_an_object_of_nearly_the_longest_size_is_read(tmp_path: Path) -> None:
    text = "坑" * (LINE_LIMIT // 4)
    assert one(tmp_path, WEIBO, content=text[:100_000]).body == text[:100_000]
    path = tmp_path / "a.json"
    path.write_text(json.dumps([WEIBO | {"content": text}, WEIBO], ensure_ascii=False, indent=4), "utf-8")
    assert [len(report.body) for report in read(path).reports] == [LINE_LIMIT // 4, len(LEADS[0].body)]


def indented(*objects: object) -> str:
    return json.dumps(objects, ensure_ascii=False, indent=4)


def test_broken_objects_of_an_array_cost_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    text = indented(WEIBO, {"mark": 1}, XHS_COMMENT, 7, {"mark": 2}, {"mark": 3}, {"mark": 4}, BILIBILI_COMMENT)
    for mark, wrong in (
        (1, '"nickname": "canary'),
        (2, '"a": NaN'),
        (3, '"a": ' + '{"b": ' * 50_000),
        (4, f'"a": "{"x" * OBJECT_LIMIT}"'),
    ):
        text = text.replace(f'"mark": {mark}', wrong)
    path.write_text(text, "utf-8")
    batch = read(path)
    assert batch.reports == [LEADS[0], LEADS[5], LEADS[9]]
    assert [row.reason for row in batch.rejected] == ["json", "json", "json", "too_deep", "too_long"]
    begins = [number for number, line in enumerate(text.splitlines(), 1) if line in ("    {", "    7,")]
    assert [row.line for row in batch.rejected] == [begins[1], *begins[3:7]]
    assert tells_of_nobody(batch)


@pytest.mark.parametrize(("cut", "read_before"), [(1, 2), (3, 1), (60, 1)])
def test_an_array_that_is_cut_off_gives_what_stands_before(tmp_path: Path, cut: int, read_before: int) -> None:
    path = tmp_path / "a.json"
    path.write_text(indented(WEIBO, XHS_COMMENT)[:-cut], "utf-8")
    batch = read(path)
    assert len(batch.reports) == read_before
    assert [row.reason for row in batch.rejected] == ["json"]


def test_an_array_in_one_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(POSTS * 300), "utf-8")
    assert path.stat().st_size > LINE_LIMIT
    batch = read(path)
    assert len(batch.reports) == 14 * 300
    path.write_text("[]", "utf-8")
    assert read(path) == Batch()


def test_damage_in_gzip_comes_after_what_can_be_read(tmp_path: Path) -> None:
    for text in (indented(*POSTS * 200), NEW.read_text("utf-8") * 200):
        path = tmp_path / "a.json.gz"
        packed = gzip.compress(text.encode())
        path.write_bytes(packed[: len(packed) * 2 // 3])
        rows = Mediacrawler().rows(path)
        seen = 0
        with pytest.raises(SourceUnreadable, match="damaged"):
            for row in rows:
                assert isinstance(row, Row)
                seen += 1
        assert seen > 500


def test_bytes_that_are_no_characters_cost_one_object(tmp_path: Path) -> None:
    for text in (indented(WEIBO, WEIBO_COMMENT, XHS_COMMENT), "\n".join(NEW.read_text("utf-8").splitlines()[:2])):
        path = tmp_path / "a.json"
        path.write_bytes(text.encode().replace("扶手".encode(), b"\xff\xfe"))
        batch = read(path)
        assert [row.reason for row in batch.rejected] == ["encoding"]
        assert batch.reports[0] == LEADS[0]
        assert tells_of_nobody(batch)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_lines_in_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(NEW.read_text("utf-8").encode(encoding))
    assert read(path).reports == LEADS


def test_half_a_surrogate_pair_does_no_harm(tmp_path: Path) -> None:
    batch = read(file_of(tmp_path, WEIBO | {"content": "坑\ud83d"}, WEIBO | {"note_id": "\udc00"}))
    assert batch.reports[0].body == "坑\ud83d"
    assert reasons(batch) == [(2, "bad_ref")]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.jsonl", b"", "empty"),
        ("a.json", b" \n\n", "empty"),
        ("a.csv", b"\xef\xbb\xbf", "empty"),
        ("a.json", b'{\n "user": {},\n "weibo": []\n}', "single object"),
        ("a.csv", b"note_id,canary\xe5\xbc\xa0,fans\n1,2,3\n", "fans"),
        ("a.xlsx", b"PK\x03\x04", "jsonl or csv"),
    ],
)
def test_files_that_are_none_of_the_crawlers(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceUnreadable, match=says) as caught:
        list(Mediacrawler().rows(path))
    assert tells_of_nobody(caught.value.detail)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable):
        Mediacrawler().rows(tmp_path / "a.jsonl")


def test_it_is_found_by_name_and_takes_no_options() -> None:
    assert isinstance(importers.create("mediacrawler"), Mediacrawler)
    assert "mediacrawler" in importers.names()
    assert {"json_records", "posts", "mediacrawler_items"}.isdisjoint(importers.names())


# Objects out of an array, however it is cut

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
OBJECTS = st.dictionaries(st.text(), VALUES | st.lists(VALUES) | st.dictionaries(st.text(), VALUES))


def pieces(text: str, places: list[int]) -> list[str]:
    cuts = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(cuts)]


@given(st.lists(OBJECTS), st.lists(st.integers(0, 10_000)), st.sampled_from([None, 4]), st.booleans())
def test_any_cut_gives_the_same_objects(
    objects: list[dict[str, Any]], cuts: list[int], indent: int | None, ascii: bool
) -> None:
    text = json.dumps(objects, indent=indent, ensure_ascii=ascii).encode("utf-8", "replace").decode()
    found = list(array(pieces(text, cuts)))
    assert [value for _, value in found] == json.loads(text, parse_int=str, parse_float=str)
    assert [line for line, _ in found] == [line for line, _ in array([text])]
    assert list(array(text)) == found


NOISE = st.lists(
    st.sampled_from(['{"a": 1}', '{"b": "x"}', "{", "}", "[", "]", ",", "\n", '"', "\\", "NaN", "12", " ", "x", "[{}"])
).map("".join)


def outline(chunks: list[str], limit: int) -> list[object]:
    """What was found without the wording, which may say where in the window it went wrong."""
    return [(line, v.reason if isinstance(v, Broken) else tuple(v.items())) for line, v in array(chunks, limit)]


@given(NOISE, st.lists(st.integers(0, 300)), st.sampled_from([4, 9, 20, 1000]))
def test_any_cut_of_anything_gives_the_same(text: str, cuts: list[int], limit: int) -> None:
    assert outline(pieces(text, cuts), limit) == outline([text], limit) == outline(list(text), limit)


@given(NOISE, st.integers(0, 5))
def test_what_stands_around_a_broken_object_is_read(noise: str, blanks: int) -> None:
    text = f'[{{"a": 1}},\n{noise}\n{" " * blanks}{{"last": "1"}}\n]'
    found = [value for _, value in array([text])]
    assert (found[0], found[-1]) == ({"a": "1"}, {"last": "1"})


def test_memory_does_not_grow_with_the_array_even_where_nobody_collects_cycles() -> None:
    def long(size: int) -> Iterator[str]:
        yield "["
        for _ in range(size):
            yield '{"a": "' + "x" * 5000
            yield '"},\n{"a": NaN}, '
        yield '{"a": "'
        yield from ["y" * 100_000] * 200
        yield '"}\n,{}]'

    gc.disable()
    tracemalloc.start()
    try:
        found = [isinstance(value, Broken) for _, value in array(long(2000), 20_000)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert (found.count(False), found.count(True)) == (2001, 2001)
    assert peak < 2_000_000


def test_a_long_stretch_of_rubbish_takes_no_longer_than_its_length() -> None:
    rubbish = ["[{x", "\n" * 3_000_000, "}" * 1_000_000, ", " * 1_000_000, '{"a": "1"}]']
    assert [value for _, value in array(rubbish) if not isinstance(value, Broken)] == [{"a": "1"}]


def test_records_come_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1},\n{"a": 20000000000000000001}]', "utf-8")
    assert list(json_records.records(path)) == [(1, {"a": "1"}), (2, {"a": "20000000000000000001"})]
