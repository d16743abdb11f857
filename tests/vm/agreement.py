#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether the kernel's verdicts agree with --explain, under one policy.

Usage: agreement.py filtered|blocked [OPTION-OF-URING-JAIL...]

The client "try" tries every operation of io_uring in a jail with these options, by system call and
through a ring, and those with arguments that a filter sees in many forms. What came of it is held
against --explain=json for the same options:

- An operation that is to be denied is EACCES, one that is to be allowed works. Where a filter is to
  decide, the filter that --explain shows is run over what the kernel shows it.
- A system call is denied exactly where the seccomp program that --explain shows denies it, with the
  errno that it says, and as the list of allowed calls says.
- The two gates agree with each other: what is denied as a call is denied in the ring, and what is
  denied in the ring alone is so for a reason that only the ring can have.

filtered: the kernel's filters can be trusted. blocked: they cannot, so there is no ring at all.

In environment: JAIL (the launcher), CLIENTS (the folder of try). Prints what disagrees, the
exceptions that were made, and a summary. Exit status: 0 if all agrees, else 1.
"""
import collections
import errno
import json
import os
import re
import socket
import struct
import subprocess
import sys

OPCODES = 65
DENIED = "EACCES"
LARGEFILE, CREATE, TMPFILE, NOFOLLOW = 0o100000, 0o100, 0o20200000, 0o400000

# What try does for an operation as calls, in its order, with their arguments, None for those that
# it cannot be known for. Calls that are left out take none that a policy here looks at.
SOCKET, OPEN = "socket arguments", "open arguments"
DESCRIPTOR = 5  # or another low one: no policy here tells them apart
READ_16 = (None, None, 16)
FUTEX_WAIT, FUTEX_WAKE = (None, 128), (None, 129)
CALLS = {
    "readv": [("preadv",), ("preadv2",)],
    "writev": [("pwritev",), ("pwritev2",)],
    "fsync": [("fsync",), ("fdatasync",)],
    "read_fixed": [("pread64", READ_16)],
    "write_fixed": [("pwrite64", READ_16)],
    "poll_add": [("ppoll",)],
    "sync_file_range": [("sync_file_range",)],
    "sendmsg": [("sendmsg",)],
    "recvmsg": [("recvmsg",)],
    "timeout": [("clock_nanosleep",)],
    "accept": [("accept4",)],
    "connect": [("connect",)],
    "fallocate": [("fallocate", (None, 0, 0, 4096))],
    "openat": [("openat", OPEN)],
    "close": [("close", (DESCRIPTOR,))],
    "files_update": [("dup",)],
    "statx": [("statx",)],
    "read": [("read", READ_16)],
    "write": [("write", READ_16)],
    "fadvise": [("fadvise64", (None, 0, 16, 0))],
    "madvise": [("madvise",)],
    "send": [("sendto", (None, None, 32, 0x4000, 0, 0))],
    "recv": [("recvfrom", (None, None, 32, 0, 0, 0))],
    "openat2": [("openat2",)],
    "epoll_ctl": [("epoll_ctl",)],
    "splice": [("splice",)],
    "tee": [("tee",)],
    "shutdown": [("shutdown",)],
    "renameat": [("renameat2",)],
    "unlinkat": [("unlinkat",)],
    "mkdirat": [("mkdirat",)],
    "symlinkat": [("symlinkat",)],
    "linkat": [("linkat",)],
    "fsetxattr": [("fsetxattr",)],
    "setxattr": [("setxattr",)],
    "fgetxattr": [("fgetxattr",)],
    "getxattr": [("getxattr",)],
    "socket": [("socket", SOCKET)],
    "uring_cmd": [("ioctl", (None, 0x541B))],
    "send_zc": [("sendto", (None, None, 32, 0x4000, 0, 0))],
    "sendmsg_zc": [("sendmsg",)],
    "read_multishot": [("read", READ_16)],
    "waitid": [("waitid",)],
    "futex_wait": [("futex", FUTEX_WAIT)],
    "futex_wake": [("futex", FUTEX_WAKE)],
    "futex_waitv": [("futex_waitv",)],
    "fixed_fd_install": [("dup",)],
    "ftruncate": [("ftruncate",)],
    "bind": [("bind",)],
    "listen": [("listen",)],
    "recv_zc": [("recvfrom", (None, None, 32, 0, 0, 0))],
    "epoll_wait": [("epoll_pwait",)],
    "readv_fixed": [("preadv",)],
    "writev_fixed": [("pwritev",)],
    "pipe": [("pipe2",)],
    "uring_cmd128": [("ioctl", (None, 0x541B))],
}
# No system call does what these do to a ring's own requests, buffers and neighbours.
NO_CALL = {"nop", "poll_remove", "timeout_remove", "async_cancel", "link_timeout",
           "provide_buffers", "remove_buffers", "msg_ring", "nop128"}

# What is tried of the operations with arguments that a filter sees, and what comes of it if it is
# allowed: "ok", unless it is another word here.
SOCKETS = {
    "unix": "ok", "unix,dgram": "ok", "unix,seqpacket,cloexec": "ok", "inet": "ok",
    "inet,dgram,nonblock": "ok", "inet,stream,cloexec,nonblock": "ok", "inet,stream,6": "ok",
    "inet,dgram,17": "ok", "inet6": "ok", "inet6,dgram,cloexec": "ok", "netlink,raw": "ok",
    "netlink,raw,cloexec,4": "ok", "netlink,raw,9": "ok", "netlink,dgram,9": "ok",
    "vsock": "EAFNOSUPPORT", "alg,seqpacket": "EAFNOSUPPORT", "unspec": "EAFNOSUPPORT",
    "77": "EAFNOSUPPORT",
}
OPENS = ["read", "write", "rdwr", "read,create", "write,create", "write,trunc", "read,trunc",
         "rdwr,create,excl", "rdwr,tmpfile", "read,directory", "path", "write,append",
         "read,nofollow,cloexec", "read,nonblock"]
OPENS2 = OPENS + ["read,beneath", "write,create,in-root", "read,no-symlinks",
                  "read,no-magiclinks,no-symlinks,beneath"]
# Nobody listens at these, so what is let through gets as far as that.
CONNECTS = {
    "127.0.0.1:5432": "ECONNREFUSED", "127.0.0.1:5433": "ECONNREFUSED",
    "127.0.0.2:5432": "ECONNREFUSED", "0.0.0.0:5432": "ECONNREFUSED",
    "[::1]:5432": "ECONNREFUSED", "[::ffff:127.0.0.1]:5432": "ECONNREFUSED",
    "unix:@nobody": "ECONNREFUSED", "unspec": "ok",
}
FORMS = {
    "socket": SOCKETS,
    "openat": dict.fromkeys(OPENS, "ok"),
    "openat2": dict.fromkeys(OPENS2, "ok"),
    "connect": CONNECTS,
}

# Every result that is neither what is to come of an allowed operation nor a denial, with the
# reason. Nothing but these is let pass.
#   gate, operations (None: any), results, whether it was to be allowed (None: or not), what try
#   says is missing (a regular expression), reason
LACKING = r"no (?P<what>[\w ]+?):? ?(?P<call>[a-z]\w*)? (?P<error>[A-Z]\w+)"
EXCEPTIONS = [
    ("ring", {"recv_zc"}, {"EINVAL"}, True, r"no .*",
     "the kernel wants a receive queue before it asks any filter, and no jail can have one"),
    ("ring", {"link_timeout"}, {"ECANCELED"}, None, r"no head of the chain: EACCES",
     "the kernel completes a refused LINK_TIMEOUT like one whose head is refused, and no operation "
     "that could be its head is allowed"),
    (None, None, {"EBADF", "ENOENT", "EFAULT"}, True, LACKING,
     "what it acts on could not be made: that takes another call, which is denied"),
    (None, {"accept", "listen"}, {"EINVAL"}, True, LACKING,
     "the socket does not listen, or has no address to listen at, since listen or bind is denied"),
    (None, {"recv_zc"}, {"ENOTCONN"}, True, LACKING,
     "there is no connection, since that takes another call, which is denied"),
    (None, {"connect"}, {"ECONNREFUSED"}, True, LACKING,
     "there is no listener, since that takes another call, which is denied"),
    (None, {"getxattr", "fgetxattr"}, {"ENODATA"}, True, LACKING,
     "there is no attribute, since setting it is denied"),
    ("ring", {"files_update"}, {"ENXIO"}, True, LACKING,
     "there is no table of files, since registering it is denied"),
    ("ring", {"read_multishot"}, {"ENOBUFS"}, True, LACKING,
     "there is no buffer, since PROVIDE_BUFFERS is denied"),
    ("ring", {"send_zc", "sendmsg_zc", "uring_cmd", "uring_cmd128"}, {"EOPNOTSUPP"}, True, LACKING,
     "unix sockets cannot do it, and inet ones are denied"),
    (None, {"waitid"}, {"ECHILD"}, True, LACKING, "there is no child, since fork is denied"),
]
# By what call the C library makes what try says is missing.
CALLS_BEHIND = {"open": "openat", "fork": "clone"}


class Disagreement(Exception):
    pass


# Classic BPF, enough for all that the kernel takes in either place.

ALU = {
    0x00: lambda a, b: a + b, 0x10: lambda a, b: a - b, 0x20: lambda a, b: a * b,
    0x30: lambda a, b: a // b if b else 0, 0x40: lambda a, b: a | b, 0x50: lambda a, b: a & b,
    0x60: lambda a, b: a << (b & 31), 0x70: lambda a, b: a >> (b & 31), 0xa0: lambda a, b: a ^ b,
    0x80: lambda a, b: -a,
}
JUMPS = {
    0x10: lambda a, b: a == b, 0x20: lambda a, b: a > b, 0x30: lambda a, b: a >= b,
    0x40: lambda a, b: a & b != 0,
}


def outcomes(program, words):
    """All that a program may return over these words, of which None is unknown: both ways are
    taken where one is tested."""
    results, seen, todo = set(), set(), [(0, 0, 0, (0,) * 16)]
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        for following in step(program, words, state, results):
            todo.append(following)
    return results


def load(mode, insn, words, memory):
    if mode == 0x20:
        return words[insn["k"] // 4]
    return {0x00: insn["k"], 0x60: memory[insn["k"] & 15], 0x80: 4 * len(words)}[mode]


def step(program, words, state, results):
    at, a, x, memory = state
    insn = program[at]
    code, k = insn["code"], insn["k"]
    kind, operand = code & 7, (x if code & 8 else k)
    if kind == 6:  # RET
        results.add(a if code & 0x18 == 0x10 else k)
        return []
    if kind == 5:  # JMP
        if code & 0xf0 == 0:
            return [(at + 1 + k, a, x, memory)]
        ways = [True, False] if None in (a, operand) else [JUMPS[code & 0xf0](a, operand)]
        return [(at + 1 + insn["jt" if way else "jf"], a, x, memory) for way in ways]
    if kind == 0:
        a = load(code & 0xe0, insn, words, memory)
    elif kind == 1:
        x = load(code & 0xe0, insn, words, memory)
    elif kind in (2, 3):  # ST, STX
        value = a if kind == 2 else x
        memory = memory[:k] + (value,) + memory[k + 1:]
    elif kind == 4:
        a = None if None in (a, operand) else ALU[code & 0xf0](a, operand) & 0xffffffff
        if code & 0xf0 == 0x50 and not code & 8 and k == 0:
            a = 0
    elif code & 0xf8 == 0x80:  # MISC
        a = x
    else:
        x = a
    return [(at + 1, a, x, memory)]


# The system-call gate, as --explain shows it.

AUDIT_ARCH_X86_64 = 0xc000003e
UNISTD = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
RET_ACTION, RET_DATA = 0xffff0000, 0xffff
RET_ALLOW, RET_LOG, RET_ERRNO = 0x7fff0000, 0x7ffc0000, 0x00050000
RET_TRACE, RET_USER_NOTIF = 0x7ff00000, 0x7fc00000


def read_numbers():
    with open(UNISTD, encoding="ascii") as header:
        return {name: int(number) for name, number in
                re.findall(r"#define __NR_(\w+) (\d+)", header.read())}


class Calls:
    def __init__(self, explained):
        self.program = explained["program"]
        self.allowed = set(explained["allowed"])
        self.numbers = read_numbers()
        self.cache = {}

    def actions(self, name, arguments=()):
        """What the program may do with a call of which these arguments are known."""
        key = name, tuple(arguments)
        if key not in self.cache:
            words = [self.numbers[name], AUDIT_ARCH_X86_64, None, None]
            for i in range(6):
                value = arguments[i] if i < len(arguments) else None
                words += [None, None] if value is None else [value & 0xffffffff, value >> 32]
            self.cache[key] = outcomes(self.program, words)
        return self.cache[key]

    @staticmethod
    def allows(action):
        return action & RET_ACTION in (RET_ALLOW, RET_LOG)

    def is_allowed(self, name):
        return any(map(self.allows, self.actions(name)))

    def is_denied(self, name):
        return not all(map(self.allows, self.actions(name)))

    def expected(self, op, form):
        """None if every call that try makes for it is allowed, else what the first that is not
        shows."""
        for name, *arguments in CALLS[op]:
            arguments = arguments[0] if arguments else ()
            if arguments is SOCKET:
                arguments = socket_arguments(form)
            elif arguments is OPEN:
                arguments = (-100 & 0xffffffff, None, *open_arguments(form)[:2])
            actions = self.actions(name, arguments)
            if len(actions) > 1 and not all(map(self.allows, actions)):
                raise Disagreement(f"{name}(2): this test does not know its arguments")
            if self.is_allowed(name) != (name in self.allowed):
                raise Disagreement(f"{name}(2): the list of allowed calls and the program differ")
            if not self.allows(max(actions)):
                return denial(max(actions))
        return None


def denial(action):
    if action & RET_ACTION == RET_ERRNO:
        return errno.errorcode[action & RET_DATA]
    # Without a tracer, or a listener.
    return "ENOSYS" if action & RET_ACTION in (RET_TRACE, RET_USER_NOTIF) else "KILLED-SIGSYS"


# What try's words stand for.

FAMILIES = {"unspec": 0, "unix": 1, "inet": 2, "inet6": 10, "netlink": 16, "vsock": 40, "alg": 38}
TYPES = {"stream": 1, "dgram": 2, "raw": 3, "seqpacket": 5}
TYPE_FLAGS = {"cloexec": 0o2000000, "nonblock": 0o4000}
OPEN_FLAGS = {
    "read": 0, "write": 1, "rdwr": 2, "create": CREATE, "trunc": 0o1000, "tmpfile": TMPFILE,
    "append": 0o2000, "directory": 0o200000, "path": 0o10000000, "excl": 0o200,
    "nofollow": NOFOLLOW, "nonblock": 0o4000, "cloexec": 0o2000000,
}
RESOLVE = {"no-xdev": 1, "no-magiclinks": 2, "no-symlinks": 4, "beneath": 8, "in-root": 16}


def socket_arguments(form):
    family, *rest = (form or "unix").split(",")
    kind, protocol = (TYPES[rest.pop(0)] if rest else 1), 0
    for word in rest:
        if word in TYPE_FLAGS:
            kind |= TYPE_FLAGS[word]
        else:
            protocol = int(word)
    return FAMILIES[family] if family in FAMILIES else int(family), kind, protocol


def open_arguments(form):
    words = (form or "read").split(",")
    flags = resolve = 0
    for word in words:
        flags |= OPEN_FLAGS.get(word, 0)
        resolve |= RESOLVE.get(word, 0)
    return flags, 0o600 if flags & (CREATE | TMPFILE & ~0o200000) else 0, resolve


def connect_arguments(form):
    """The family, port and address that the filter sees, in the order of bytes of the input."""
    if not form or form.startswith("unix:"):
        return struct.pack("<IHH16x", 1, 0, 0)
    if form == "unspec":
        return struct.pack("<IHH16x", 0, 0, 0)
    host, port = form.rsplit(":", 1)
    family = socket.AF_INET6 if host[0] == "[" else socket.AF_INET
    address = socket.inet_pton(family, host.strip("[]")).ljust(16, b"\0")
    return struct.pack("<I", family) + struct.pack(">H2x", int(port)) + address


def kernel():
    return tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))


def filter_inputs(op, opcode, form):
    """What the kernel shows the filter of an operation: all that it may be."""
    if op == "socket":
        family, kind, protocol = socket_arguments(form)
        if kernel() >= (7, 3):
            kind &= 0xf
        data = [struct.pack("<III12x", family, kind, protocol)]
    elif op == "connect":
        data = [connect_arguments(form)]
    else:
        flags, mode, resolve = open_arguments(form)
        # The kernel adds O_LARGEFILE, by itself or as the C library does.
        data = [struct.pack("<QQQ", flags | large, mode, resolve) for large in (0, LARGEFILE)]
    for pdu in data:
        yield struct.unpack("<10I", struct.pack("<QBBB5x", 0, opcode, 0, len(pdu)) + pdu)


# The ring's gate.

# Why the ring may deny what the call may do; behind each, whether --explain must mark it as a rule
# that the other gate does not match.
RING_ONLY = [
    (r"opaque: allowed only by name", False),
    (r"uring\.(deny|open|socket|connect) \(", True),
    (r"not in uring\.allow \(", True),
    (r"would send past uring\.connect \(", True),
]
CALL_REASON = r"(\w+)\(2\) (is denied|depends on .*)$"


class Ring:
    def __init__(self, explained, calls, told):
        self.ops = {op["op"]: op for op in explained["ops"]}
        self.calls = calls
        # The plan knows of no kernel; the launcher says where this one cannot keep to it.
        self.connect_denied = explained["needs_connect_data"] and "CONNECT is denied" in told

    def allows(self, name, form):
        op = self.ops[name]
        if name == "connect" and self.connect_denied:
            return False
        if op["verdict"] != "filter":
            return op["verdict"] == "allow"
        verdicts = set()
        for words in filter_inputs(name, op["opcode"], form):
            verdicts |= outcomes(op["program"], words)
        if len({verdict != 0 for verdict in verdicts}) > 1:
            raise Disagreement("the filter's verdict hangs on what only the kernel sets")
        return verdicts.pop() != 0

    def check_reason(self, name, form):
        """The reason of a denial that the system call does not have."""
        op = self.ops[name]
        reason, unmatched = op["reason"], op["unmatched"]
        for pattern, marked in RING_ONLY:
            if re.match(pattern, reason):
                if marked and not unmatched and name not in NO_CALL:
                    raise Disagreement(f"{reason}: not marked as the ring's alone")
                return
        named = re.match(CALL_REASON, reason)
        if named and self.calls.is_denied(named[1]):
            return
        # openat2's flags are in memory: the call's own denial cannot look at them, the ring's can.
        if name == "openat2" and reason == "as openat(2), by its arguments":
            if self.calls.expected("openat", form):
                return
        raise Disagreement(f"{reason}: that is no reason to deny it in the ring alone")

    def check_words(self):
        """What is said of an operation is true of the seccomp program."""
        for name, op in self.ops.items():
            named = re.match(CALL_REASON, op["reason"])
            if named and named[2] == "is denied" and self.calls.is_allowed(named[1]):
                yield f"{name}: {op['reason']}, but the program allows it"
            elif named and not self.calls.is_denied(named[1]):
                yield f"{name}: {op['reason']}, but the program always allows it"
            if op["unmatched"]:
                call = op["unmatched"].split("(")[0]
                if not self.calls.is_allowed(call):
                    yield f"{name}: {op['unmatched']}, but the program denies it"


# Trials.

Result = collections.namedtuple("Result", "word remark")


def jail(options, *words):
    return subprocess.run(
        [os.environ["JAIL"], "--whitelist-ro=" + os.environ["CLIENTS"], *options, *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def explain(options):
    run = jail([*options, "--explain=json"], "true")
    if run.returncode:
        sys.exit(f"--explain: {run.stderr}")
    return json.loads(run.stdout)


def tried(options, *words):
    """Runs try; returns its results by gate and words, and what the launcher said."""
    run = jail(options, os.environ["CLIENTS"] + "/try", *words)
    results = {}
    for line in run.stdout.splitlines():
        match = re.match(r"(ring|call) (.*): (\S+)(?: \((.*)\))?$", line)
        if match:
            results[match[1], match[2]] = Result(match[3], match[4] or "")
        elif line == "ring setup: ENOSYS":
            results["ring", "setup"] = Result("ENOSYS", "")
        else:
            sys.exit(f"try: {line}")
    return results, run.stderr


def title_of(name, form):
    return f"{name} {form}" if form else name


class Agreement:
    def __init__(self, blocked, options):
        self.blocked, self.options = blocked, options
        self.explained = explain(options)
        self.calls = Calls(self.explained["syscalls"])
        self.results, self.told = tried(options, "all")
        self.ring = Ring(self.explained["uring"], self.calls, self.told)
        self.failures, self.exceptions = [], {}
        self.counts = collections.Counter()
        self.unequal = set()

    def fail(self, what):
        self.failures.append(what)

    def forms(self):
        """The forms to be tried of operations whose arguments matter."""
        for name, forms in FORMS.items():
            call = CALLS[name][0][0]
            depends = self.calls.is_allowed(call) and self.calls.is_denied(call)
            if self.ring.ops[name]["verdict"] == "filter" or depends:
                yield from ((name, form, natural) for form, natural in forms.items())

    def try_forms(self):
        words = []
        for name, form, _ in self.forms():
            for gate in ("call",) if self.blocked else ("ring", "call"):
                words += ["--", gate, name, form]
        if words:
            self.results.update(tried(self.options, *words[1:])[0])

    def excused(self, gate, name, result, allowed):
        for of_gate, names, words, of_allowed, missing, reason in EXCEPTIONS:
            if (of_gate in (None, gate) and (names is None or name in names) and
                    result.word in words and of_allowed in (None, allowed) and
                    re.fullmatch(missing, result.remark) and self.is_denied(result.remark)):
                self.exceptions[gate, name, result.word, result.remark, reason] = True
                return True
        return False

    def is_denied(self, remark):
        """Whether what try says is missing is so because of the policy."""
        lacking = re.fullmatch(LACKING, remark)
        call = lacking and CALLS_BEHIND.get(lacking["call"], lacking["call"])
        if call in self.calls.numbers:
            return any(not self.calls.allows(action) and denial(action) == lacking["error"]
                       for action in self.calls.actions(call))
        return "EACCES" in remark

    def compare(self, gate, name, form, natural, denial_word):
        """One trial: what came of it, and the denial that should have, or None."""
        title = f"{gate} {title_of(name, form)}"
        result = self.results.get((gate, title_of(name, form)))
        self.counts[gate, "denied" if denial_word else "allowed"] += 1
        if not result:
            self.fail(f"{title}: was not tried")
        elif result.word != (denial_word or natural) and not (
                not denial_word and result.word == "ok" and natural == "EAFNOSUPPORT") and \
                not self.excused(gate, name, result, not denial_word):
            self.fail(f"{title}: {result.word} ({result.remark or 'nothing missing'}), where "
                      f"--explain says {denial_word or 'that it is allowed'}")

    def compare_gates(self, name, form, natural):
        try:
            by_call = None if name in NO_CALL else self.calls.expected(name, form)
            if name not in NO_CALL:
                self.compare("call", name, form, natural, by_call)
            elif self.results.get(("call", name)) != ("none", ""):
                self.fail(f"call {name}: is there a system call for it now?")
            if self.blocked:
                return
            by_ring = self.ring.allows(name, form)
            self.compare("ring", name, form, natural, None if by_ring else DENIED)
            if by_call and by_ring and not self.differs_by_type_flags(name, form):
                raise Disagreement("is denied as a call, and allowed in the ring")
            if not by_call and not by_ring:
                self.ring.check_reason(name, form)
        except Disagreement as disagreement:
            self.fail(f"{title_of(name, form)}: {disagreement}")

    def differs_by_type_flags(self, name, form):
        """From 7.3 on the kernel takes SOCK_CLOEXEC and SOCK_NONBLOCK out of the type before the
        filter sees it, so the filter decides on the socket without them, which fcntl(2) adds."""
        plain = re.sub(",(cloexec|nonblock)", "", form)
        if name != "socket" or kernel() < (7, 3) or plain == form or \
                self.calls.expected("socket", plain):
            return False
        self.exceptions["both", title_of(name, form), "call denied, ring allowed", "",
                        "from 7.3 on the filter does not see SOCK_CLOEXEC and SOCK_NONBLOCK: it "
                        "allows the socket since the call allows it without them"] = True
        self.unequal.add(title_of(name, form))
        return True

    def check_observed(self):
        """The same of what was seen, whatever --explain says: no call that was refused, where
        nothing was missing, works in the ring."""
        for (gate, title), result in self.results.items():
            ring = self.results.get(("ring", title))
            name = title.split(" ")[0]
            if gate == "call" and ring and ring.word == "ok" and result.word != "ok" and \
                    name not in NO_CALL and not result.remark and title not in self.unequal:
                natural = FORMS.get(name, {}).get(title.partition(" ")[2])
                if result.word != natural:
                    self.fail(f"{title}: {result.word} as a call, and ok in the ring")

    def run(self):
        if self.blocked != ("io_uring is blocked (ENOSYS)" in self.told):
            self.fail(f"the launcher said: {self.told!r}")
        if self.blocked and self.results.get(("ring", "setup")) != ("ENOSYS", ""):
            self.fail("a ring was given out")
        if len(self.ring.ops) != OPCODES or set(self.ring.ops) != set(CALLS) | NO_CALL:
            self.fail("--explain tells of other operations than are tried")
        self.failures += self.ring.check_words()
        self.try_forms()
        for name in self.ring.ops:
            # Without a form it is try's own, and connects to a listener that it makes.
            self.compare_gates(name, "", "ok")
        for name, form, natural in self.forms():
            self.compare_gates(name, form, natural)
        self.check_observed()

    def report(self):
        for gate, name, word, remark, reason in self.exceptions:
            print(f"exception: {gate} {name}: {word} ({remark or 'nothing missing'}): {reason}")
        print(", ".join(f"{gate}: {count} {what}" for (gate, what), count
                        in sorted(self.counts.items())))
        for failure in self.failures:
            print(f"disagrees: {failure}")
        return 1 if self.failures else 0


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in ("filtered", "blocked"):
        sys.exit(__doc__)
    agreement = Agreement(sys.argv[1] == "blocked", sys.argv[2:])
    agreement.run()
    return agreement.report()


if __name__ == "__main__":
    sys.exit(main())
