# SPDX-License-Identifier: LGPL-2.1-or-later
"""Listens where the attempts on sockets go, and gives everybody the secret.

listen.py ABSTRACT DISPLAY FOLDER: prints the port on the loopback interface, TCP and UDP, IPv4 and
IPv6, once all are there.
"""
import os
import selectors
import socket
import sys

SECRET = b"secret text\n"


def listen(family, kind, address):
    sock = socket.socket(family, kind)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind(address)
    if kind == socket.SOCK_STREAM:
        sock.listen(64)
    os.set_blocking(sock.fileno(), True)
    return sock


def listen_at(port):
    """At all addresses of this machine, one port for all; a free one if it is 0."""
    sockets = []
    for family, host in (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"):
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            sockets.append(listen(family, kind, (host, port)))
            port = sockets[0].getsockname()[1]
    return sockets


def listen_somewhere():
    while True:
        try:
            return listen_at(0)
        except OSError:  # that of the first is not free for the others
            continue


def answer(sock):
    if sock.type == socket.SOCK_DGRAM:
        _, sender = sock.recvfrom(64)
        sock.sendto(SECRET, sender)
        return
    connection, _ = sock.accept()
    with connection:
        connection.sendall(SECRET)


def main():
    abstract, display, folder = sys.argv[1:]
    inet = listen_somewhere()
    sockets = inet + [
        listen(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}"),
        listen(socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{abstract}-datagram"),
        listen(socket.AF_UNIX, socket.SOCK_STREAM, f"\0/tmp/.X11-unix/X{display}"),
        listen(socket.AF_UNIX, socket.SOCK_STREAM, f"{folder}/socket"),
        listen(socket.AF_UNIX, socket.SOCK_DGRAM, f"{folder}/datagram"),
    ]
    selector = selectors.DefaultSelector()
    for sock in sockets:
        selector.register(sock, selectors.EVENT_READ)
    print(inet[0].getsockname()[1], flush=True)
    while True:
        for key, _ in selector.select():
            try:
                answer(key.fileobj)
            except OSError:  # it has gone
                pass


main()
