#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Types a line into an interactive shell and prints what the command is then called with.

Usage: completion.py SHELL SCRIPT LINE

"<TAB>" in LINE is the key. uring-jail is the one on the PATH; the test has put one there that
prints its arguments.
"""
import os
import sys

import pexpect

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile"],
             "source /usr/share/bash-completion/bash_completion; source {script}; "
             "bind 'set bell-style none'; PS1='rea''dy> '"),
    "bash-alone": (["bash", "--norc", "--noprofile"],
                   "source {script}; bind 'set bell-style none'; PS1='rea''dy> '"),
    "zsh": (["zsh", "-f"],
            "fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep; "
            "PS1='rea''dy> '"),
    "fish": (["fish"],
             "source {script}; function fish_prompt; echo 'rea''dy> '; end"),
}


def main():
    shell, script, line = sys.argv[1:]
    words, setup = SHELLS[shell]
    child = pexpect.spawn(words[0], words[1:], encoding="utf-8", timeout=60,
                          dimensions=(50, 200), env={**os.environ, "TERM": "dumb"})
    child.sendline(setup.format(script=script, folder=os.path.dirname(script)))
    child.expect_exact("ready> ")
    child.send(line.replace("<TAB>", "\t") + "\r")
    child.expect(r"called with ([^\r\n]*) \.")
    print(child.match.group(1))
    child.close(force=True)


if __name__ == "__main__":
    main()
