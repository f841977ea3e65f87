"""redis-py with ssl=True through a listener with TLS: writes until it is told to end.

secured_work.py HOST PORT PASSWORD CA CERT KEY: prints "ready" after the first write that was taken,
then counts; at a line on standard input it prints what it met and compares what it knows.
"""

import sys
import threading

import redis

host, port, password, authority, certificate, key = sys.argv[1:]


def connect():
    return redis.Redis(
        host=host, port=int(port), password=password, ssl=True, ssl_ca_certs=authority,
        ssl_certfile=certificate, ssl_keyfile=key, ssl_check_hostname=False, socket_timeout=15)


client = connect()
large = "x" * (1 << 20)
assert client.set("large", large) and client.get("large").decode() == large

over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
taken, unsure, broken, last = 0, 0, 0, None
while not over.is_set():
    try:
        client.set("number", taken)
        last, taken = taken, taken + 1
        if taken == 1:
            print("ready", flush=True)
    except redis.ConnectionError:
        broken += 1
    except redis.ResponseError as error:
        assert "BATON_UNSURE" in str(error), error
        unsure += 1
assert int(client.get("number")) in (last, last + 1), (client.get("number"), last)
print(f"taken={taken} unsure={unsure} broken={broken}", flush=True)
