# fio: measures files of the working folder, with its io_uring engine too
#
# fio shares statistics with its job processes through System V or mmap'ed memory, both within the
# jail.

root minimal
net none
protocol unix
seccomp
caps.drop all

uring filter
uring.allow nop, read, write, readv, writev, read_fixed, write_fixed
uring.allow fsync, fallocate, fadvise, sync_file_range, ftruncate
uring.allow timeout, timeout_remove, async_cancel, poll_add, poll_remove

include fio.local
