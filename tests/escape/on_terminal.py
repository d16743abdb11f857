# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program on a terminal of its own, and shows what it writes there."""
import os
import pty
import sys

program, terminal = pty.fork()
if program == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:  # EIO: nobody has it open any more
        break
    if not data:
        break
    sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
    sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]))
