"""The description of the socket."""

import json

from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from app.web.app import create_app
from app.web.asyncapi import CLIENT_MESSAGES, SERVER_MESSAGES, asyncapi_document
from tests.support.fake_web import FakeContainer


def _references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_every_reference_leads_somewhere():
    document = asyncapi_document("1")

    for reference in _references(document):
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_it_is_served():
    served = TestClient(create_app(FakeContainer())).get("/asyncapi.json").json()

    assert served["asyncapi"] == "3.0.0"
    assert served["channels"]["chat"]["address"] == "/v1/chat"
    assert len(served["channels"]["chat"]["messages"]) == len(CLIENT_MESSAGES) + len(SERVER_MESSAGES)
    assert {rule["code"] for rule in served["x-close-codes"]} >= {1012, 4001, 4004, 4005, 4006, 4007, 4008, 4009}


def test_its_schemas_are_schemas():
    for schema in asyncapi_document("1")["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_type_and_number_are_required():
    schemas = asyncapi_document("1")["components"]["schemas"]

    assert {"type", "seq", "turn", "outcome"} == set(schemas["ResponseDone"]["required"])
    assert "locale" not in schemas["SessionStart"]["required"]


def test_it_is_json():
    assert json.loads(json.dumps(asyncapi_document("1")))["info"]["version"] == "1"
