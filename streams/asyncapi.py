"""The topics as an AsyncAPI document, made from the names that the program uses and from the one field registry."""

from __future__ import annotations

from typing import Any

from models.fields import FIELDS, Field, Kind
from models.vocabulary.change import Op
from registry.standards import KEY_LIMIT, TEXT_LIMIT
from streams.decode import VALUE_LIMIT
from streams.topics import GROUP, PARTITIONS, POPULATION

Schema = dict[str, Any]

_DAY = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_PART_OF_A_DATE = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
_DAYS = {"type": "integer", "description": "days since 1970-01-01, negative before"}
_KINDS: dict[Kind, list[Schema]] = {
    Kind.TEXT: [{"type": "string", "maxLength": TEXT_LIMIT}],
    Kind.CODE: [{"type": "string", "maxLength": TEXT_LIMIT}],
    Kind.BOOL: [{"type": "boolean"}],
    Kind.INT: [{"type": "integer"}],
    Kind.DATE: [_DAY, _DAYS],
    Kind.PARTIAL_DATE: [_PART_OF_A_DATE, _DAYS],
    Kind.INSTANT: [{"type": "string", "format": "date-time"}],
}
_KEY: Schema = {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT}


def document() -> Schema:
    """Return the AsyncAPI 3.0 document of the topics that the program reads."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Unasked",
            "version": "1",
            "description": "Changes of the population library, as Debezium's connector for PostgreSQL writes them.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {"changes": _channel()},
        "operations": {
            "applyChanges": {
                "action": "receive",
                "channel": {"$ref": "#/channels/changes"},
                "summary": "Each record is applied once; one that cannot be read is put into the quarantine.",
                "bindings": {"kafka": {"groupId": {"type": "string", "const": GROUP}}},
            }
        },
        "components": {
            "messages": {"change": _message()},
            "schemas": {"resident": _row(), "change": _envelope()},
        },
    }


def _channel() -> Schema:
    return {
        "address": POPULATION,
        "messages": {"change": {"$ref": "#/components/messages/change"}},
        "bindings": {"kafka": {"topic": POPULATION, "partitions": PARTITIONS}},
    }


def _message() -> Schema:
    named = {"type": "object", "required": ["resident_id"], "properties": {"resident_id": _KEY}}
    return {
        "title": "A change of one resident's row",
        "summary": f"At most {VALUE_LIMIT} bytes, also in a schema wrapper; an empty value (tombstone) is passed over.",
        "payload": {"$ref": "#/components/schemas/change"},
        "bindings": {"kafka": {"key": {"anyOf": [named, _KEY]}}},
    }


def _envelope() -> Schema:
    row = {"$ref": "#/components/schemas/resident"}
    lsn = {"type": ["integer", "null"], "minimum": 0, "description": "orders the changes of one resident"}
    return {
        "type": "object",
        "required": ["op", "ts_ms"],
        "properties": {
            "op": {"enum": [op.value for op in Op], "description": "create, read by a snapshot, update, delete"},
            "before": {"description": "never believed: what was before is what is stored"},
            "after": {"anyOf": [row, {"type": "null"}], "description": "the row; null for a delete"},
            "ts_ms": {"type": "integer", "description": "milliseconds since 1970 UTC"},
            "source": {"type": "object", "properties": {"lsn": lsn, "ts_ms": {"type": "integer"}}},
        },
    }


def _row() -> Schema:
    fields = {name: _field(field) for name, field in FIELDS.items()}
    return {"type": "object", "required": ["resident_id"], "properties": {"resident_id": _KEY} | fields}


def _field(field: Field) -> Schema:
    forms = [{"enum": [code.value for code in field.codes]}] if field.codes else _KINDS[field.kind]
    schema: Schema = {"title": f"{field.zh} / {field.en}", "anyOf": [*forms, {"type": "null"}]}
    if field.standard:
        schema["description"] = field.standard
    if field.personal:
        schema["x-personal"] = True
    return schema
