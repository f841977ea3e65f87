"""Reads with redis-py in RESP3 while the balancer that it reads through is stopped.

Arguments: host, port, password, and for how many seconds. Prints `ready` after the first read, each
notification by its class, and at the end `done` with the number of reads and the longest in
milliseconds; raises at any error.
"""

import sys
import time

import redis
from redis.maint_notifications import MaintNotificationsConfig, MaintNotificationsPoolHandler

host, port, password, seconds = sys.argv[1:5]
handle = MaintNotificationsPoolHandler.handle_notification


def hear(self, notification):
    print(type(notification).__name__, flush=True)
    return handle(self, notification)


MaintNotificationsPoolHandler.handle_notification = hear
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
longest = 0
end = time.monotonic() + float(seconds)
while time.monotonic() < end:
    begin = time.monotonic()
    assert client.get("greeting") == b"hello"
    longest = max(longest, time.monotonic() - begin)
    count += 1
    if count == 1:
        print("ready", flush=True)
    time.sleep(0.002)
print(f"done {count} {longest * 1000:.0f}", flush=True)
