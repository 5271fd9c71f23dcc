from __future__ import annotations

import json

import pytest

from gradproof.derive.render import render
from gradproof.derive.render.json import SCHEMA

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def violations(value, schema, place="$"):
    """Where a value breaks a schema, for the part of JSON Schema that is used here."""
    if "anyOf" in schema:
        found = [violations(value, s, place) for s in schema["anyOf"]]
        return [] if any(not f for f in found) else found[-1]
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, TYPES[t]) for t in allowed):
        return [f"{place}: {type(value).__name__}, not {allowed}"]
    out = [] if value in schema.get("enum", [value]) else [f"{place}: {value!r} is not allowed"]
    if isinstance(value, dict):
        properties = schema["properties"]
        out += [f"{place}.{n} is missing" for n in schema["required"] if n not in value]
        out += [f"{place}.{n} is unknown" for n in value if n not in properties]
        out += [v for n in value if n in properties for v in violations(value[n], properties[n], f"{place}.{n}")]
    if isinstance(value, list):
        out += [v for k, x in enumerate(value) for v in violations(x, schema["items"], f"{place}[{k}]")]
    return out


@pytest.mark.parametrize("detail", [1, 2, 3])
def test_it_follows_the_documented_schema(derivation, detail):
    assert violations(json.loads(render(derivation, "json", detail=detail)), SCHEMA) == []


def test_the_check_of_the_schema_can_fail():
    assert violations({}, SCHEMA)
    assert violations({"name": 1}, {"type": "object", "required": [], "properties": {"name": {"type": "string"}}})


def test_gradients_in_three_notations(derived):
    (z, *_) = json.loads(render(derived("softmax_cross_entropy"), "json", detail=1))["results"]
    assert z["equation"]["notation"] == "d_z[i,c] = (p[i,c] - y[i,c])/m"
    assert z["equation"]["latex"] == r"\frac{\partial L}{\partial z_{i,c}} = \frac{p_{i,c} - y_{i,c}}{m}"
    assert z["matrix"] == {"text": "∂z = (p − y)/m", "latex": r"\frac{\partial L}{\partial z} = \left(p - y\right)/m"}


def test_the_notation_in_it_parses_back(derived):
    from gradproof.derive.notation import parse_system

    for equation in json.loads(render(derived("mlp"), "json"))["equations"]:
        assert equation["notation"].startswith(("z", "a", "L"))
    tensors = {t["name"]: t for t in json.loads(render(derived("dense"), "json"))["tensors"]}
    assert tensors["d_W"]["shape"] == ["D", "C"]
    text = "given X[m, D], W[D, C], b[C]\n" + json.loads(render(derived("dense"), "json"))["equations"][0]["notation"]
    assert parse_system(text).equations[0].value == derived("dense").system.equations[0].value
