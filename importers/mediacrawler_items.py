"""What MediaCrawler writes: the posts and comments of seven platforms, by the names of their fields.

Until July 2026 it also wrote who somebody is; both generations are told by the same fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Item:
    """A post or comment of one platform: the fields it is told by, and what each of those that are read holds.

    marks are all there, and none of without. post is the field with the id of the post a comment is about, type the
    one that tells ids of several kinds apart.
    """

    platform: str
    kind: str
    id: str
    marks: frozenset[str]
    without: frozenset[str]
    texts: tuple[str, ...]
    times: tuple[str, ...]
    tags: str = ""
    link: str = ""
    pictures: tuple[str, ...] = ()
    post: str = ""
    parent: str = ""
    type: str = ""

    @property
    def name(self) -> str:
        return f"{self.platform}:{self.kind}"

    @property
    def read(self) -> tuple[str, ...]:
        """The fields a report is made of; all others are left behind when a record arrives."""
        single = (self.id, self.tags, self.link, self.post, self.parent, self.type)
        return tuple(name for name in (*self.texts, *self.times, *self.pictures, *single) if name)


def _post(platform: str, id: str, marks: str, texts: str, times: str, link: str, **others: str) -> Item:
    pictures = tuple(others.pop("pictures", "").split())
    return Item(
        platform, "content", id, frozenset({id, *marks.split()}), frozenset({"comment_id"}),
        tuple(texts.split()), tuple(times.split()), link=link, pictures=pictures, **others,
    )  # fmt: skip


def _comment(platform: str, post: str, times: str, *, marks: str = "", without: str = "", **others: str) -> Item:
    pictures = tuple(others.pop("pictures", "").split())
    return Item(
        platform, "comment", "comment_id", frozenset({"comment_id", post, *marks.split()}), frozenset(without.split()),
        ("content",), tuple(times.split()), pictures=pictures, post=post, parent="parent_comment_id", **others,
    )  # fmt: skip


# A later time is read where an earlier one is empty.
ITEMS: Final = (
    _post("weibo", "note_id", "content create_date_time", "content", "create_time create_date_time", "note_url"),
    _comment("weibo", "note_id", "create_time create_date_time", marks="create_date_time"),
    _post("douyin", "aweme_id", "desc", "title desc", "create_time", "aweme_url",
          pictures="cover_url note_download_url"),
    _comment("douyin", "aweme_id", "create_time", pictures="pictures"),
    _post("xhs", "note_id", "desc image_list", "title desc", "time", "note_url", pictures="image_list",
          tags="tag_list"),
    _comment("xhs", "note_id", "create_time", marks="create_time", without="create_date_time", pictures="pictures"),
    _post("kuaishou", "video_id", "desc video_play_url", "title desc", "create_time", "video_url",
          pictures="video_cover_url"),
    _comment("kuaishou", "video_id", "create_time", without="parent_comment_id"),
    _post("bilibili", "video_id", "desc video_play_count", "title desc", "create_time", "video_url",
          pictures="video_cover_url"),
    _comment("bilibili", "video_id", "create_time", marks="parent_comment_id"),
    _post("tieba", "note_id", "desc tieba_name", "title desc", "publish_time", "note_url"),
    _comment("tieba", "note_id", "publish_time", marks="tieba_name", link="note_url"),
    _post("zhihu", "content_id", "content_type content_text", "title content_text desc", "created_time",
          "content_url", type="content_type"),
    _comment("zhihu", "content_id", "publish_time", marks="content_type", type="content_type"),
)  # fmt: skip
BY_NAME: Final = {item.name: item for item in ITEMS}
MARKS: Final = frozenset().union(*(item.marks | item.without for item in ITEMS))

IDENTITY: Final = frozenset(
    """
    creator_hash nickname user_nickname user_id user_link user_avatar user_url_token url_token avatar ip_location gender
    sex sign profile_url sec_uid short_user_id user_unique_id user_signature
    """.split()  # noqa: SIM905 as in the other importers
)
"""Who said it and from which province: left behind on arrival, whatever the generation."""

# Counts, which say nothing of a place and may read "1.2万", "10+" or "None"; when and for which keyword it was crawled;
# the kind of post; when it was edited; films and music; the forum's name, which is no place.
IGNORED: Final = frozenset(
    """
    liked_count comments_count comment_count shared_count share_count collected_count sub_comment_count like_count
    comment_like_count dislike_count disliked_count viewd_count video_play_count video_favorite_count video_share_count
    video_coin_count video_danmaku video_comment total_replay_num total_replay_page voteup_count
    last_modify_ts source_keyword id add_ts xsec_token type aweme_type video_type last_update_time updated_time
    video_url video_play_url video_download_url music_download_url tieba_id tieba_name tieba_link question_id
    """.split()  # noqa: SIM905
)

_FOLDERS: Final = {
    "xhs": "xhs", "dy": "douyin", "douyin": "douyin", "ks": "kuaishou", "kuaishou": "kuaishou", "bili": "bilibili",
    "bilibili": "bilibili", "wb": "weibo", "weibo": "weibo", "tieba": "tieba", "zhihu": "zhihu",
}  # fmt: skip


@lru_cache(1024)
def told(marks: frozenset[str]) -> tuple[Item, ...]:
    """The items that a record may be which has these of all MARKS: one, if it is as the crawler wrote it."""
    return tuple(item for item in ITEMS if item.marks <= marks and not item.without & marks)


def kept_under(path: Path, items: Iterable[Item]) -> tuple[Item, ...]:
    """Those of the items that the crawler keeps at such a path, `data/<platform>/…/…_<contents|comments>_…`."""
    platforms = {_FOLDERS[part.lower()] for part in path.absolute().parts[:-1] if part.lower() in _FOLDERS}
    kinds = {kind for kind in ("content", "comment") if f"_{kind}s" in path.name}
    return tuple(item for item in items if item.platform in platforms and (not kinds or item.kind in kinds))
