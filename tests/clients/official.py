"""Drives an MCP server with the official Python SDK: official.py SERVER [ARGUMENT ..]

The server has one connection. Each step prints its name when it holds.
"""

import asyncio
import os
import sys

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError


def connect():
    server = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:], env=dict(os.environ))
    return Client(stdio_client(server))


def step(name):
    print(name, flush=True)


async def record(client, text):
    return await client.call_tool("record", {"text": text})


async def count(client):
    return (await client.call_tool("count", {})).content[0].text


async def until(condition):
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.01)


async def lists(client):
    tools = (await client.list_tools()).tools
    assert {"record", "count", "hold"} <= {tool.name for tool in tools}, tools
    assert all(tool.description for tool in tools)
    step("list")


async def calls(client):
    result = await record(client, "by python")
    assert not result.is_error and result.content[0].text == "by python", result
    assert await count(client) == "1"
    step("call")


async def errors(client):
    result = await client.call_tool("broken", {})
    assert result.is_error, result
    assert result.structured_content["code"] == "database", result
    assert "hidden_table" not in str(result), result
    try:
        await client.call_tool("strict", {})
        raise AssertionError("no protocol error")
    except MCPError as error:
        assert "nothing pleases" in str(error), error
    step("error")


async def busy_and_cancelled(client):
    held = asyncio.create_task(client.call_tool("hold", {"text": "held"}))

    async def is_busy():
        result = await record(client, "second")
        return result.is_error and result.structured_content["code"] == "busy"

    await until(is_busy)
    result = await record(client, "third")
    assert result.structured_content["retry_after_ms"] == 2000, result
    step("busy")

    # The SDK tells the server.
    held.cancel()

    async def is_free():
        return not (await record(client, "after")).is_error

    await until(is_free)
    step("cancel")


async def main():
    async with connect() as client:
        await lists(client)
        await calls(client)
        await errors(client)
        await busy_and_cancelled(client)
    async with connect() as client:
        assert await count(client) != "0"
        step("reconnect")


asyncio.run(main())
