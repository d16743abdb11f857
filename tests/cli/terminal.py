#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The terminal as a person at a shell uses it: one scenario a call, exit status 0 if it went well.

Usage: terminal.py LAUNCHER SCENARIO
"""

import signal
import sys

import pexpect

PROMPT = "PROMPT> "


def shell():
    child = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], timeout=60, encoding="utf-8",
                          env={"PATH": "/usr/bin:/bin", "TERM": "dumb", "PS1": PROMPT, "HOME": "/"},
                          echo=False, dimensions=(24, 80))
    child.logfile_read = sys.stdout
    child.expect_exact(PROMPT)
    return child


def command(child, line, expected):
    child.sendline(line)
    child.expect(expected)


def interrupt(child, jail):
    """Ctrl-C reaches the program, once, and the shell sees how it ended."""
    command(child, f"""{jail} sh -c 'trap "n=x$n" INT; echo ready; while [ -z "$n" ]; do """
                   """sleep 0.1; done; sleep 0.5; echo "got <$n>"; exit 5'""", r"ready\r\n")
    child.sendintr()
    child.expect(r"got <x>")
    child.expect_exact(PROMPT)
    command(child, "echo status $?", "status 5")


def interrupt_default(child, jail):
    """A program that does not handle Ctrl-C ends by it."""
    command(child, f"{jail} sh -c 'echo ready; exec sleep 100'", r"ready\r\n")
    child.sendintr()
    child.expect_exact(PROMPT)
    command(child, "echo status $?", "status 130")


def suspend(child, jail):
    """Ctrl-Z stops the job as a whole, fg goes on with it."""
    command(child, f"""{jail} sh -c 'echo ready; while read -r line; do echo "line <$line>"; """
                   """[ "$line" != end ] || exit 6; done'""", r"ready\r\n")
    child.sendline("one")
    child.expect("line <one>")
    child.sendcontrol("z")
    child.expect("Stopped")
    child.expect_exact(PROMPT)
    command(child, "jobs", r"Stopped.*sh -c")
    child.expect_exact(PROMPT)
    child.sendline("fg")
    child.expect("sh -c")
    child.sendline("two")
    child.expect("line <two>")
    child.sendline("end")
    child.expect("line <end>")
    child.expect_exact(PROMPT)
    command(child, "echo status $?", "status 6")


def background(child, jail):
    """A job in the background that reads from the terminal stops until it is in front."""
    command(child, f"{jail} sh -c 'read -r line; echo \"line <$line>\"' &", r"\[1\]")
    child.expect_exact(PROMPT)
    for _ in range(600):
        child.sendline("jobs")
        if child.expect(["Stopped", "Running"]) == 0:
            break
    child.expect_exact(PROMPT)
    child.sendline("fg")
    child.sendline("hello")
    child.expect("line <hello>")


def window(child, jail):
    """The program sees the window's size, and its change."""
    command(child, f"""{jail} sh -c 'trap "stty size; exit" WINCH; stty size; while :; do """
                   """sleep 0.1; done'""", "24 80")
    child.setwinsize(30, 100)
    child.expect("30 100")


def job_control_inside(child, jail):
    """A shell in the jail has job control of its own."""
    command(child, f"{jail} --env=PS1='IN$ ' bash --norc --noprofile -i", r"IN\$ ")
    command(child, "sh -c 'echo started; exec sleep 100'", r"started\r\n")
    child.sendcontrol("z")
    child.expect("Stopped")
    child.expect(r"IN\$ ")
    command(child, "kill -KILL %1; disown %1; exit 3", "exit")
    child.expect_exact(PROMPT)
    command(child, "echo status $?", "status 3")


def terminal_name(child, jail):
    """Programs that open the terminal by its name can."""
    command(child, f"{jail} sh -c 'echo to-tty >/dev/tty'", "to-tty")
    child.expect_exact(PROMPT)


def main():
    launcher, scenario = sys.argv[1:]
    # Who runs the tests in the background has them ignored, and that would be passed on.
    for number in signal.SIGINT, signal.SIGQUIT:
        signal.signal(number, signal.SIG_DFL)
    scenarios = {f.__name__: f for f in (interrupt, interrupt_default, suspend, background, window,
                                         job_control_inside, terminal_name)}
    scenarios[scenario](shell(), f"{launcher} -q")


main()
