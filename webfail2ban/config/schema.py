"""The configuration's JSON schema, for editors."""

from typing import Any

from pydantic import Field, create_model
from pydantic.json_schema import GenerateJsonSchema

from webfail2ban.config.configuration import Models
from webfail2ban.config.durations import DURATION, show_duration
from webfail2ban.config.engine import EXTRA, EngineSettings

#: Where a schema says which JSON schema it is written in (2020-12, 8.1.1).
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(models: Models) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of the whole configuration.

    It is stricter than the program about the spelling of switches and numbers (``yes`` for
    ``true``), and laxer about meanings: it knows what an address looks like no better than text.

    Args:
        models: The models of the plugins whose sections there may be.
    """
    sections: dict[str, Any] = {
        f"section_{index}": (model, Field(alias=name))  # a plugin may be called "copy" or "json"
        for index, (name, model) in enumerate(models.items())
        if model is not None
    }
    whole = create_model("Configuration", __base__=EngineSettings, **sections)
    schema = whole.model_json_schema(schema_generator=_Generator)
    properties = {name: _or_nothing(known) for name, known in schema["properties"].items()}
    return {
        "$schema": DIALECT,
        "title": "webfail2ban",
        "description": "The configuration of webfail2ban.",
        "type": "object",
        "properties": properties,
        "patternProperties": {f"^{EXTRA}": {"description": "Not read: a place for anchors."}},
        "additionalProperties": False,
        "$defs": schema["$defs"],
    }


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    """Let a section be empty: its lines may all be commented out."""
    told: dict[str, Any] = {
        key: schema.pop(key) for key in ("description", "default") if key in schema
    }
    return {**told, "anyOf": [schema, {"type": "null"}]}


class _Generator(GenerateJsonSchema):
    """Writes defaults as people do, and no titles: they would repeat the names."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """Write no title."""
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        """Write a duration's default as ``30s``: JSON has no infinity."""
        written = super().default_schema(schema)
        default = written.get("default")
        if isinstance(default, float) and written.get("$comment") == DURATION:
            written["default"] = show_duration(default)
        return written
