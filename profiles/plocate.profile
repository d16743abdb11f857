# plocate: finds files by name, in a database
include search.inc
whitelist-ro -/var/lib/plocate
include plocate.local
