"""Fast lists: versions of rows, and one covering index per order.

`search` holds name and address folded by the application (rules.fold). A substring search reads one of these indexes
in its order and stops when the page is full: at 100,000 rows 0.3 ms when matches are common, 23 ms when there is none.
An n-gram full-text index took 0.2 ms for rare and 1,067 ms for common terms, a LIKE on the table 180 ms (README.md).
"""

from alembic import op

from cloudnova_webapp.users.rules import fold

revision = "0002"
down_revision = "0001"
_BATCH = 1000


def upgrade() -> None:
    """Add the columns with defaults, so that version 0001's code can still insert, fill them, then index them."""
    op.execute("""
        ALTER TABLE users
            ADD version INT UNSIGNED NOT NULL DEFAULT 1,
            ADD updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
            ADD search VARBINARY(1024) NOT NULL DEFAULT ''
    """)
    _fill()
    op.execute("""
        ALTER TABLE users
            ADD KEY users_by_name (name, id, search),
            ADD KEY users_by_email (email, id, search),
            ADD KEY users_by_created (created_at, id, search)
    """)


def _fill() -> None:
    connection, last = op.get_bind(), 0
    while rows := connection.exec_driver_sql(
        "SELECT id, name, email FROM users WHERE id > %s ORDER BY id LIMIT %s", (last, _BATCH)
    ).all():
        connection.exec_driver_sql(
            "UPDATE users SET search = %s WHERE id = %s",
            [(fold(f"{name}\n{email}").encode(), user_id) for user_id, name, email in rows],
        )
        last = rows[-1][0]
