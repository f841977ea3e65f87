"""What programs ordinarily do with redis-py or valkey-py.

Arguments: the library, host, port, the listener's kind (read, write, auto), password; through a
`read` listener what only reads, and a port at which one may write in seventh place. It says what
was done, and raises at whatever is not as it would be at a server.

Through an `auto` listener a read may be answered by a replica that is a little behind, as the
documentation says: `soon` asks again there. A pipeline is never behind itself.
"""

import importlib
import sys
import threading
import time

name, host, port, kind, password = sys.argv[1:6]
library = importlib.import_module(name)
make = library.Valkey if name == "valkey" else library.Redis
prefix = f"{name}:{kind}:"


def connect(at=port, **options):
    options = {"decode_responses": True, "socket_timeout": 10} | options
    return make(host=host, port=int(at), password=password, **options)


client = connect()
writer = client if kind != "read" else connect(sys.argv[6])


def equal(value, expected):
    assert value == expected, f"{value!r:.200} is not {expected!r:.200}"


def soon(call, expected):
    deadline = time.monotonic() + (0 if kind == "write" else 3)
    while True:
        value = call()
        if value == expected or time.monotonic() >= deadline:
            return equal(value, expected)
        time.sleep(0.01)


def values():
    key = prefix + "value"
    equal(writer.set(key, "one"), True)
    soon(lambda: client.get(key), "one")
    equal(writer.set(key, "two", nx=True), None)
    equal(writer.append(key, "!"), 4)
    equal(writer.getset(key, "three"), "one!")
    equal(writer.expire(key, 100), True)
    soon(lambda: 90 < client.ttl(key) <= 100, True)
    large = "x" * 1_000_000
    writer.set(key, large)
    soon(lambda: client.get(key), large)
    equal(writer.delete(key), 1)
    soon(lambda: client.exists(key), 0)


def structures():
    writer.hset(prefix + "hash", mapping={"a": "1", "b": "2"})
    soon(lambda: client.hgetall(prefix + "hash"), {"a": "1", "b": "2"})
    writer.zadd(prefix + "zset", {"a": 1.5, "b": 2.5})
    soon(lambda: client.zscore(prefix + "zset", "b"), 2.5)
    writer.sadd(prefix + "set", "a", "b")
    soon(lambda: set(client.smembers(prefix + "set")), {"a", "b"})
    writer.rpush(prefix + "list", *range(100))
    soon(lambda: client.lrange(prefix + "list", 0, 4), ["0", "1", "2", "3", "4"])
    entries = [writer.xadd(prefix + "stream", {"n": str(n)}) for n in range(3)]
    soon(lambda: [entry for entry, _ in client.xrange(prefix + "stream")], entries)


def pipelines():
    with writer.pipeline(transaction=False) as pipe:
        for n in range(200):
            pipe.set(f"{prefix}p{n}", n).get(f"{prefix}p{n}").incr(prefix + "counter")
        replies = pipe.execute()
    expected = []
    for n in range(200):
        expected += [True, str(n), n + 1]
    equal(replies, expected)
    with writer.pipeline(transaction=False) as pipe:
        replies = pipe.lpush(prefix + "value", "a").set(prefix + "wrong", "w").lpush(
            prefix + "wrong", "x").execute(raise_on_error=False)
    equal(replies[:2], [1, True])
    assert isinstance(replies[2], library.ResponseError), replies
    writer.delete(prefix + "value", prefix + "wrong")
    soon(lambda: client.mget(f"{prefix}p7", f"{prefix}p8"), ["7", "8"])
    with client.pipeline(transaction=False) as pipe:
        for n in range(200):
            pipe.get(f"{prefix}p{n}")
        equal(pipe.execute(), [str(n) for n in range(200)])


def transactions():
    key = prefix + "balance"
    with writer.pipeline(transaction=True) as pipe:
        equal(pipe.set(key, 10).incrby(key, 5).get(key).execute(), [True, 15, "15"])

    def add(pipe):
        value = int(pipe.get(key))
        pipe.multi()
        pipe.set(key, value + 1)

    threads = [
        threading.Thread(target=lambda: [writer.transaction(add, key) for _ in range(20)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    soon(lambda: client.get(key), "75")
    with writer.pipeline() as pipe:
        pipe.watch(key)
        writer.set(key, "changed")
        pipe.multi()
        pipe.set(key, "too late")
        try:
            pipe.execute()
            raise AssertionError("a watched key had changed")
        except library.WatchError:
            pass
    soon(lambda: client.get(key), "changed")


def subscriptions():
    channels = [prefix + "news", prefix + "pattern:*"]
    subscriber = client.pubsub(ignore_subscribe_messages=True)
    subscriber.subscribe(channels[0])
    subscriber.psubscribe(channels[1])
    heard = []
    deadline = time.monotonic() + 5
    # A subscription is under way until the server has it.
    while len(heard) < 2 and time.monotonic() < deadline:
        if not heard:
            writer.publish(channels[0], "hello")
        writer.publish(prefix + "pattern:1", "bye")
        message = subscriber.get_message(timeout=0.1)
        while message:
            pair = (message["channel"], message["data"])
            if pair not in heard:
                heard.append(pair)
            message = subscriber.get_message(timeout=0)
    equal(sorted(heard), [(prefix + "news", "hello"), (prefix + "pattern:1", "bye")])
    subscriber.close()


def blocking():
    key = prefix + "queue"
    equal(writer.blpop(key, timeout=0.2), None)
    pusher = threading.Timer(0.2, lambda: writer.rpush(key, "job"))
    pusher.start()
    begin = time.monotonic()
    equal(tuple(writer.blpop(key, timeout=5)), (key, "job"))
    assert 0.1 < time.monotonic() - begin < 3
    pusher.join()
    equal(writer.llen(key), 0)


def streams():
    stream = prefix + "tasks"
    first = writer.xadd(stream, {"n": "1"})
    writer.xgroup_create(stream, "group", id="0")
    reply = writer.xreadgroup("group", "me", {stream: ">"}, count=1, block=100)
    assert first in repr(reply), reply
    equal(writer.xack(stream, "group", first), 1)
    later = threading.Timer(0.2, lambda: writer.xadd(stream, {"n": "2"}))
    later.start()
    assert "'2'" in repr(writer.xread({stream: "$"}, block=5_000))
    later.join()


def cursors():
    expected = {f"{prefix}scan:{n}" for n in range(1_000)}
    with writer.pipeline(transaction=False) as pipe:
        for key in expected:
            pipe.set(key, 1)
        pipe.execute()
    soon(lambda: set(client.scan_iter(match=prefix + "scan:*", count=50)), expected)
    writer.hset(prefix + "wide", mapping={str(n): n for n in range(1_000)})
    soon(lambda: len(dict(client.hscan_iter(prefix + "wide", count=50))), 1_000)


def scripts():
    key = prefix + "scripted"
    script = writer.register_script("return redis.call('incrby', KEYS[1], ARGV[1])")
    equal([script(keys=[key], args=[n]) for n in (1, 2, 3)], [1, 3, 6])
    equal(writer.eval("return {KEYS[1], ARGV[1]}", 1, "k", "a"), ["k", "a"])
    soon(lambda: client.eval_ro("return redis.call('get', KEYS[1])", 1, key), "6")
    with writer.lock(prefix + "lock", timeout=5):
        equal(writer.lock(prefix + "lock", timeout=5).acquire(blocking=False), False)
    equal(writer.lock(prefix + "lock", timeout=5).acquire(blocking=False), True)


def connections():
    other = connect(db=3, client_name="by-name")
    equal(other.client_getname(), "by-name")
    equal(other.ping(), True)
    if kind != "read":
        other.set(prefix + "in-three", "3")
        soon(lambda: other.get(prefix + "in-three"), "3")
        equal(client.get(prefix + "in-three"), None)
    assert client.info("server")["redis_version"]
    newer = connect(protocol=3)
    if kind != "read":
        newer.hset(prefix + "map", mapping={"a": "1"})
        soon(lambda: newer.hgetall(prefix + "map"), {"a": "1"})
    equal(newer.ping(), True)
    try:
        client.execute_command("NO-SUCH-COMMAND")
        raise AssertionError("an unknown command was answered")
    except library.ResponseError as error:
        assert "unknown command" in str(error), error


def refused():
    try:
        client.set(prefix + "value", "x")
        raise AssertionError("a write was done where one may only read")
    except library.ReadOnlyError:
        pass


tasks = [values, structures, pipelines, transactions, subscriptions, blocking, streams, cursors]
tasks += [scripts, connections] + ([refused] if kind == "read" else [])
for task in tasks:
    begin = time.monotonic()
    task()
    print(f"{task.__name__} {(time.monotonic() - begin) * 1000:.0f} ms", flush=True)
print("done")
