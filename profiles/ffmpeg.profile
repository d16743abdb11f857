# ffmpeg: converts files of the working folder
include media.inc
include ffmpeg.local
