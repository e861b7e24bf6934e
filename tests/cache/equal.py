"""Are two databases the same? Table by table, row by row; what a run cost is no part of what it knows."""

import sqlite3
from pathlib import Path

COSTS = {"run_metrics", "file_metrics"}


def tables(database: Path) -> dict[str, list[tuple]]:
    """Every row of every table that holds knowledge, in the order of its key."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
            for name in sorted(names)
            if name not in COSTS
        }


def schema(database: Path) -> set[tuple]:
    """What the database says of its own form."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        form = set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
        return form | set(connection.execute("PRAGMA user_version"))


def differences(one: Path, other: Path) -> list[str]:
    """Each table in which two databases differ, with the first rows that only one of them has."""
    told = [] if schema(one) == schema(other) else ["the schema"]
    ours, theirs = tables(one), tables(other)
    for name in sorted(ours.keys() | theirs.keys()):
        mine, yours = ours.get(name), theirs.get(name)
        if mine != yours:
            only = sorted(set(mine or ()) - set(yours or ()), key=repr)[:3]
            lacks = sorted(set(yours or ()) - set(mine or ()), key=repr)[:3]
            told.append(
                f"{name}: {len(mine or ())} and {len(yours or ())} rows; only in one {only}, only in the other {lacks}"
            )
    return told
