"""Units as a tree; accounts, roles held, sessions, links, tokens, and who looked at what."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP TABLE private.look, private.token, private.link, private.session, private.role_held, private.account "
        "CASCADE;"
        "DROP FUNCTION private.person(integer), private.person_row(integer), private.person_of_token(bytea), "
        "private.person_of_session(bytea, interval), private.door(text), private.account_of_link(bytea), "
        "private.account_of_email(text), private.account_of_subject(text), private.demo_account(text), "
        "private.forget_over(), geoapp.unit_line(integer);"
        "ALTER TABLE geoapp.unit DROP COLUMN kind, DROP COLUMN parent_id, DROP COLUMN area_keys, DROP COLUMN duty, "
        "DROP COLUMN contacts, DROP COLUMN fallback_id, DROP COLUMN active"
    )
