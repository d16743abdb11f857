# default: any program without a profile: writes its working folder alone, has no network
#
# Nothing but the working folder is writable, and io_uring goes as far as the system-call policy.
# Copy this to ~/.config/uring-jail/PROGRAM.profile to make one for PROGRAM.

root minimal
net none
uring filter

include default.local
