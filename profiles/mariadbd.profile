# mariadbd: a MariaDB server, reached by its socket in the working folder
#
#     cd ~/db && uring-jail mariadbd --datadir="$PWD/data" --socket="$PWD/socket" --skip-networking
#
# A second server is kept out by the locks of InnoDB's files, which hold across jails.

include mariadb.inc
