"""The statements that write a group: each takes one JSON text with many rows.

`Changes` says what the rows of each kind hold. JSON has no infinity, but SQL has.
"""

SAVE_BANS = (
    """
    INSERT INTO ban (address, prefix, jail, since, until, count, reason)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
        json_extract(value, '$[3]'), ifnull(json_extract(value, '$[4]'), 9e999),
        json_extract(value, '$[5]'), json_extract(value, '$[6]')
    FROM json_each(?) WHERE true
    ON CONFLICT (address, prefix, jail) DO UPDATE SET
        since = excluded.since, until = excluded.until, count = excluded.count,
        reason = excluded.reason
    """,
    """
    INSERT OR REPLACE INTO ban_lines (ban, lines)
    SELECT ban.id, json_extract(value, '$[7]') FROM json_each(?) JOIN ban ON (
        address = json_extract(value, '$[0]') AND prefix = json_extract(value, '$[1]')
        AND jail = json_extract(value, '$[2]'))
    """,
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
