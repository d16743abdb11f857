# SPDX-License-Identifier: LGPL-2.1-or-later
"""Executes a program with all sorts of descriptors open, as a careless caller would.

inherit.py FOLDER PID PROGRAM [ARG...]: the numbers are those of tests/clients/escape_kernel.c; 43,
a ring, is left to the client ringpass.
"""
import os
import sys

folder, process, *command = sys.argv[1:]
memory = os.memfd_create("mapped")
os.ftruncate(memory, 4096)
for number, fd in (
    (40, os.open(folder, os.O_RDONLY | os.O_DIRECTORY)),
    (41, os.open(f"{folder}/secret", os.O_RDONLY)),
    (42, os.pidfd_open(int(process))),
    (44, os.open(folder, os.O_PATH | os.O_DIRECTORY)),
    (45, memory),
):
    os.dup2(fd, number, inheritable=True)
os.execvp(command[0], command)
