"""Tools for agents: the official SDK's client against our server, which calls a real site's routes over HTTP."""

import json
import os
import subprocess
import sys

import pytest
from mcp import Client, StdioServerParameters

from app.errors import AccessError, ProtocolError, StateUnavailableError
from app.mcp.server import SiteRoutes, checked_address, mcp_server, site_tools
from app.mcp.tools import tools_of
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import WebSettings
from app.web.app import create_app
from tests.support.fake_web import FakeContainer, serving

MADE = {role: new_key(f"the-{role}", role) for role in KeyRole}
SETTINGS = WebSettings(
    secret="a secret for tests", environment="production", keys=tuple(kept for _, kept in MADE.values())
)


@pytest.fixture
def container():
    return FakeContainer(web=SETTINGS)


@pytest.fixture
async def url(container):
    async with serving(container) as url:
        yield url


def site(url, role):
    return SiteRoutes(url, MADE[role][0])


def server(url, role):
    return mcp_server(site(url, role), version="1")


def words(result):
    return "".join(part.text for part in result.content)


async def test_an_agent_decides_a_question(url):
    async with Client(server(url, KeyRole.VIEWER)) as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        answer = await agent.call_tool("match", {"text": "Open?"})

    assert tools["match"].annotations.read_only_hint
    assert tools["match"].input_schema["required"] == ["text"]
    assert json.loads(words(answer))["outcome"] == "answer"


@pytest.mark.parametrize("role", KeyRole)
async def test_a_key_sees_the_tools_of_its_role_and_no_operator_s(url, role):
    seen = {(tool.method.upper(), tool.path, tool.role) for tool in await site_tools(site(url, role))}

    document = create_app(FakeContainer()).openapi()
    wanted = {
        (method.upper(), path, operation["x-role"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation.get("x-role") not in {None, "operator"} and role.may(KeyRole(operation["x-role"]))
    }
    files = {one for one in wanted if one[:2] not in {(method, path) for method, path, _ in seen}}
    assert seen == wanted - files
    assert all(path.endswith("/pack") for _, path, _ in files)


def test_every_tool_has_a_name_of_its_own_words_and_closed_arguments():
    tools = tools_of(create_app(FakeContainer()).openapi(), role=KeyRole.PUBLISHER)

    assert len({tool.name for tool in tools}) == len(tools)
    for tool in tools:
        assert len(tool.description) > 30
        assert tool.schema["additionalProperties"] is False
        assert "components/schemas" not in json.dumps(tool.schema)
        assert tool.in_path <= set(tool.schema["properties"])


async def test_a_refusal_of_the_site_is_the_tool_s_answer(url):
    async with Client(server(url, KeyRole.AUTHOR)) as agent:
        missing = await agent.call_tool("turn", {"turn_id": "t 1"})
        hidden = await agent.call_tool("use", {"number": 1, "after": 0})
        pathless = await agent.call_tool("turn", {})

    assert [one.is_error for one in (missing, hidden, pathless)] == [True, True, True]
    assert words(missing).startswith("turn_not_found: ")
    assert "No tool is called 'use' for this key" in words(hidden)
    assert "turn_id" in words(pathless)


async def test_what_changes_something_is_in_the_audit_log_under_the_key_s_name(url, container):
    async with Client(server(url, KeyRole.PUBLISHER)) as agent:
        await agent.call_tool("use", {"number": 1, "after": 0})

    (row,) = [row.act for row in container.audit.rows]
    assert (row.actor, row.subject) == ("key the-publisher (publisher)", "POST /v1/releases/{number}/use")


async def test_a_wrong_key_and_a_site_that_is_away_are_said(url):
    with pytest.raises(AccessError, match="GREENROOM_MCP_KEY"):
        await site_tools(SiteRoutes(url, "a guess"))
    with pytest.raises(StateUnavailableError, match="greenroom serve"):
        await site_tools(SiteRoutes("http://127.0.0.1:1", ""))
    with pytest.raises(ProtocolError, match="http://"):
        checked_address("file:///etc/passwd")


async def test_the_command_serves_on_standard_input_and_output(url):
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "app", "mcp", "--url", url],
        env={**os.environ, "GREENROOM_MCP_KEY": MADE[KeyRole.VIEWER][0]},
    )

    async with Client(command) as agent:
        names = {tool.name for tool in (await agent.list_tools()).tools}

    assert {"match", "catalog", "releases"} <= names


def test_the_command_lists_the_tools_of_the_warmed_site(live_server):
    command = [sys.executable, "-m", "app", "mcp", "--url", live_server, "--list"]

    told = subprocess.run(command, capture_output=True, text=True, check=True)

    assert told.stdout.startswith("match ")
