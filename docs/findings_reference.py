"""Writes the table of all findings into docs/doctor.md, from what `webfail2ban.doctor` says.

python docs/findings_reference.py
"""

from collections.abc import Iterator
from pathlib import Path

from webfail2ban.doctor import asking, compose, engine
from webfail2ban.doctor.catalogue import FAMILIES
from webfail2ban.doctor.finding import Kind

PAGE = Path(__file__).with_name("doctor.md")

#: The lines of the page that the table stands between.
BEGIN = "<!-- The table: written by docs/findings_reference.py. -->\n"
END = "<!-- The end of the table. -->\n"

#: What is looked at, and those who look.
PARTS = {
    "In HAProxy's files, the SPOE files and our configuration": FAMILIES,
    "In a compose file": (compose,),
    "Of the agents that are asked": (asking,),
    "Of the running engine": (engine,),
}


def render() -> str:
    """Return the tables, one for each part."""
    return "\n".join(_render_part(title, families) for title, families in PARTS.items())


def _render_part(title: str, families: tuple[object, ...]) -> str:
    kinds = [kind for family in families for kind in vars(family)["KINDS"]]
    return "\n".join(
        [
            f"### {title}\n",
            "| finding | | what it says |",
            "| --- | --- | --- |",
            *_render_rows(kinds),
            "",
        ]
    )


def _render_rows(kinds: list[Kind]) -> Iterator[str]:
    for kind in kinds:
        yield f"| `{kind.name}` | {kind.severity} | {kind.about.replace('|', chr(92) + '|')} |"


def insert(page: str, table: str) -> str:
    """Return the page with the table in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(insert(PAGE.read_text("utf-8"), render()), "utf-8")
