# qemu-system-x86_64: runs a machine whose disks are in the working folder

include qemu-system.inc
