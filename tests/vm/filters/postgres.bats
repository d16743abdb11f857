#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# PostgreSQL on io_uring under its profiles, from initdb to the end, and what a superuser of the
# database, who may run programs as the server, cannot do with them.

load ../../cli/common
load database

BIN=/usr/lib/postgresql/18/bin
export PGUSER=tester

setup_file() {
	local -a settings=(io_method=io_uring "unix_socket_directories=$DB"
		listen_addresses=localhost shared_buffers=16MB io_max_concurrency=64
		max_connections=10 max_worker_processes=2 autovacuum_worker_slots=1 autovacuum_max_workers=1)
	database_setup_file
	(cd "$DB" && exec "${as[@]}" "$JAIL" --audit="$BASE/initdb.audit" "$BIN/initdb" -D data \
		-U tester -A trust --no-locale -E UTF8 --no-sync --no-instructions \
		"${settings[@]/#/--set=}")
}

# start [JAIL-OPTION...]: the server, by its profile's name.
start() {
	start_server "$@" -- "$BIN/postgres" -D data
}

is_up() {
	kill -0 "$launcher" && "$BIN/pg_isready" -qh "$DB" -d postgres
}

# sql STATEMENT...: by a client outside of any jail.
sql() {
	"$BIN/psql" -XqAt -h "$DB" -d postgres -v ON_ERROR_STOP=1 "${@/#/--command=}" 2>&1
}

# as_server COMMAND: what a shell of the server's says, errors too.
as_server() {
	sql 'create temp table said (line text)' \
		"copy said from program \$\$exec 2>&1; $1; true\$\$ with (delimiter E'\\x01')" \
		'select * from said'
}

# The number of the server's first process outside of its jail.
postmaster() {
	pgrep -ox postgres
}

@test "initdb, the server, pgbench and psql run under their profiles, and nothing is denied" {
	as_user
	local audit=$BATS_TEST_TMPDIR/audit
	grep -x 'uring-jail: audit: nothing was denied' "$BASE/initdb.audit"
	start --audit="$audit"
	run "$JAIL" "$BIN/psql" -XqAt -h "$DB" -d postgres -c 'show io_method' \
		-c 'create table account (id int primary key, balance int not null)' \
		-c 'insert into account select id, 0 from generate_series(1, 500) id'
	[ "$output" = io_uring ]
	echo '\set id random(1, 500)
		update account set balance = balance + 1 where id = :id;
		select balance from account where id = :id;' >load.sql
	run "$JAIL" --audit="$audit.client" "$BIN/pgbench" -h "$DB" -n -c 2 -t 20 -f load.sql postgres
	echo "$output"
	[[ $output == *'number of transactions actually processed: 40/40'* ]]
	[ "$(sql 'select sum(balance) from account')" = 40 ]
	stop INT 0
	grep -q 'database system is shut down' "$BATS_TEST_TMPDIR/log"
	cat "$audit" "$audit.client"
	grep -x 'uring-jail: audit: nothing was denied' "$audit"
	grep -x 'uring-jail: audit: nothing was denied' "$audit.client"
}

@test "what is not in memory is read through a ring" {
	as_user
	start
	sql 'create extension pg_buffercache' \
		"create table big as select id, repeat('x', 400) from generate_series(1, 10000) id"
	sql 'checkpoint' 'select 1 from pg_buffercache_evict_all()' >/dev/null
	# many at a time, which go out with IOSQE_ASYNC; then the client's process waits
	PGOPTIONS='-c effective_io_concurrency=64 -c io_combine_limit=1' \
		sql 'select count(*) from big' 'select pg_stat_force_next_flush()' \
		"select reads > 0 from pg_stat_io where object = 'relation' and context = 'bulkread'
			and backend_type = 'client backend'" "copy (select 1) to program 'sleep 600'" \
		>"$BATS_TEST_TMPDIR/said" 3>&- &
	wait_until grep -qx t "$BATS_TEST_TMPDIR/said"
	grep -qx 10000 "$BATS_TEST_TMPDIR/said"
	[ "$(rings_at_work postgres)" -gt 0 ]
	stop QUIT 0
}

@test "there is no way around the ring: without one it does not start, without READ it reads nothing" {
	as_user
	run "$JAIL" --quiet --uring=none "$BIN/postgres" -D data
	[[ $output == *'io_uring'*'Function not implemented'* ]]
	start --uring.deny=read,readv
	run sql 'select count(*) from big'
	echo "$output"
	[[ $output == *'could not read blocks'*'Permission denied'* ]]
}

@test "a superuser of the database connects to nothing outside" {
	as_user
	local to
	listening
	start --whitelist-ro="$CLIENTS"
	sql 'create extension if not exists dblink'
	for to in 'host=127.0.0.1 port=7000' 'host=192.0.2.1 port=7000' 'host=::1 port=7000' \
		"host=$BASE port=7000" 'host=@outside port=7000'; do
		run sql "select dblink_connect('$to connect_timeout=60')"
		echo "$output"
		[ "$status" != 0 ]
		[[ $output == *'could not establish connection'* ]]
	done
	run as_server 'bash -c "exec 3<>/dev/tcp/127.0.0.1/7000"; id -u >/dev/udp/192.0.2.1/53'
	echo "$output"
	[[ $output == *'Connection refused'* ]]
	run as_server "cd $CLIENTS; ./try call connect 127.0.0.1:7000 -- ring socket inet -- \
		ring connect 127.0.0.1:7000 -- ring sendmsg -- ring socket unix -- call socket netlink"
	echo "$output"
	[ "$output" = 'call connect 127.0.0.1:7000: ECONNREFUSED
ring socket inet: EACCES
ring connect 127.0.0.1:7000: EACCES
ring sendmsg: EACCES
ring socket unix: EACCES
call socket netlink: EAFNOSUPPORT' ]
	run as_server "python3 -c '
import socket
for name in \"$BASE/socket\", \"\\0outside\":
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print(\"reached\")
    except OSError as error:
        print(error.strerror)'"
	echo "$output"
	[[ $output != *reached* && ${#lines[@]} = 2 ]]
	[ ! -e "$BASE/reached" ]
}

@test "nor reads, writes or runs what is not its own" {
	as_user
	local path secret=$BASE/secret
	echo secret >"$secret"
	ln -sf "$secret" data/link
	mkdir -p "$BASE/open"
	start --whitelist-ro="$CLIENTS"
	for path in "$secret" "../../secret" link "/proc/1/root$secret" "/proc/self/root$secret" \
		/etc/machine-id /proc/1/environ; do
		run sql "select pg_read_file('$path')"
		echo "$output"
		[[ $status != 0 && $output != *secret$'\n'* ]]
	done
	run as_server "cat '$secret' link /proc/*/root'$secret' /proc/*/cwd/../../secret"
	echo "$output"
	[[ $output != *secret$'\n'* && $output == *'No such file'* ]]
	run as_server "cd $CLIENTS; ./try ring openat read /etc/passwd -- ring openat write $DB/x -- \
		ring statx -- ring unlinkat -- ring renameat -- ring uring_cmd -- ring read"
	echo "$output"
	[ "$(grep -c ': EACCES' <<<"$output")" = 6 ]
	[ "${lines[6]}" = 'ring read: ok' ]
	run sql "copy (select 'x') to '$BASE/open/x'"
	[ "$status" != 0 ]
	run as_server "mkdir -p '$BASE/open'; echo x >'$BASE/open/x'; \
		touch /usr/x /etc/x"
	[ -z "$(ls "$BASE/open")" ]
	# a library and a program of its own
	sql "select lo_import('/usr/lib/postgresql/18/lib/dict_int.so', 4711)" \
		"select lo_export(4711, '$DB/data/own.so')"
	run sql "load '$DB/data/own.so'"
	echo "$output"
	[[ $output == *'could not load library'*'failed to map segment'* ]]
	for path in "$DB/data" /tmp /var/tmp /dev/shm /run /run/lock; do
		run as_server "cp /bin/true $path/own && $path/own"
		echo "$output"
		[[ $output == *'Permission denied'* ]]
	done
}

@test "nor reaches processes outside" {
	as_user
	local sleeper
	sleep 600 3>&- &
	sleeper=$!
	start
	run as_server "kill -9 $sleeper $launcher $$; ls -d /proc/[0-9]* | wc -l; ipcs -m | grep -c ^0x; \
		nice -n -5 true; unshare -U true"
	echo "$output"
	[[ $output == *'No such process'* && $output == *'unshare failed'* ]]
	kill -0 "$launcher"
	# its own are its to end, and all end with the first
	run as_server 'kill -9 -1'
	wait "$launcher" || [ $? = 137 ]
	launcher=
	kill "$sleeper"
}

# inserts: rows, for as long as there is a server, each by its own commit.
inserts() {
	sql 'create table if not exists row (id int primary key)' 'truncate row'
	acknowledges "$BIN/psql" -XqAt -h "$DB" -d postgres -v ON_ERROR_STOP=1 < <(
		for ((id = 1; id <= 100000; id++)); do
			echo "insert into row values ($id) returning id;"
		done)
}

@test "kill -9 of the server loses no committed row and leaves nothing behind" {
	traces before
	start
	inserts
	killed "$(postmaster)" 137 postgres
	start
	grep -q 'automatic recovery in progress' "$BATS_TEST_TMPDIR/log"
	nothing_is_lost row
}

@test "kill -9 of the launcher does the same" {
	traces before
	start
	inserts
	killed "$launcher" 137 postgres
	start
	nothing_is_lost row
}

is_ready_again() {
	sed '1,/terminating any other active server/d' "$BATS_TEST_TMPDIR/log" |
		grep -q 'database system is ready to accept connections'
}

@test "kill -9 of one of its processes: it recovers inside" {
	as_user
	start
	inserts
	pkill -9 -f '^postgres: tester postgres'
	wait "$client" || true
	wait_until is_ready_again
	nothing_is_lost row
}

# As the profile says; without it the second one would start, which tells why.
@test "the lock that the profile names keeps a second server out" {
	as_user
	local status=0
	flock -nF lock "$JAIL" --keep-fd=3 "$BIN/postgres" -D data >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	launcher=$!
	wait_until is_up
	run timeout 60 flock -nF lock "$JAIL" --keep-fd=3 "$BIN/postgres" -D data 3>&-
	[ "$status" = 1 ]
	[ -z "$output" ]
	sql 'select 1'
	# held by the server itself
	kill -9 "$launcher"
	wait_until flock -n lock true
	launcher=
}

@test "by TCP, as the profile says, it is reached and reaches nothing" {
	as_user
	[[ $VM_SERIES != 7.[01] ]] || skip 'this kernel has no tun device here'
	cat >tcp.sh <<-'END'
		ip link set lo up
		ip link add dummy0 type dummy
		ip address add 192.0.2.2/24 dev dummy0
		ip address add 198.51.100.1/32 dev lo
		ip link set dummy0 up
		ip route add default via 192.0.2.1
		python3 -c '
		import socket
		server = socket.create_server(("198.51.100.1", 7000))
		while True:
		    server.accept()
		    print("reached", flush=True)' >reached &
		"$JAIL" --net=user --net.publish=127.0.0.1:5432 --net.listen=5432 --net.connect=127.0.0.1 \
			"$BIN/postgres" -D data -c listen_addresses='*' >log 2>&1 &
		trap 'kill $(jobs -p); wait' EXIT
		until "$BIN/pg_isready" -qh 127.0.0.1 -d postgres; do sleep 0.1; done
		until bash -c 'exec 3<>/dev/tcp/198.51.100.1/7000'; do sleep 0.1; done
		"$BIN/psql" -XqAt -h 127.0.0.1 -d postgres -c 'select inet_server_port()' \
			-c 'create extension if not exists dblink' \
			-c "select dblink_connect('host=198.51.100.1 port=7000')" \
			-c "select dblink_connect('host=192.0.2.77 port=5432')"
		until [ -s reached ]; do sleep 0.1; done
	END
	echo 'host all all all trust' >>data/pg_hba.conf
	run timeout 120 unshare --user --map-current-user --keep-caps --net \
		env JAIL="$JAIL" BIN="$BIN" bash tcp.sh 3>&-
	echo "$output"
	grep -qx 5432 <<<"$output"
	[ "$(grep -c 'failed: Connection refused' <<<"$output")" = 2 ]
	[ "$(cat reached)" = reached ]
}
