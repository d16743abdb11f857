#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a jail could leave behind, a line each: processes, mounts, namespaces, System V and POSIX
# shared memory. Lists from before and after are to be equal. The caller and its parents are left
# out. Of namespaces, others than root see only their own.
#
# Usage: traces.py

import ctypes
import os
import struct

SYS_listns = 470  # Linux 6.19
CLONE_NEWUSER = 0x10000000


def processes():
    mine, pid = set(), os.getpid()
    while pid:
        mine.add(pid)
        with open(f"/proc/{pid}/stat") as stat:
            pid = int(stat.read().rsplit(")", 1)[1].split()[1])
    for name in os.listdir("/proc"):
        try:
            # kernel threads come and go; they have no program
            os.readlink(f"/proc/{name}/exe")
            if int(name) not in mine:
                with open(f"/proc/{name}/comm") as comm:
                    yield f"process {name} {comm.read().strip()}"
        except (OSError, ValueError):
            pass


def mounts():
    with open("/proc/self/mountinfo") as lines:
        return ["mount " + line.strip() for line in lines]


def listns(kind, owner):
    """The namespaces of a kind, or of all (0), that a user namespace owns, or that there are (0)."""
    libc = ctypes.CDLL(None, use_errno=True)
    last, count = 0, 100
    while count == 100:
        request = struct.pack("=IIQIIQ", 32, 0, last, kind, 0, owner)
        found = (ctypes.c_uint64 * 100)()
        count = libc.syscall(SYS_listns, request, found, ctypes.c_size_t(100), 0)
        if count < 0:
            raise OSError(ctypes.get_errno(), "listns")
        for last in found[:count]:
            yield last


def namespaces():
    """With a process in them or without."""
    users = list(listns(CLONE_NEWUSER, 0))
    all = set(listns(0, 0))
    for user in users:
        all |= set(listns(0, user))
    return [f"namespace {number}" for number in sorted(all)]


def shared_memory():
    with open("/proc/sysvipc/shm") as lines:
        for line in lines.readlines()[1:]:
            yield "shm " + line.split()[1]
    for name in os.listdir("/dev/shm"):
        yield "shm " + name


for kind in processes, mounts, namespaces, shared_memory:
    print(*kind(), sep="\n")
