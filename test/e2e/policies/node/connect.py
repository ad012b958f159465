"""Opens connections to ADDRESS PORT from its first instruction on, for 6 s, and prints when they were open and when not, in ms."""

import json
import socket
import sys
import time

START = time.monotonic()
LAST = 6.0
found = {"open": 0, "lastOpen": 0, "firstShut": None}
while (now := time.monotonic() - START) < LAST:
    try:
        socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=0.2).close()
    except OSError:
        if found["firstShut"] is None:
            found["firstShut"] = round(now * 1000)
    else:
        found["open"] += 1
        found["lastOpen"] = round(now * 1000)
    time.sleep(0.005)
print(json.dumps(found))
