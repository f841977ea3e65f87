"""The same as sentinel_work.py in asyncio, with the same arguments, but for what that asks once."""

import asyncio
import importlib
import sys
import time

name, password, servers_password, group, primary, *places = sys.argv[1:]
library = importlib.import_module(name + ".asyncio")
sentinels = importlib.import_module(name + ".asyncio.sentinel")
addresses = [(host, int(port)) for host, port in (place.split(":") for place in places)]


def connect(**credentials):
    return sentinels.Sentinel(
        addresses, sentinel_kwargs={"socket_timeout": 2, "decode_responses": True} | credentials,
        password=servers_password, socket_timeout=2, decode_responses=True)


async def listen(sentinel, events):
    async with sentinel.sentinels[0].pubsub(ignore_subscribe_messages=True) as subscriber:
        await subscriber.psubscribe("*")
        while True:
            message = await subscriber.get_message(timeout=1)
            if message:
                events.append((message["channel"], message["data"]))


async def write(sentinel, writer):
    taken, longest, last = 0, 0, time.monotonic()
    deadline = last + 30
    while True:
        assert time.monotonic() < deadline, "no new primary takes writes"
        try:
            taken += 1
            await writer.set("sentinel:asynchronous:" + name, taken)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            if taken == 1:
                print("ready", flush=True)
            if longest > 0.5 and (await sentinel.discover_master(group))[0] != primary:
                return longest
        except (library.ConnectionError, library.TimeoutError, library.ReadOnlyError):
            pass
        await asyncio.sleep(0.01)


async def main():
    try:
        await connect(password="wrong").sentinels[0].ping()
        raise AssertionError("a wrong password was taken")
    except library.AuthenticationError:
        pass
    sentinel = connect(username="application", password="for " + password)
    assert await sentinel.discover_master(group) == (primary, 6379)
    assert len(await sentinel.discover_slaves(group)) == 2
    events = []
    listener = asyncio.create_task(listen(sentinel, events))
    longest = await write(sentinel, sentinel.master_for(group))
    heir = (await sentinel.discover_master(group))[0]
    wanted = ("+switch-master", f"{group} {primary} 6379 {heir} 6379")
    deadline = time.monotonic() + 5
    while wanted not in events:
        assert time.monotonic() < deadline, f"not heard: {wanted} among {events}"
        await asyncio.sleep(0.01)
    listener.cancel()
    print(f"done {longest * 1000:.0f} ms")


asyncio.run(main())
