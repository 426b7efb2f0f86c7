"""The statements that write a group.

Those of bans take the values of many, and are made for as many as there are; SQLite writes them in
two thirds of the time that it takes with JSON. Each of the others takes one JSON text with many
rows; `Changes` says what these hold.
"""

#: What follows upon the rows of `save_bans`.
_ON_CONFLICT = """
    ON CONFLICT (address, prefix, jail) DO UPDATE SET
        since = excluded.since, until = excluded.until, count = excluded.count,
        reason = excluded.reason
    """


def save_bans(rows: int) -> str:
    """Return what writes so many bans at once, each the first seven values of a `BanRow`."""
    values = ",".join(["(?,?,?,?,?,?,?)"] * rows)
    return (
        "INSERT INTO ban (address, prefix, jail, since, until, count, reason) "  # noqa: S608
        f"VALUES {values} {_ON_CONFLICT}"
    )


def save_lines(rows: int) -> str:
    """Return what writes the lines of so many bans: address, prefix, jail and lines of each."""
    values = ",".join(["(?,?,?,?)"] * rows)
    return (
        "INSERT OR REPLACE INTO ban_lines (ban, lines) SELECT id, column4 "  # noqa: S608
        f"FROM (VALUES {values}) CROSS JOIN ban ON "
        "(address = column1 AND prefix = column2 AND jail = column3)"
    )


#: The bans of a group, by what their fragments name.
_NAMED = """
    SELECT ban.id FROM json_each(?) JOIN ban ON (
        address = json_extract(value, '$[0]') AND prefix = json_extract(value, '$[1]')
        AND jail = json_extract(value, '$[2]'))
    """

SAVE_LIFTED = (
    f"DELETE FROM ban_lines WHERE ban IN ({_NAMED})",  # noqa: S608 - a constant
    f"DELETE FROM ban WHERE id IN ({_NAMED})",  # noqa: S608 - a constant
)

SAVE_VALUES = (
    """
    INSERT INTO kept (plugin, name, content, until)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
        json_extract(value, '$[3]')
    FROM json_each(?) WHERE true
    ON CONFLICT (plugin, name) DO UPDATE SET content = excluded.content, until = excluded.until
    """,
)

SAVE_DROPPED_VALUES = (
    """
    DELETE FROM kept WHERE id IN (
        SELECT kept.id FROM json_each(?) JOIN kept ON (
            plugin = json_extract(value, '$[0]') AND name = json_extract(value, '$[1]')))
    """,
)

SAVE_POSITIONS = (
    """
    INSERT OR REPLACE INTO position (source, position)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)
    """,
)

SAVE_DROPPED_POSITIONS = (
    """
    DELETE FROM position WHERE source IN (SELECT json_extract(value, '$[0]') FROM json_each(?))
    """,
)
