# updatedb: makes a database for plocate in the working folder, of that folder
#
# As in "updatedb -U . -o files.db -l no". The system's own database, of all files, is not for a
# jail.

include offline.inc

private-etc updatedb.conf

include updatedb.local
