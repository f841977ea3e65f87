"""Writes with redis-py in RESP3 while the primary moves, and prints what it is told of that.

Arguments: host, port, password, and for how many seconds. Prints `ready` after the first write, each
notification by its class, and at the end `done` with the number of writes; raises at any error.
"""

import sys
import time

import redis
from redis.maint_notifications import (
    MaintNotificationsConfig,
    MaintNotificationsConnectionHandler,
)

host, port, password, seconds = sys.argv[1:5]
handle = MaintNotificationsConnectionHandler.handle_notification


def hear(self, notification):
    print(type(notification).__name__, flush=True)
    return handle(self, notification)


MaintNotificationsConnectionHandler.handle_notification = hear
client = redis.Redis(
    host=host,
    port=int(port),
    password=password,
    protocol=3,
    # The answer to its question must be OK, or the connection fails.
    maint_notifications_config=MaintNotificationsConfig(enabled=True),
    retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0),
)
count = 0
end = time.monotonic() + float(seconds)
while time.monotonic() < end:
    count += 1
    assert client.incr("notices") == count
    if count == 1:
        print("ready", flush=True)
    time.sleep(0.005)
print(f"done {count}", flush=True)
