"""Drives a gateway with the official Python MCP SDK: official_client.py URL TOKEN [vanish]

Each step prints its name when it holds. With `vanish` it starts a call that is never answered.
"""

import asyncio
import sys

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

URL, TOKEN = sys.argv[1:3]


def connect():
    http = httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}, timeout=60)
    return Client(streamable_http_client(URL, http_client=http))


async def lists(client):
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert {"demo__echo", "demo__fail", "tools__wait"} <= set(tools), tools
    assert tools["demo__echo"].input_schema["properties"]["text"]["type"] == "string", tools


async def calls(client):
    result = await client.call_tool("demo__echo", {"text": "by python"})
    assert not result.is_error and result.content[0].text == "by python", result


async def errors(client):
    assert (await client.call_tool("demo__fail", {})).is_error
    for tool, code in [("tools__break", "upstream_unreachable"), ("other__tool", "no_such_tool")]:
        result = await client.call_tool(tool, {})
        assert result.is_error and result.structured_content["code"] == code, result


async def limited(client):
    # The gateway permits this team ten calls in a minute.
    for _ in range(10):
        result = await client.call_tool("demo__echo", {"text": "again"})
        if result.is_error:
            break
    assert result.structured_content["code"] == "rate_limited", result
    assert 0 < result.structured_content["retry_after_ms"] <= 60_000, result


async def gives_up(client):
    try:
        await client.call_tool("tools__wait", {}, read_timeout_seconds=0.5)
        raise AssertionError("an answer")
    except MCPError:
        pass
    await calls(client)


async def main():
    for step in [lists, calls, errors, gives_up]:
        async with connect() as client:
            await step(client)
            print(step.__name__, flush=True)
    async with connect() as client:
        await calls(client)
        await lists(client)
        await limited(client)
        print("limited", flush=True)


async def vanish():
    async with connect() as client:
        await client.call_tool("tools__wait", {})


asyncio.run(vanish() if sys.argv[3:] == ["vanish"] else main())
