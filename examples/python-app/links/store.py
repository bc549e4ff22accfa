"""Where links live: one SQLite file that several worker processes share."""

import secrets
import sqlite3
from pathlib import Path

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that people mix up when they read it aloud
CODE_LENGTH = 7


class Store:
    """Remembers links. Cheap to make: every call opens the file and closes it again."""

    def __init__(self, file: str | Path) -> None:
        self._file = Path(file)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._run(
            "CREATE TABLE IF NOT EXISTS links"
            " (code TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, visits INTEGER NOT NULL DEFAULT 0)"
        )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=5)
        connection.row_factory = sqlite3.Row
        return connection

    def ping(self) -> None:
        """Raises sqlite3.Error where the file cannot be read."""
        self._run("SELECT 1 FROM links LIMIT 1")

    def add(self, url: str) -> str:
        """The code of this address; the same address always has the same code."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        self._run("INSERT INTO links (code, url) VALUES (?, ?) ON CONFLICT (url) DO NOTHING", code, url)
        return self._run("SELECT code FROM links WHERE url = ?", url)[0]["code"]

    def visit(self, code: str) -> str | None:
        """The address behind a code, counted as a visit."""
        rows = self._run("UPDATE links SET visits = visits + 1 WHERE code = ? RETURNING url", code)
        return rows[0]["url"] if rows else None

    def visits(self, code: str) -> int | None:
        rows = self._run("SELECT visits FROM links WHERE code = ?", code)
        return rows[0]["visits"] if rows else None

    def _run(self, sql: str, *values: str) -> list[sqlite3.Row]:
        connection = self._connect()
        try:
            with connection:
                return connection.execute(sql, values).fetchall()
        finally:
            connection.close()
