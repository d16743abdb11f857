# initdb: makes the data folder of a PostgreSQL server, in the working folder

include postgres.inc
