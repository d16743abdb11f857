# postgres: a PostgreSQL server, reached by its socket in the working folder
#
#     cd ~/db
#     flock -nF lock uring-jail --keep-fd=3 /usr/lib/postgresql/18/bin/postgres -D data -k ~/db
#
# The lock is for a second server: neither would see the other's processes or shared memory, so
# that postmaster.pid, by which PostgreSQL tells, says nothing in a jail. It is held as long as the
# server has descriptor 3.
#
# Signals to uring-jail reach the server (SIGTERM, SIGINT, SIGQUIT). pg_ctl has no use here: the
# number in postmaster.pid is that of inside, and the jail would end with pg_ctl.
#
# By TCP too, and still without a connection of the server's own to anywhere:
#
#     --net=user --net.publish=127.0.0.1:5432 --net.listen=5432 --net.connect=127.0.0.1

include postgres.inc
