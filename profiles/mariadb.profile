# mariadb: runs SQL on a MariaDB server, by its socket in the working folder

include database.inc
include mariadb-client.local

private-etc mysql, hosts, timezone, services
seccomp @aio
uring none
