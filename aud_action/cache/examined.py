"""A database from outside, looked at with nothing of it trusted, before anything reads it."""

from __future__ import annotations

import os
import sqlite3
from urllib.parse import quote

from aud_action.cache.folder import Unusable
from aud_action.store import expected_schema, version


def examine(path: str) -> None:
    """Raise Unusable unless a shard could have been written by this program."""
    try:
        database = sqlite3.connect(f"file:{quote(os.fsencode(path))}?mode=ro&immutable=1", uri=True)
        try:
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute("PRAGMA cell_size_check=ON")
            if database.execute("PRAGMA user_version").fetchone() != (version(),):
                raise Unusable("the database has another schema")
            found = set(database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
            if found != expected_schema():
                raise Unusable("the database has other tables, triggers or views than ours")
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise Unusable("the database is damaged")
        finally:
            database.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Unusable(f"the database: {error}") from error
