# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of D-Bus, by its wire format alone, so that it needs no library in a jail.

usage: bus.py serve NAME...      owns the names, says "ready", and answers every call
       bus.py WORD NAME...       a line each: what came of it; WORD is call (its Ping), own, seen
                                 (whether the bus tells its owner) or listed
"""

import os
import re
import socket
import struct
import sys

CALL, REPLY, ERROR = 1, 2, 3
BUS = "org.freedesktop.DBus"


def text(value):
    return struct.pack("<I", len(value)) + value.encode() + b"\0"


def pad(data, to):
    return data + b"\0" * (-len(data) % to)


class Bus:
    def __init__(self):
        path = re.search("unix:path=([^,;]*)", os.environ["DBUS_SESSION_BUS_ADDRESS"])[1]
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.data = b""
        self.serial = 0
        self.socket.sendall(b"\0AUTH EXTERNAL %s\r\n" % str(os.getuid()).encode().hex().encode())
        if not self.line().startswith(b"OK"):
            raise SystemExit("not accepted")
        self.socket.sendall(b"BEGIN\r\n")
        self.ask(BUS, "Hello")

    def line(self):
        while b"\r\n" not in self.data:
            self.more()
        line, self.data = self.data.split(b"\r\n", 1)
        return line

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise SystemExit("closed")
        self.data += data

    def send(self, kind, fields, signature="", body=b""):
        self.serial += 1
        packed = b""
        for code, what, value in fields + ([(8, "g", signature)] if signature else []):
            packed = pad(packed, 8) + bytes([code, 1]) + what.encode() + b"\0"
            if what == "g":
                packed += bytes([len(value)]) + value.encode() + b"\0"
            elif what == "u":
                packed += struct.pack("<I", value)
            else:
                packed += text(value)
        head = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), self.serial, len(packed))
        self.socket.sendall(pad(head + packed, 8) + body)
        return self.serial

    def take(self, length):
        while len(self.data) < length:
            self.more()

    def receive(self):
        """The kind of a message, its fields by code, and its body."""
        self.take(16)
        kind, body, serial, size = struct.unpack("<xBxxIII", self.data[:16])
        start = 16 + size + -size % 8
        self.take(start + body)
        packed, content = self.data[16 : 16 + size], self.data[start : start + body]
        self.data = self.data[start + body :]
        fields, at = {"serial": serial}, 0
        while at < size:
            at += -at % 8
            code, what = packed[at], packed[at + 2 : at + 3]
            at += 4
            if what == b"u":
                fields[code] = struct.unpack_from("<I", packed, at)[0]
                at += 4
            elif what == b"g":
                at += packed[at] + 2
            else:
                length = struct.unpack_from("<I", packed, at)[0]
                fields[code] = packed[at + 4 : at + 4 + length].decode()
                at += length + 5
        return kind, fields, content

    def ask(self, name, member, signature="", body=b"", interface=BUS):
        serial = self.send(CALL, [(1, "o", "/"), (2, "s", interface), (3, "s", member), (6, "s", name)],
                           signature, body)
        while True:
            kind, fields, content = self.receive()
            if kind in (REPLY, ERROR) and fields.get(5) == serial:
                return fields[4].rsplit(".", 1)[1] if kind == ERROR else content

    def serve(self):
        while True:
            kind, fields, _ = self.receive()
            if kind == CALL:
                self.send(REPLY, [(5, "u", fields["serial"]), (6, "s", fields[7])])


def act(bus, word, name):
    if word == "call":
        answer = bus.ask(name, "Ping", interface="org.freedesktop.DBus.Peer")
        return answer if isinstance(answer, str) else "answered"
    if word == "listed":
        return str(name.encode() in bus.ask(BUS, "ListNames"))
    if word == "own":
        answer = bus.ask(BUS, "RequestName", "su", pad(text(name), 4) + struct.pack("<I", 4))
        return answer if isinstance(answer, str) else "owned"
    answer = bus.ask(BUS, "GetNameOwner", "s", text(name))
    return answer if isinstance(answer, str) else "seen"


def main():
    word, *names = sys.argv[1:]
    bus = Bus()
    if word == "serve":
        for name in names:
            act(bus, "own", name)
        print("ready", flush=True)
        bus.serve()
    for name in names:
        print(name, act(bus, word, name))


main()
