"""The commands that look after people: accounts, their roles, and lists of both. No password is ever an argument."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import MAXYEAR, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from geoapp import settings as settings_module
from geoapp.city import City, called
from geoapp.people import keeping, leaving, lists, roll, tables, taking_in
from geoapp.people.keeping import Made
from geoapp.people.rights import ROLES, needs_unit
from geoapp.records import Role
from geoapp.store import accounts, deeds
from geoapp.store.acting import KEEPER, acting
from geoapp.store.database import Database
from geoapp.store.roster import Bare

_ROLE = click.Choice([str(role) for role in Role])
_CITY = click.option("--city", "code", help="The city, where several are loaded.")
_UNIT = click.option("--unit", help="The unit, by code or name.")
_EVERYWHERE = click.option("--everywhere", is_flag=True, help="In all cities.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_REASON = click.option("--reason", default="", help="Why; it is kept in the log.")
_PASSWORD = click.option(
    "--password", "ask", is_flag=True, help="Ask for a password, or read it from stdin, instead of making a link."
)


@click.group()
def user() -> None:
    """Look after people: accounts and roles."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="What the person is called.")
@click.option("--email", default="", help="Where password links go.")
@click.option("--phone", default="")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--role", type=_ROLE, help="A role to begin with.")
@_CITY
@_UNIT
@_EVERYWHERE
@_PASSWORD
def add(
    login: str, name: str, email: str, phone: str, language: str, role: str | None, code: str | None, unit: str | None,
    everywhere: bool, ask: bool,
) -> None:  # fmt: skip
    """Make an account; prints a link, good once, by which its owner sets the password."""
    from geoapp.commands.data import opened

    database = opened()
    where = _city(database, code, everywhere) if role else None
    made = keeping.add(
        database.web, login, name, password=_password() if ask else None, role=Role(role) if role else None,
        city=where, unit=unit, email=email, phone=phone, language=language,
    )  # fmt: skip
    _tell(made)


@user.command("list")
@_JSON
def list_(as_json: bool) -> None:
    """All accounts with the roles they hold."""
    from geoapp.commands.data import opened

    with acting(opened().web, KEEPER) as connection:
        found = [_told(one, accounts.held(connection, one.id)) for one in accounts.every(connection)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        state = "" if one["active"] else "  locked"
        roles = ", ".join(_role_in_words(role) for role in one["roles"]) or "no role"
        click.echo(f"{one['login']}  {one['name']}  {roles}{state}")


@user.command()
@click.argument("login")
@_JSON
def show(login: str, as_json: bool) -> None:
    """One account: its data, its roles past and present, what it may do."""
    from geoapp.commands.data import opened
    from geoapp.people.rights import rights_in_words

    with acting(opened().web, KEEPER) as connection:
        account = keeping.account_of(connection, login)
        held = accounts.held(connection, account.id)
        person = accounts.person(connection, account.id)
    said = _told(account, held, past=True)
    allowed = rights_in_words(person, "en") if person else ()
    if as_json:
        rights = [{"role": one.role, "allowed": dict(one.allowed)} for one in allowed]
        click.echo(json.dumps({**said, "rights": rights}, ensure_ascii=False))
        return
    for name in ("login", "name", "email", "phone", "language", "active", "second_step", "provider", "made_at"):
        click.echo(f"{name:>12}  {said[name]}")
    for one in said["roles"]:
        click.echo(f"{'role':>12}  {_role_in_words(one)}")
    for words in allowed:
        for scope, actions in words.allowed:
            click.echo(f"{words.role:>20}  {scope}: {'; '.join(actions)}")


@user.command()
@click.argument("login")
@click.argument("role", type=_ROLE)
@_CITY
@_UNIT
@_EVERYWHERE
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day it is held.")
@click.option("--take", is_flag=True, help="Take the role instead: in all places, or the one named.")
@_REASON
def role(
    login: str, role: str, code: str | None, unit: str | None, everywhere: bool, until: datetime | None, take: bool,
    reason: str,
) -> None:  # fmt: skip
    """Give a role, or take it."""
    from geoapp.commands.data import opened

    database = opened()
    if take:
        where = _city(database, code, False) if code or unit else None
        ended = keeping.take(database.web, login, Role(role), where, unit, reason)
        click.echo(f"{ended} ended" if ended else "was not held", err=True)
        return
    where = _city(database, code, everywhere)
    given = keeping.give(database.web, login, Role(role), where, unit, _end_of(until, where))
    click.echo("given" if given.new else "is held so already", err=True)
    if given.link:
        _tell_set_back(Made(login, given.link))


@user.command()
@click.argument("login")
@_REASON
def lock(login: str, reason: str) -> None:
    """Let nobody in by this account; its sessions end."""
    from geoapp.commands.data import opened

    keeping.lock(opened().web, login, locked=True, reason=reason)
    click.echo("locked", err=True)


@user.command()
@click.argument("login")
def unlock(login: str) -> None:
    """Let the account in again."""
    from geoapp.commands.data import opened

    keeping.lock(opened().web, login, locked=False)
    click.echo("unlocked", err=True)


@user.command()
@click.argument("login")
@_PASSWORD
@click.option("--drop-factor", is_flag=True, help="And sign in without the second step, whose app was lost.")
def password(login: str, ask: bool, drop_factor: bool) -> None:
    """Make a link by which its owner sets another password; all sessions end."""
    from geoapp.commands.data import opened

    _tell(keeping.set_password(opened().web, login, _password() if ask else None, drop_factor=drop_factor))


@user.command("sign-out")
@click.argument("login")
def sign_out(login: str) -> None:
    """End all sessions of an account."""
    from geoapp.commands.data import opened

    click.echo(f"{keeping.sign_out(opened().web, login)} ended", err=True)


@user.command()
@click.argument("login")
@click.option("--to", "heir", help="Whoever takes the roles on; without, they end.")
@click.option("--leave-out", "out", multiple=True, type=_ROLE, help="A role that ends all the same; may come again.")
@_REASON
@click.option("--dry-run", is_flag=True, help="Only say what would come of it.")
def leave(login: str, heir: str | None, out: tuple[str, ...], reason: str, dry_run: bool) -> None:
    """Hand over when somebody leaves: the account is locked, its sessions and tokens end, its roles pass to another."""
    from geoapp.commands.data import opened

    engine = opened().web
    with acting(engine, KEEPER) as connection:
        going = leaving.parting(connection, login)
    left_out = {one.id for one in going.held if one.role in out}
    if dry_run:
        for one in going.held:
            click.echo(
                f"{_held_in_words(one)}: {'ends' if heir is None or one.id in left_out else f'passes to {heir}'}"
            )
        _warn(going.bare)
        return
    done = leaving.leave(engine, login, heir, leave_out=left_out, reason=reason)
    for one in done.passed:
        click.echo(f"{_held_in_words(one)}: passed to {heir}")
    for one in done.ended:
        click.echo(f"{_held_in_words(one)}: ended")
    _warn(done.bare)
    click.echo(f"{login} is locked", err=True)
    if heir and done.link:
        _tell_set_back(Made(heir, done.link))


def _held_in_words(one: accounts.Held) -> str:
    return f"{ROLES[one.role]['en']} in {one.unit or one.city or 'all cities'}"


def _warn(bare: Iterable[Bare]) -> None:
    for one in bare:
        click.echo(f"{one.code} has {'nobody' if one.nobody else 'no head'} any more", err=True)


@user.command()
@click.argument("login", required=False)
@click.option("--most", type=click.IntRange(1, 1000), default=50, show_default=True)
@_JSON
def log(login: str | None, most: int, as_json: bool) -> None:
    """What was done to accounts and units, by whom and when: the latest first, of one account where it is named."""
    from geoapp.commands.data import opened

    with acting(opened().web, KEEPER) as connection:
        of = keeping.account_of(connection, login).id if login else None
        found = deeds.latest(connection, account_id=of, most=most)
    for one in found:
        told = {
            "at": one.at.isoformat(timespec="seconds"), "by": one.by_login or "command line", "what": one.what,
            "of": one.login or one.unit, "city": one.city, "unit": one.unit, **one.said,
        }  # fmt: skip
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
            continue
        more = "  ".join(
            f"{name}={value}" for name, value in told.items() if name not in ("at", "by", "what", "of") and value
        )
        click.echo(f"{told['at']}  {told['by']}  {one.what}  {told['of']}  {more}".rstrip())


@user.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_CITY
def export(file: Path, code: str | None) -> None:
    """Write everybody who holds a role in the city to an Excel FILE, as `import` reads it."""
    from geoapp.commands.data import chosen_city, opened

    database = opened()
    city = chosen_city(database, code)
    with acting(database.web, KEEPER) as connection:
        file.write_bytes(roll.book(connection, city, city.languages[0]))


@user.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_CITY
@_JSON
def import_(file: Path, code: str | None, as_json: bool) -> None:
    """Take in a list of people from an Excel or CSV FILE.

    Its columns: 登录名 login, 姓名 name, 邮箱 e-mail, 电话 phone, 语言 language, 角色 role (parted by ；), 单位 unit.
    All of it or, where anything is wrong, nothing. Prints a link for each new account.
    """
    from geoapp.commands.data import chosen_city, opened

    entries, faults = lists.read(tables.read(file.read_bytes(), file.name))
    if faults:
        raise click.ClickException("\n".join(["Nothing was taken in:", *map(str, faults)]))
    database = opened()
    taken = taking_in.take_in(database.web, chosen_city(database, code), entries)
    if as_json:
        made, back = (
            [{"login": one.login, "link": _link(one)} for one in some] for some in (taken.made, taken.set_back)
        )
        told = {"made": made, "known": taken.known, "roles": taken.roles, "set_back": back}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in (*taken.made, *taken.set_back):
        click.echo(f"{one.login}  {_link(one)}")
    click.echo(f"{len(taken.made)} made, {taken.known} known, {taken.roles} roles given", err=True)


def _city(database: Database, code: str | None, everywhere: bool) -> City | None:
    from geoapp.commands.data import chosen_city

    return None if everywhere else chosen_city(database, code)


def _password() -> str:
    """From the terminal twice, unseen; else the first line of what is piped in."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _end_of(day: datetime | None, where: City | None) -> datetime | None:
    if day is None:
        return None
    if day.year == MAXYEAR:
        # The day after it has no date.
        raise click.BadParameter("This is no day that a role ends on.", param_hint="--until")
    zone = where.zone if where else datetime.now().astimezone().tzinfo
    return datetime.combine(day.date() + timedelta(days=1), time(), zone)


def _link(made: Made) -> str:
    return f"{settings_module.read().public_url}/reset/{made.link}"


def _tell_set_back(made: Made) -> None:
    click.echo(_link(made))
    click.echo(
        f"{made.login}: this reaches further than whoever kept the account till now, and may know its password: it "
        "opens nothing any more, and this link sets another. It holds for 7 days.",
        err=True,
    )


def _tell(made: Made) -> None:
    if made.link:
        click.echo(_link(made))
        click.echo(f"{made.login}: whoever opens this link first sets the password; it holds for 7 days.", err=True)
    else:
        click.echo(f"{made.login}: the password is to be changed when it is first used.", err=True)


def _told(account: accounts.Account, held: list[accounts.Held], *, past: bool = False) -> dict[str, Any]:
    roles = [
        {
            "role": str(one.role), "city": one.city, "unit": one.unit,
            "unit_name": called(one.unit_names or {}, account.language),
            "since": one.began_at.isoformat(timespec="seconds"),
            "until": one.ends_at.isoformat(timespec="seconds") if one.ends_at else None,
        }
        for one in held
        if past or one.ends_at is None or one.ends_at > datetime.now(one.ends_at.tzinfo)
    ]  # fmt: skip
    return {
        "login": account.login, "name": account.name, "email": account.email, "phone": account.phone,
        "language": account.language, "active": account.active, "demo": account.demo,
        "second_step": account.totp is not None, "provider": account.subject is not None,
        "made_at": account.made_at.isoformat(timespec="seconds"), "roles": roles,
    }  # fmt: skip


def _role_in_words(role: dict[str, Any]) -> str:
    where = role["unit"] or role["city"] or "everywhere"
    until = f" until {role['until']}" if role["until"] else ""
    unnamed = " (of no unit, so it allows nothing)" if needs_unit(Role(role["role"])) and not role["unit"] else ""
    return f"{ROLES[Role(role['role'])]['en']} in {where}{until}{unnamed}"
