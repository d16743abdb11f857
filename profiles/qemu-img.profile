# qemu-img: converts, checks and measures disk images of the working folder

include qemu.inc
include qemu-img.local

protocol unix
