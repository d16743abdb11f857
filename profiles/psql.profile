# psql: runs SQL on a PostgreSQL server, by its socket in the working folder

include postgres-client.inc
