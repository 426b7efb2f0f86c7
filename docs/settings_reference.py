"""Writes the reference of all settings into docs/configuration.md, from what the models say.

python docs/settings_reference.py
"""

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from webfail2ban.config import json_schema
from webfail2ban.config.durations import DURATION, show_duration
from webfail2ban.hosting.discovery import discover
from webfail2ban.hosting.loader import load

PAGE = Path(__file__).with_name("configuration.md")

#: The lines of the page that the reference stands between.
BEGIN = "<!-- The reference: written by docs/settings_reference.py. -->\n"
END = "<!-- The end of the reference. -->\n"

WIDTH = 100

#: JSON schema's words, and ours.
WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}

Schema = dict[str, Any]


def shipped() -> list[str]:
    """Return the names of the plugins that ship."""
    candidates, _ = discover()
    return sorted(candidates)


def render() -> str:
    """Return the reference: the engine's own settings, then each plugin's."""
    names = shipped()
    schema = json_schema(load(names).models)
    sections = {name: _drop_nothing(known) for name, known in schema["properties"].items()}
    own = [name for name in sections if name not in names]
    top = [name for name in own if "$ref" not in sections[name]]
    reference = _Reference(schema["$defs"])
    parts = ["### Top level\n\n" + "".join(reference.tell(name, sections[name]) for name in top)]
    below = [name for name in own if name not in top]
    parts += [
        reference.section(name, sections[name]) for name in [*below, *names] if name in sections
    ]
    return "\n".join(parts)


def _drop_nothing(schema: Schema) -> Schema:
    """Return a section's schema without the null that stands for an empty section."""
    (known,) = (part for part in schema["anyOf"] if part != {"type": "null"})
    told = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**known, **told}


class _Reference:
    """Words for schemas.

    Args:
        definitions: What schemas refer to, by name.
    """

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self._definitions = definitions

    def section(self, name: str, schema: Schema) -> str:
        """Return a section with all that is in it."""
        definition = self._definition(schema)
        items = "".join(self._within(name, schema))
        return f"### `{name}`\n\n{_wrap(_plain_words(definition['description']))}\n{items}"

    def tell(self, path: str, schema: Schema, *, required: bool = False) -> str:
        """Return a setting, and those below it."""
        facts = [self._kind(schema)]
        if required:
            facts.append("required")
        elif (default := _default(schema)) is not None:
            facts.append(f"default {default}")
        description = _plain_words(schema.get("description", ""))
        told = " ".join(filter(None, [description, _examples(schema)]))
        item = f"- `{path}` ({', '.join(facts)})" + (f": {told}" if told else "")
        return _wrap(item, "  ") + "".join(self._within(path, schema))

    def _within(self, path: str, schema: Schema) -> Iterator[str]:
        """Yield what stands below a setting."""
        for suffix, definition in self._below(schema):
            required = definition.get("required", ())
            for name, part in definition.get("properties", {}).items():
                yield self.tell(f"{path}{suffix}.{name}", part, required=name in required)
            if "properties" not in definition:  # a mapping of names
                yield from self._within(f"{path}{suffix}", definition)

    def _below(self, schema: Schema, suffix: str = "") -> Iterator[tuple[str, Schema]]:
        """Yield the models that may stand somewhere within a setting, and where."""
        if "$ref" in schema:
            yield suffix, self._definition(schema)
        for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from self._below(alternative, suffix)
        if isinstance(schema.get("items"), dict):
            yield from self._below(schema["items"], f"{suffix}[]")
        if isinstance(schema.get("additionalProperties"), dict):
            yield from self._below(schema["additionalProperties"], f"{suffix}.NAME")

    def _definition(self, schema: Schema) -> Schema:
        return self._definitions[schema["$ref"].rpartition("/")[2]]

    def _kind(self, schema: Schema) -> str:
        """Return what may stand there, in words."""
        choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if schema.get("$comment") == DURATION:
            words = [f"`{word}`" for choice in choices for word in choice.get("enum", ())[:2]]
            return " or ".join(["duration", *words])
        if choices:
            kinds = [self._kind(choice) for choice in choices if choice.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
        if "enum" in schema:
            texts = [word for word in schema["enum"] if isinstance(word, str)]
            return " or ".join(f"`{word}`" for word in texts)
        if "$ref" in schema:
            return "settings below"
        kinds = schema.get("type", "anything")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if "array" in kinds:  # one that stands alone is a list, too
            kinds = ["array"]
        return " or ".join(self._plain(kind, schema) for kind in kinds)

    def _plain(self, kind: str, schema: Schema) -> str:
        if kind == "array":
            item = schema.get("items")
            return f"list of: {self._kind(item)}" if isinstance(item, dict) else "list"
        if kind == "object":
            value = schema.get("additionalProperties")
            return f"names with: {self._kind(value)}" if isinstance(value, dict) else "mapping"
        if kind == "string" and schema.get("format") in {"path", "password"}:
            return {"path": "path", "password": "secret text"}[schema["format"]]
        return WORDS.get(kind, kind) + _range(schema)


def _range(schema: Schema) -> str:
    """Return a number's limits, in words."""
    least, most = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if least is not None and most is not None:
        return f" {least:,} to {most:,}"
    if least is not None:
        return f" from {least:,} on"
    return f" above {above}" if above is not None else ""


def _default(schema: Schema) -> str | None:
    """Return a default as YAML writes it; None for none, and for what stands below."""
    default = schema.get("default")
    if default is None or default == "" or (default == {} or "$ref" in schema):
        return None
    if default == []:
        return "none"
    if isinstance(default, float):
        text = show_duration(default) if DURATION in json.dumps(schema) else f"{default:g}"
        return f"`{text}`"
    if isinstance(default, bool | list | dict):
        return f"`{json.dumps(default)}`"
    return f"`{default}`"


def _examples(schema: Schema) -> str:
    """Return examples that say more than the kind does."""
    if schema.get("$comment") == DURATION or not schema.get("examples"):
        return ""
    shown = [
        example if isinstance(example, str) else json.dumps(example)
        for example in schema["examples"]
    ]
    return "For example " + ", ".join(f"`{text}`" for text in shown[:2]) + "."


def _plain_words(text: str) -> str:
    """Keep a description from being Markdown where it isn't meant to be."""
    parts = re.split(r"(`[^`]*`)", text.replace("``", "`"))
    texts = [re.sub(r"<\w+>", r"`\g<0>`", part).replace("*", r"\*") for part in parts[::2]]
    return "".join(text + code for text, code in zip(texts, [*parts[1::2], ""], strict=True))


def _wrap(text: str, indent: str = "") -> str:
    """Wrap a paragraph, and leave what is code on one line."""
    whole = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\0"), " ".join(text.split()))
    lines = textwrap.wrap(
        whole, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).replace("\0", " ") + "\n"


def insert(page: str, reference: str) -> str:
    """Return the page with the reference in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reference}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(insert(PAGE.read_text("utf-8"), render()), "utf-8")
