#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# MariaDB, whose InnoDB uses io_uring, under its profiles, from mariadb-install-db to the end, and
# what who has all rights in the database cannot do.

load ../../cli/common
load database

small=(--no-defaults "--datadir=$DB/data" --innodb-buffer-pool-size=6M --innodb-log-file-size=4M)

setup_file() {
	database_setup_file
	(cd "$DB" && exec "${as[@]}" "$JAIL" --audit="$BASE/install.audit" mariadb-install-db \
		"${small[@]}" --auth-root-authentication-method=normal --skip-test-db \
		--skip-name-resolve) >"$BASE/install.log" 2>&1 || { cat "$BASE/install.log" && return 1; }
}

# start [JAIL-OPTION...]: the server, by its profile's name.
start() {
	start_server "$@" -- mariadbd "${small[@]}" --socket="$DB/socket" --skip-networking \
		--skip-name-resolve --server-id=1
}

is_up() {
	kill -0 "$launcher" && sql 'do 1' 2>/dev/null
}

# By a client outside of any jail.
connect=(mariadb --no-defaults --user=root --socket="$DB/socket" --batch --skip-column-names)

sql() {
	"${connect[@]}" --execute="$1" 2>&1
}

# Everything that the log says was denied is the question for a network card's address.
netlink_alone() {
	cat "$1"
	[ "$(grep 'uring-jail: denied: ' "$1" | grep -vc 'syscall socket(AF_NETLINK, ')" = 0 ]
}

@test "mariadb-install-db, the server and its client run under their profiles" {
	as_user
	netlink_alone "$BASE/install.audit"
	start --audit="$BATS_TEST_TMPDIR/audit"
	grep -q 'InnoDB: Using io_uring' "$BATS_TEST_TMPDIR/log"
	"$JAIL" --audit="$BATS_TEST_TMPDIR/client.audit" "${connect[@]}" --execute='
		create database d;
		create table d.account (id int primary key, balance int not null, rest varchar(500));
		use d; insert into account select seq, 0, repeat("x", 500) from seq_1_to_10000'
	for ((id = 1; id <= 200; id++)); do
		echo "update account set balance = balance + 1 where id = $id;
			select balance from account where id = $id;"
	done | "${connect[@]}" d >said
	[ "$(sort said | uniq -c | xargs)" = '200 1' ]
	stop TERM 0
	grep -q 'Shutdown complete' "$BATS_TEST_TMPDIR/log"
	netlink_alone "$BATS_TEST_TMPDIR/audit"
	grep -x 'uring-jail: audit: nothing was denied' "$BATS_TEST_TMPDIR/client.audit"
}

@test "its ring is seen at work from outside, and carries its writes" {
	as_user
	start
	sql 'create or replace table d.big (id int primary key, rest varchar(500)); use d;
		insert into big select seq, repeat("x", 500) from seq_1_to_10000; set global innodb_max_dirty_pages_pct = 0'
	wait_until ring_is_at_work
	stop TERM 0
	# Without a ring it has another way, and says so.
	start --quiet --uring=none
	[ "$(grep -c 'Using io_uring' "$BATS_TEST_TMPDIR/log")" = 0 ]
	[ "$(sql 'select count(*) from d.big')" = 10000 ]
	stop TERM 0
}

ring_is_at_work() {
	[ "$(rings_at_work mariadbd)" = 1 ]
}

@test "who has all rights in the database connects to nothing outside" {
	as_user
	local to
	listening
	start
	for to in "host='127.0.0.1', master_port=7000" "host='192.0.2.1', master_port=7000"; do
		sql "stop slave; change master to master_$to, master_user='x', master_password='x',
			master_connect_retry=1; start slave"
		wait_until replica_has_failed
		sql 'stop slave'
	done
	[ ! -e "$BASE/reached" ]
}

replica_has_failed() {
	sql 'show slave status' | grep "Can't connect to server on"
}

@test "nor reads or writes files that are not its own" {
	as_user
	local path secret=$BASE/secret
	echo secret >"$secret"
	mkdir -p "$BASE/open"
	start
	rm -f own
	ln -sf "$secret" data/mysql/link
	sql "select 'own' into outfile '$DB/own'"
	[ "$(sql "select load_file('$DB/own') like 'own%'")" = 1 ]
	for path in "$secret" ../../secret "$DB/data/mysql/link" "/proc/self/root$secret" \
		"/proc/1/root$secret" /etc/machine-id; do
		[ "$(sql "select load_file('$path') is null")" = 1 ]
		run sql "use d; create or replace table said (line text); load data infile '$path' into table said"
		echo "$output"
		[ "$status" != 0 ]
	done
	run sql "select 1 into outfile '$BASE/open/x'"
	echo "$output"
	[ "$status" != 0 ]
	[ -z "$(ls "$BASE/open")" ]
	run sql "select load_file('/usr/lib/mysql/plugin/ha_archive.so') into dumpfile '/usr/lib/mysql/plugin/own.so'"
	echo "$output"
	[ "$status" != 0 ]
}

# As what it could be made to run by a hole in it.
@test "nor does code of its process, by call or by ring" {
	as_user
	local mine=$DB/mine
	listening
	mkdir -p "$mine"
	run "$JAIL" --profile=mariadbd --whitelist-ro="$CLIENTS" "$CLIENTS/try" \
		ring openat read /etc/passwd -- ring openat write "$mine/x" -- ring socket inet -- \
		ring socket unix -- ring connect 127.0.0.1:7000 -- ring sendmsg -- ring unlinkat -- \
		ring uring_cmd -- call socket netlink -- call socket packet
	echo "$output"
	[ "$(grep -c '^ring .*: EACCES' <<<"$output")" = 8 ]
	[ "$(grep -c '^call .*: EAFNOSUPPORT' <<<"$output")" = 2 ]
	run "$JAIL" --profile=mariadbd --whitelist-ro="$CLIENTS" "$CLIENTS/try" ring readv -- ring writev
	[ "$status" = 0 ]
	run "$JAIL" --profile=mariadbd bash -c "exec 3<>/dev/tcp/127.0.0.1/7000"
	[[ $output == *'Connection refused'* ]]
	run "$JAIL" --profile=mariadbd bash -c "cp /bin/true . && ./true"
	[[ $output == *'Permission denied'* ]]
	run "$JAIL" --profile=mariadbd bash -c "kill -9 $$ $listener"
	[[ $output == *'No such process'* ]]
	kill -0 "$listener"
	[ ! -e "$BASE/reached" ]
}

# inserts: rows, for as long as there is a server, each by its own commit.
inserts() {
	sql 'create database if not exists d; create or replace table d.row_ (id int primary key)'
	acknowledges "${connect[@]}" --unbuffered d < <(
		for ((id = 1; id <= 100000; id++)); do
			echo "insert into row_ values ($id); select $id;"
		done)
}

@test "kill -9 of the server loses no committed row and leaves nothing behind" {
	traces before
	start
	inserts
	killed "$(pgrep -ox mariadbd)" 137 mariadbd
	start
	grep -q 'Starting crash recovery' "$BATS_TEST_TMPDIR/log"
	nothing_is_lost d.row_
}

@test "kill -9 of the launcher does the same" {
	traces before
	start
	inserts
	killed "$launcher" 137 mariadbd
	start
	nothing_is_lost d.row_
}

@test "a second server is kept out by the first one's locks" {
	as_user
	start
	"$JAIL" mariadbd "${small[@]}" --socket="$DB/second" --skip-networking \
		>"$BATS_TEST_TMPDIR/second" 2>&1 3>&- &
	listener=$!
	# It goes on trying for half a minute.
	wait_until grep -E "Can't lock|Unable to lock" "$BATS_TEST_TMPDIR/second"
	[ ! -e second ]
	[ "$(sql 'select 1')" = 1 ]
}
