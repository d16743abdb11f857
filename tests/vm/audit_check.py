#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds a log of --audit-format=json against what a client really sent.

audit_check.py truth [--loose] [--unmatched] [--predicted N] [--lost] LOG TRUTH...
    Every denial of the files TRUTH (see load) is in the log as often as there, with its operation,
    arguments, cause, error and rule, and nothing else is; one process there is one here.
    --loose: what is missing has been counted as lost, or stands there as unmatched.
    --unmatched: completions of unknown requests may stand there beside all that was sent.
    --predicted: up to N may be predicted beside those that a chain swallowed.
    --lost: completions may be lost, if nothing is missing for it.
audit_check.py paths [--loose] LOG MODE COUNT
    UNLINKAT of MODE/N (see rude) is in the log COUNT times, each N once, and no other.
    --loose: at most so often, and no other.
audit_check.py show LOG KEY...
    Prints these members of each record (a.b: of b in a), for a test to compare.
"""

import argparse
import collections
import json
import os
import socket
import sys

FIELDS = {
    "SOCKET": ("family", "type", "protocol"),
    "OPENAT": ("path", "flags", "mode"),
    "OPENAT2": ("path", "flags", "mode", "resolve"),
    "UNLINKAT": ("path", "flags"),
    "RENAMEAT": ("path", "second_path", "flags"),
    "CONNECT": ("fd", "address", "port"),
}
RULES = {
    "SOCKET": "protocol",
    "OPENAT": "uring.open",
    "OPENAT2": "uring.open",
    "UNLINKAT": "uring.deny",
    "RENAMEAT": "uring.deny",
    "CONNECT": "uring.deny",
}


class Log:
    def __init__(self, name):
        self.records, self.summary = [], None
        with open(name, encoding="utf-8") as file:
            for line in file:
                line = json.loads(line)
                if "summary" in line:
                    require(self.summary is None, "one summary")
                    self.summary = line["summary"]
                elif "note" not in line:
                    require(self.summary is None, "the summary is the end")
                    self.records.append(line)
        require(self.summary is not None, "a summary")

    def count(self, **members):
        return sum(
            record["count"]
            for record in self.records
            if all(record[key] == value for key, value in members.items())
        )

    def lost(self):
        return sum(
            number
            for key, number in self.summary["lost"].items()
            if key not in ("why_rings", "untold")
        )

    def check_summary(self):
        """It adds up what is in the records."""
        require(self.summary["denials"] == self.count(), "denials in the summary")
        for certainty in "confirmed", "predicted", "unmatched":
            require(self.summary[certainty] == self.count(certainty=certainty), certainty)
        for row in self.summary["operations"]:
            number = self.count(gate=row["gate"], number=row["number"])
            require(row["denials"] == number, f"denials of {row['op']}")


def require(condition, what):
    if not condition:
        sys.exit(f"not as it must be: {what}")


def number_of(name, prefix=""):
    value = getattr(socket, name, None)
    return name if value is None else int(value)


def from_record(record):
    """The arguments as load writes them."""
    given = dict(record["arguments"])
    given["flags"] = given.pop("flags_value", None)
    given["resolve"] = given.pop("resolve_value", None)
    if "type" in given:
        given["family"] = number_of(given["family"])
        given["type"] = number_of(given["type"])
        for flag in given.get("type_flags", ()):
            given["type"] |= number_of(flag)
    if isinstance(given.get("address"), dict):
        given.update(port=given["address"].get("port"), address=given["address"]["address"])
    return given


def key_of(op, arguments, cause):
    fields = list(FIELDS.get(op, ()))
    # The mode is of no meaning where nothing is created.
    if "mode" in fields and not (arguments.get("flags") or 0) & os.O_CREAT:
        fields.remove("mode")
    return (op, cause) + tuple(arguments.get(field) for field in fields)


def op_of(record):
    return (record["op"] or "?").upper()


def check_record(record):
    require(record["error"] == "EACCES", f"an error of {record}")
    if record["cause"] == "policy":
        require(RULES[op_of(record)] in (record["rule"] or ""), f"the rule in {record}")


def read_truth(names):
    """A counter of keys for each process, and those whose completion was swallowed."""
    processes, swallowed = collections.defaultdict(collections.Counter), 0
    for name in names:
        with open(name, encoding="utf-8") as file:
            for line in file:
                sent = json.loads(line)
                key = key_of(sent["op"], sent, sent.get("cause", "policy"))
                processes[sent["pid"]][key] += 1
                swallowed += not sent["seen"]
    return processes, swallowed


def read_log(log):
    processes, unmatched = collections.defaultdict(collections.Counter), 0
    for record in log.records:
        if record["gate"] != "io_uring":
            continue
        check_record(record)
        # A NOP denies itself, and says nothing of a policy.
        if op_of(record) == "NOP":
            require(record["cause"] != "policy", f"no policy in {record}")
        elif record["certainty"] == "unmatched":
            unmatched += record["count"]
        else:
            key = key_of(op_of(record), from_record(record), record["cause"])
            processes[record["pid"]][key] += record["count"]
    return processes, unmatched


def partner(seen, truth):
    """The process of the truth that @seen is about: the one that it has most in common with."""
    return max(truth, key=lambda pid: sum((truth[pid] & seen).values()))


def check_processes(truth, processes):
    """What a process was denied stands under one number. Equal denials may be counted as one."""
    seen = {pid: +(keys - repeated(processes)) for pid, keys in processes.items()}
    inside = {pid: partner(keys, truth) for pid, keys in seen.items() if keys}
    require(len(set(inside.values())) == len(inside), f"a process for each of {inside}")
    for pid, keys in seen.items():
        require(not keys or keys <= truth[inside[pid]], f"nobody else's denials at {pid}")


def repeated(processes):
    total = sum(processes.values(), collections.Counter())
    return collections.Counter({key: number for key, number in total.items() if number > 1})


def compare(truth, processes):
    """What is missing and what is invented, each with its number."""
    sent = sum(truth.values(), collections.Counter())
    seen = sum(processes.values(), collections.Counter())
    return sent - seen, seen - sent


def check_truth(options):
    log = Log(options.log)
    truth, swallowed = read_truth(options.truth)
    processes, unmatched = read_log(log)
    missing, invented = compare(truth, processes)
    total, lost = sum(sum(keys.values()) for keys in truth.values()), log.lost()
    print(
        f"{total} denials sent, {missing.total()} not in the log, {invented.total()} invented, "
        f"{unmatched} unmatched, {lost} lost, {log.summary['predicted']} predicted, "
        f"{swallowed} swallowed"
    )
    for what, keys in ("missing", missing), ("invented", invented):
        for key, number in keys.most_common(10):
            print(f"{what}: {number} of {key}")
    require(total, "something to compare")
    log.check_summary()
    require(not invented, "nothing invented")
    if options.loose:
        require(missing.total() <= lost + unmatched, "what is missing was counted as lost")
    else:
        check_processes(truth, processes)
        require(options.unmatched or not unmatched, "nothing unmatched")
        require(not missing, "nothing missing")
        require(options.lost or not lost, "nothing lost")
        predicted = log.summary["predicted"] - swallowed
        require(0 <= predicted <= options.predicted, "what was seen to be denied is confirmed")


def check_paths(options):
    log = Log(options.log)
    seen = collections.Counter()
    for record in log.records:
        if record["gate"] == "io_uring" and op_of(record) == "UNLINKAT":
            seen[record["arguments"].get("path")] += record["count"]
    unknown = [path for path in seen if not str(path).startswith(options.mode + "/")]
    print(f"{seen.total()} of {options.count} denials, {len(unknown)} unknown paths")
    log.check_summary()
    require(options.loose or not unknown, f"no other paths than {options.mode}/N: {unknown[:5]}")
    require(options.loose or max(seen.values()) == 1, f"each once: {seen.most_common(3)}")
    require(options.loose or seen.total() == options.count, f"{options.count} denials")


def show(options):
    for record in Log(options.log).records:
        values = []
        for key in options.key:
            value = record
            for name in key.split("."):
                value = value.get(name) if isinstance(value, dict) else None
            values.append("-" if value is None else str(value))
        print(*values)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("truth")
    command.add_argument("--loose", action="store_true")
    command.add_argument("--unmatched", action="store_true")
    command.add_argument("--lost", action="store_true")
    command.add_argument("--predicted", type=int, default=0)
    command.add_argument("log")
    command.add_argument("truth", nargs="+")
    command.set_defaults(run=check_truth)
    command = commands.add_parser("paths")
    command.add_argument("--loose", action="store_true")
    command.add_argument("log")
    command.add_argument("mode")
    command.add_argument("count", type=int)
    command.set_defaults(run=check_paths)
    command = commands.add_parser("show")
    command.add_argument("log")
    command.add_argument("key", nargs="+")
    command.set_defaults(run=show)
    options = parser.parse_args()
    options.run(options)


main()
