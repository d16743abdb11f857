# tar: packs and unpacks in the working folder
include archive.inc
include tar.local
