# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a program would do that has been taken over. Prints "reached WHAT" for all that it got at.

Usage: hostile.py READ... -- WRITE... -- CONNECT... -- PID... -- VARIABLE...

CONNECT is HOST:PORT, @NAME of an abstract socket or /PATH of one. The processes are killed.
"""
import os
import signal
import socket
import sys


def read(path):
    with open(path, "rb") as file:
        file.read(1)


def write(path):
    with open(path, "ab") as file:
        file.write(b"hostile\n")


def connect(where):
    if where[0] in "/@":
        family, address = socket.AF_UNIX, where.replace("@", "\0")
    else:
        family, address = socket.AF_INET, (where.split(":")[0], int(where.split(":")[1]))
    with socket.socket(family) as peer:
        peer.settimeout(20)
        peer.connect(address)


def kill(pid):
    os.kill(int(pid), signal.SIGKILL)


def variable(name):
    os.environ[name]


def main():
    acts = [read, write, connect, kill, variable]
    for word in sys.argv[1:]:
        if word == "--":
            acts.pop(0)
            continue
        try:
            acts[0](word)
            print("reached", acts[0].__name__, word, flush=True)
        except (OSError, KeyError):
            pass
    pids = [name for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
    if len(pids) > 10:
        print("reached the processes of the host", flush=True)
    print("done", flush=True)


main()
