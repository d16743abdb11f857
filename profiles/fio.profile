# fio: measures files of the working folder, with its io_uring engine too
#
# fio shares statistics with its job processes through System V or mmap'ed memory, both within the
# jail. What its engine does for block devices and NVMe (uring_cmd) is not for files.

include offline.inc

uring filter
uring.allow nop, read, write, readv, writev, read_fixed, write_fixed
uring.allow fsync, sync_file_range
uring.register buffers, unregister_buffers, files, unregister_files, probe, iowq_max_workers
uring.sqe-flags fixed_file, async

include fio.local
