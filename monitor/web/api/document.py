"""The OpenAPI 3.1 description of the API, made from the same table as its routes."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import TypedDictSchema
from typing_extensions import TypedDict, is_typeddict

from monitor.shapes.plain import LARGEST, Error
from monitor.web.api.asked import Parameter
from monitor.web.api.operations import OPERATIONS, Operation

BASE: Final = "/api/v1"
NUMBERS: Final = ("feed", "article", "story", "number")
"""Variable parts of paths that are numbers."""


class Refusal(TypedDict):
    """Why there is no answer."""

    error: Error


_PROBLEMS: Final[Mapping[str, str]] = {
    "400": "The request is wrong: an unknown parameter, or a value that cannot be used.",
    "401": "No token, or a wrong one.",
    "404": "There is no such thing.",
    "500": "An internal error; the log has the details.",
    "503": "The database cannot be used now, or the request took too long.",
}
_CONFIG: Final = ConfigDict(use_attribute_docstrings=True)


class _Described(GenerateJsonSchema):
    """Schemas whose keys are described by the docstrings beside them in the code."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave titles out: they would only repeat the name."""
        return False

    def typed_dict_schema(self, schema: TypedDictSchema) -> JsonSchemaValue:
        """Describe also the keys inherited from a base shape."""
        made = super().typed_dict_schema(schema)
        for base in getattr(schema.get("cls"), "__orig_bases__", ()):
            if is_typeddict(base):
                for name, told in _properties(base).items():
                    made["properties"][name] = told | made["properties"][name]
        return made


def _adapter(shape: Any) -> TypeAdapter[Any]:
    """Wrap the shape in a list, since a shape takes its configuration from its container."""
    return TypeAdapter(list[shape], config=_CONFIG)


def _properties(shape: Any) -> dict[str, Any]:
    made = _adapter(shape).json_schema(mode="serialization", schema_generator=_Described)
    about = made["$defs"][shape.__name__]["properties"]
    return {
        name: {"description": told["description"]}
        for name, told in about.items()
        if "description" in told
    }


@functools.cache
def document() -> Mapping[str, Any]:
    """Return the whole description."""
    shapes = {one.path: one.answer for one in OPERATIONS} | {"": Refusal}
    serialization: Literal["serialization"] = "serialization"
    made, definitions = TypeAdapter.json_schemas(
        [(path, serialization, _adapter(shape)) for path, shape in shapes.items()],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Described,
    )
    answers = {path: schema["items"] for (path, _mode), schema in made.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "monitor",
            "version": "1",
            "summary": "The news that is kept, and what became of it.",
            "description": "Requests only read. Times are in UTC; spans count code points from 0, "
            "the end exclusive. Keys may be added; none is renamed.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": BASE}],
        "security": [{"token": []}],
        "paths": {one.path: {"get": _operation(one, answers)} for one in OPERATIONS},
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`[web] api_token` in the settings.",
                }
            },
            "schemas": definitions["$defs"],
        },
    }


def _operation(one: Operation, answers: Mapping[str, Any]) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", one.path)
    problems = {code: about for code, about in _PROBLEMS.items() if code != "404" or _named(one)}
    return {
        "operationId": one.ask.__name__,
        "summary": one.about,
        "parameters": [*map(_part, names), *map(_parameter, one.parameters)],
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": {
                    "ETag": {
                        "description": "Sent as `If-None-Match`, it gets 304 if nothing changed.",
                        "schema": {"type": "string"},
                    }
                },
                "content": {"application/json": {"schema": answers[one.path]}},
            },
            "304": {"description": "The answer has not changed since that ETag."},
            **{
                code: {
                    "description": about,
                    "content": {"application/json": {"schema": answers[""]}},
                }
                for code, about in problems.items()
            },
        },
    }


def _named(one: Operation) -> bool:
    """Whether it asks for one particular thing, which may not exist."""
    return "{" in one.path or any(parameter.name == "of" for parameter in one.parameters)


def _part(name: str) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0, "maximum": LARGEST}
    schema = number if name in NUMBERS else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _parameter(one: Parameter) -> dict[str, Any]:
    default = {} if one.default in (None, ()) else {"default": one.default}
    return {
        "name": one.name,
        "in": "query",
        "description": one.about,
        "required": one.required,
        "schema": {**one.schema, **default},
    }
