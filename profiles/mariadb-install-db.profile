# mariadb-install-db: makes the data folder of a MariaDB server, in the working folder

include mariadb.inc
