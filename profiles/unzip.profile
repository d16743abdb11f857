# unzip: unpacks in the working folder
include archive.inc
include unzip.local
