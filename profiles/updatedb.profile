# updatedb: makes a database for plocate in the working folder
include offline.inc
include updatedb.local
