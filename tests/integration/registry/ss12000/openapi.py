"""An OpenAPI 3.0 file as the judge of requests and answers, by the file alone."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).parent / "description"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
PAGE_PARAMETERS = {"limit", "pageToken"}

FORMATS = FormatChecker(formats=("date", "uuid", "email"))
FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or RFC_3339.fullmatch(value) is not None)


class Description:
    """What one file says. A path that it does not have is None of its business."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths: dict[str, Any] = document["paths"]
        self._root = _as_json_schema(document)
        resource = DRAFT202012.create_resource(self._root)
        self._registry: Registry[Any] = Registry().with_resource("urn:description", resource)

    def knows(self, path: str) -> bool:
        return "get" in self._paths.get(path, {})

    def parameters(self, path: str) -> dict[str, dict[str, Any]]:
        listed = self._paths[path]["get"].get("parameters", ()) if self.knows(path) else ()
        return {one["name"]: one for one in listed if one["in"] == "query"}

    def answer_faults(self, path: str, body: Any) -> list[str]:
        """Return what in a 200 answer is not as described."""
        if not self.knows(path):
            return []
        at = f"#/paths/{path.replace('/', '~1')}/get/responses/200/content/application~1json/schema"
        return self.faults({"$ref": f"urn:description{at}"}, body)

    def faults(self, schema: Any, value: Any) -> list[str]:
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


class Descriptions:
    """The official file, and ours for what the standard has beyond it."""

    def __init__(self, descriptions: Sequence[Description]) -> None:
        self._all = descriptions

    def request_faults(self, path: str, query: Sequence[tuple[str, str]]) -> list[str]:
        """Return what is wrong with a GET request: unknown path or parameter, a value outside its schema, a
        missing parameter, a filter beside a page token."""
        knowing = [one for one in self._all if one.knows(path)]
        if not knowing:
            return [f"{path} is not an endpoint"]
        faults = []
        for name in sorted({name for name, _ in query}):
            described = [(one, one.parameters(path)[name]) for one in knowing if name in one.parameters(path)]
            values = [value for key, value in query if key == name]
            if not described:
                faults.append(f"{path} has no parameter {name}")
            for description, parameter in described[:1]:
                faults += [f"{name}: {one}" for one in _value_faults(description, parameter["schema"], values)]
        names = {name for name, _ in query}
        if "pageToken" in names:
            return faults + [f"{name} beside pageToken" for name in sorted(names - PAGE_PARAMETERS)]
        required = {name for one in knowing for name, it in one.parameters(path).items() if it.get("required")}
        return faults + [f"{name} is missing" for name in sorted(required - names)]

    def answer_faults(self, path: str, body: Any) -> list[str]:
        return [fault for one in self._all for fault in one.answer_faults(path, body)]


@cache
def descriptions() -> Descriptions:
    files = ("skolverket-reference-api.yml", "supplement.yml")
    return Descriptions([Description(yaml.safe_load((FOLDER / name).read_bytes())) for name in files])


def _value_faults(description: Description, schema: dict[str, Any], values: Iterable[str]) -> list[str]:
    given = list(values)
    if schema.get("type") == "array":  # style form, exploded: a parameter for each element
        return description.faults(_as_json_schema(schema), given)
    if len(given) > 1:
        return ["stands more than once"]
    value: Any = given[0]
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
        value = int(value)
    return description.faults(_as_json_schema(schema), value)


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 has ``nullable`` where JSON Schema has a type; references lead into the same file."""
    if isinstance(node, list):
        return [_as_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _as_json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True:
        made["type"] = [made["type"], "null"]
    if isinstance(made.get("$ref"), str) and made["$ref"].startswith("#"):
        made["$ref"] = f"urn:description{made['$ref']}"
    return made
