"""Drives a gateway with the official Python MCP SDK, over HTTP or over stdio:

    official_client.py STEPS DATABASE BACKEND http URL TOKEN
    official_client.py STEPS DATABASE BACKEND stdio PROGRAM [ARGUMENT ..]

STEPS is `all` or `vanish`. Each step prints its name when it holds. With `vanish` it starts a call that is never
answered.
"""

import asyncio
import os
import sqlite3
import sys

import httpx2
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

STEPS, DATABASE, BACKEND, TRANSPORT, *TARGET = sys.argv[1:]


def connect():
    if TRANSPORT == "stdio":
        program, *arguments = TARGET
        server = StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
        return Client(stdio_client(server))
    url, token = TARGET
    http = httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=60)
    return Client(streamable_http_client(url, http_client=http))


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


async def busy(client):
    # The gateway has one connection, and its record of a call has to wait for this lock.
    lock = sqlite3.connect(DATABASE, isolation_level=None, timeout=30)
    lock.execute("BEGIN IMMEDIATE")
    two = [asyncio.create_task(client.call_tool("tools__answer", {})) for _ in range(2)]
    done, waiting = await asyncio.wait(two, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    lock.execute("ROLLBACK")
    lock.close()
    result = done.pop().result()
    assert result.is_error and result.structured_content["code"] == "busy", result
    assert result.structured_content["retry_after_ms"] > 0, result
    assert not (await waiting.pop()).is_error
    await calls(client)


async def gives_up(client):
    try:
        await client.call_tool("tools__wait", {}, read_timeout_seconds=0.5)
        raise AssertionError("an answer")
    except MCPError:
        pass
    await calls(client)


async def cancels(client):
    async with httpx2.AsyncClient() as http, asyncio.timeout(30):
        before = (await http.get(f"{BACKEND}/calls")).text
        call = asyncio.create_task(client.call_tool("tools__wait", {}))
        while (await http.get(f"{BACKEND}/calls")).text == before:
            await asyncio.sleep(0.01)
    call.cancel()
    await calls(client)


async def limited(client):
    # The gateway permits this team twenty calls in a minute.
    for _ in range(20):
        result = await client.call_tool("demo__echo", {"text": "again"})
        if result.is_error:
            break
    assert result.structured_content["code"] == "rate_limited", result
    assert 0 < result.structured_content["retry_after_ms"] <= 60_000, result


async def main():
    async with connect() as client:
        for step in [lists, calls, errors, busy, gives_up, cancels]:
            await step(client)
            print(step.__name__, flush=True)
    async with connect() as client:
        await calls(client)
        await lists(client)
        print("reconnects", flush=True)
        await limited(client)
        print("limited", flush=True)


async def vanish():
    async with connect() as client:
        await client.call_tool("tools__wait", {})


asyncio.run(vanish() if STEPS == "vanish" else main())
