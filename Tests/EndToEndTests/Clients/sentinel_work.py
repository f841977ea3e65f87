"""What programs do with the Sentinel classes of redis-py and valkey-py.

sentinel_work.py LIBRARY PASSWORD SERVERS_PASSWORD GROUP PRIMARY SENTINEL... (host:port each): asks
where everything is, writes while the primary is replaced, and raises at whatever is not as it is
with redis-sentinel. It prints `ready` after the first write, and at the end `done` with the longest
pause between two writes.
"""

import importlib
import sys
import threading
import time

name, password, servers_password, group, primary, *places = sys.argv[1:]
library = importlib.import_module(name)
sentinels = importlib.import_module(name + ".sentinel")
addresses = [(host, int(port)) for host, port in (place.split(":") for place in places)]


def connect(**credentials):
    return sentinels.Sentinel(
        addresses, sentinel_kwargs={"socket_timeout": 2, "decode_responses": True} | credentials,
        password=servers_password, socket_timeout=2, decode_responses=True)


def equal(value, expected):
    assert value == expected, f"{value!r:.300} is not {expected!r:.300}"


def raises(error, call):
    try:
        call()
    except error:
        return
    raise AssertionError(f"no {error.__name__}")


def authentication():
    wrong = [{"password": "wrong"}, {"username": "application", "password": "wrong"}]
    wrong += [{"username": "nobody", "password": password}, {}]
    # Some versions would try ten times, with pauses in between.
    once = library.retry.Retry(library.backoff.NoBackoff(), 0)
    for credentials in wrong:
        sentinel = connect(retry=once, **credentials)
        raises(library.AuthenticationError, sentinel.sentinels[0].ping)
        raises(sentinels.MasterNotFoundError, lambda: sentinel.discover_master(group))
    named = connect(username="application", password="for " + password)
    equal(named.discover_master(group), (primary, 6379))
    raises(library.exceptions.NoPermissionError, lambda: named.sentinels[0].sentinel_reset(group))


def discovery(sentinel):
    equal(sentinel.discover_master(group), (primary, 6379))
    raises(sentinels.MasterNotFoundError, lambda: sentinel.discover_master("nowhere"))
    replicas = sentinel.discover_slaves(group)
    equal(len(replicas), 2)
    assert (primary, 6379) not in replicas, replicas
    for one in sentinel.sentinels:
        state = one.sentinel_master(group)
        equal((state["ip"], state["port"], state["is_master"]), (primary, 6379, True))
        equal(state["num-other-sentinels"], 2)
        equal(len(one.sentinel_sentinels(group)), 2)
        equal(len(one.sentinel_slaves(group)), 2)
        assert group in one.sentinel_masters()
        one.sentinel_ckquorum(group)
        equal(one.info("server")["redis_mode"], "sentinel")
    writer, reader = sentinel.master_for(group), sentinel.slave_for(group)
    key = "sentinel:" + name
    writer.set(key, "1")
    deadline = time.monotonic() + 5
    while reader.get(key) != "1":
        assert time.monotonic() < deadline, "no replica has it"
    raises(library.ReadOnlyError, lambda: reader.set(key, "2"))
    return writer


def listen(sentinel, events):
    subscriber = sentinel.sentinels[0].pubsub(ignore_subscribe_messages=True)
    subscriber.psubscribe("*")

    def hear():
        while True:
            message = subscriber.get_message(timeout=1)
            if message:
                events.append((message["channel"], message["data"]))

    # A subscription is confirmed before anything else is asked.
    subscriber.get_message(timeout=1)
    threading.Thread(target=hear, daemon=True).start()


def write(sentinel, writer):
    taken, longest, last = 0, 0, time.monotonic()
    deadline = last + 30
    while True:
        assert time.monotonic() < deadline, "no new primary takes writes"
        try:
            taken += 1
            writer.set("sentinel:number:" + name, taken)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            if taken == 1:
                print("ready", flush=True)
            if longest > 0.5 and sentinel.discover_master(group)[0] != primary:
                return longest
        except (library.ConnectionError, library.TimeoutError, library.ReadOnlyError):
            pass
        time.sleep(0.01)


authentication()
sentinel = connect(password=password)
writer = discovery(sentinel)
events = []
listen(sentinel, events)
longest = write(sentinel, writer)
heir = sentinel.discover_master(group)[0]
deadline = time.monotonic() + 5
wanted = [
    ("+sdown", f"master {group} {primary} 6379"),
    ("+switch-master", f"{group} {primary} 6379 {heir} 6379"),
]
while not all(event in events for event in wanted):
    assert time.monotonic() < deadline, f"not heard: {wanted} among {events}"
    time.sleep(0.01)
print(f"done {longest * 1000:.0f} ms")
