"""Users as the five source systems had them: a name and an e-mail address that is unique.

utf8mb4_0900_ai_ci makes "JOSÉ@…" and "jose@…" the same address and lets a search for "jose" find "José".
"""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create `users`. 254 octets is the longest address that SMTP can carry (RFC 5321, 4.5.3.1.3)."""
    op.execute("""
        CREATE TABLE users (
            id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
            name VARCHAR(100) NOT NULL,
            email VARCHAR(254) NOT NULL,
            created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
            UNIQUE KEY users_email (email)
        ) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci
    """)
