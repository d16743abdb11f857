# The profile of every program that has none of its own: nothing but the working folder is
# writable, no network, and io_uring within what the system-call policy allows.
# Copy it to ~/.config/uring-jail/PROGRAM.profile to make one for PROGRAM.

include default.local

root minimal
net none
uring filter
