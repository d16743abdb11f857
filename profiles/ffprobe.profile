# ffprobe: tells of media files of the working folder, and changes none
include media.inc
read-only ${CWD}
include ffprobe.local
