#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --audit on kernels that have rings under filters: every denial is told of, none is invented, and
# no program ends, stops or fills up who watches it.

load ../../cli/common

# The policy that load and rude ask things of.
POLICY=(--no-profile --protocol=unix --uring.open=read '--uring.deny=unlinkat,renameat,connect')

check_log() {
	python3 "$TOP/tests/vm/audit_check.py" "$@"
}

# watched [LAUNCHER-OPTION...] -- CLIENT [ARGUMENT...]: under the policy, with a log in log.json.
watched() {
	local -a options arguments
	split "$@"
	"$JAIL" --quiet --audit=log.json --audit-format=json "${POLICY[@]}" "${options[@]}" \
		--whitelist-ro="$CLIENTS" "$CLIENTS/${arguments[0]}" "${arguments[@]:1}"
}

# all_told FORM [LOAD-OPTION...]: load's denials are in the log, all of them and no others.
all_told() {
	sent "$@"
	check_log truth log.json truth.*
}

sent() {
	run watched -- load -f "$1" -t truth "${@:2}"
	echo "$output"
	[ "$status" = 0 ]
}

# A file of ours that we may not read, unless we are root.
forbidden_file() {
	echo secret >secret
	chmod 0 secret
}

@test "100,000 requests of eight threads: every denial is told, none is invented" {
	all_told plain
}

@test "the same with DEFER_TASKRUN" {
	all_told defer
}

@test "the same with registered rings" {
	all_told registered
}

@test "a registered ring whose descriptor is closed" {
	all_told hidden -n 10000
}

# What completes last in memory of the program's own has gone with it.
@test "a ring that never had a descriptor: what came last may be predicted" {
	sent registered-only -n 10000
	check_log truth --predicted 8 log.json truth.*
}

@test "SUBMIT_ALL" {
	all_told submit-all -n 10000
}

@test "NO_SQARRAY" {
	all_told no-sqarray -n 10000
}

@test "NO_MMAP: what came last may be predicted" {
	sent nommap -n 10000
	check_log truth --predicted 8 log.json truth.*
}

@test "SQE128" {
	all_told sqe128 -n 10000
}

@test "CQE32" {
	all_told cqe32 -n 10000
}

@test "SQE_MIXED" {
	all_told sqe-mixed -n 10000
}

@test "CQE_MIXED" {
	all_told cqe-mixed -n 10000
}

@test "RESIZE_RINGS, with and without the array of indices" {
	all_told resize -n 10000
	rm log.json truth.*
	all_told resize,no-sqarray -n 10000
}

@test "completions that overflow their ring" {
	all_told overflow -n 10000
}

@test "chains" {
	all_told chain -n 10000
}

@test "chains whose head swallows a denial: it is predicted" {
	all_told cqe-skip -n 10000
	[ "$(check_log show log.json certainty | grep -c predicted)" -gt 10 ]
}

@test "requests that share their user_data" {
	all_told same-user-data -n 10000
}

@test "a ring that threads share" {
	all_told shared -n 10000
}

# Nobody enters the kernel, so what is there is only seen at times.
@test "SQPOLL: what was missed is counted, none is invented" {
	run watched -- load -f sqpoll -t truth -n 10000 -P 1 -T 2
	echo "$output"
	[ "$status" = 0 ]
	check_log truth --loose log.json truth.*
}

@test "the light form: what was missed is counted, none is invented" {
	local form
	for form in plain defer registered sqpoll; do
		rm -f log.json truth.*
		run watched --audit-mode=light -- load -f "$form" -t truth -n 10000 -P 2 -T 1
		echo "$output"
		[ "$status" = 0 ]
		check_log truth --loose log.json truth.*
	done
}

@test "a request that says EACCES of its own accord is no policy's denial" {
	sent plain -n 10000 -i
	check_log truth --unmatched log.json truth.*
	[ "$(check_log show log.json certainty cause | grep -c 'unmatched unknown')" -gt 0 ]
}

@test "a file without permission is told apart from the policy's denials" {
	[ "$VM_USER" = user ] || skip "root may read every file"
	forbidden_file
	all_told plain -n 10000 -x secret
	grep -q permission truth.0
}

@test "a denied open beside one that lacks permission: one record each" {
	[ "$VM_USER" = user ] || skip "root may read every file"
	forbidden_file
	# shellcheck disable=SC2016 # for the shell in the jail
	"$JAIL" --quiet --audit=log.json --audit-format=json "${POLICY[@]}" \
		--whitelist-ro="$CLIENTS" sh -c '"$0" ring openat write other
			"$0" ring openat read secret; :' "$CLIENTS/try"
	run check_log show log.json op arguments.path cause certainty count
	echo "$output"
	[ "${lines[0]}" = 'openat other policy confirmed 1' ]
	[ "${lines[1]}" = 'openat secret permission confirmed 1' ]
	[ "${#lines[@]}" = 2 ]
}

# counted: what the note on the kernel's own count says, behind its name.
counted() {
	sed -n 's/^{"note":"the kernel.s tracepoint io_uring_req_failed counted \(.*\)"}$/\1/p' log.json
}

@test "where the kernel's own count may be read, it agrees" {
	[ "$VM_USER" = root ] || skip "no tracepoint may be read without privilege"
	all_told plain -n 10000
	[ "$(counted)" = "$(cat truth.* | wc -l) denials by ring, as many as are recorded here" ]
}

# Nothing of these chains is to be seen: neither their requests, in the light form, nor most of
# their completions.
@test "the kernel's own count has denials that nothing else tells of" {
	local sent told
	[ "$VM_USER" = root ] || skip "no tracepoint may be read without privilege"
	run watched --audit-mode=light -- load -f cqe-skip -t truth -n 10000 -P 2 -T 1
	echo "$output"
	[ "$status" = 0 ]
	sent=$(cat truth.* | wc -l)
	told=$(check_log show log.json cause count | awk '$1 == "policy" { n += $2 } END { print n + 0 }')
	echo "$sent sent, $told told of, $(counted)"
	[ "$told" -lt "$sent" ]
	[ "$(counted)" = "$sent denials by ring, $((sent - told)) more than are recorded here" ]
}

@test "without privilege nothing is said of the kernel's own count" {
	[ "$VM_USER" = user ] || skip "root may read it"
	all_told plain -n 1000
	[ -z "$(counted)" ]
}

# rude MODE [OPTION...]: ends with its own status, and each denial is in the log.
rude() {
	local mode=$1 sent
	run watched -- rude -s 7 "${@:2}" "$mode"
	echo "status $status: $output"
	[ "$status" = 7 ]
	sent=${lines[-1]#"rude: $mode: "}
	check_log paths log.json "$mode" "${sent% denied}"
}

@test "a thousand children make a ring each" {
	rude forks
}

@test "a program executes itself with and without its rings" {
	rude exec
}

@test "rings are closed while they are at work" {
	rude close
}

@test "rings are unmapped before they are entered" {
	rude unmap
}

@test "rings of odd sizes" {
	rude odd
}

@test "rings are registered and unregistered, and entered by index" {
	rude register-fds
}

@test "rings change their descriptors" {
	rude dup2
}

@test "rings are asked for with random parameters" {
	rude garbage
}

# What the log says is as true as what is scribbled, and ends all the same.
@test "requests with wild pointers, and rings that are scribbled over, end nobody but themselves" {
	local mode
	for mode in wild scribble-cq scribble-sq; do
		rm -f log.json
		run timeout 100 "$JAIL" --quiet --audit=log.json --audit-format=json "${POLICY[@]}" \
			--whitelist-ro="$CLIENTS" "$CLIENTS/rude" -s 7 "$mode"
		echo "$mode: status $status: $output"
		[ "$status" = 7 ]
		tail -n 1 log.json | grep -q '^{"summary"'
	done
}

@test "a program that is killed while its rings are at work" {
	run watched -- rude killed
	echo "status $status: $output"
	[ "$status" = 137 ]
	check_log paths --loose log.json killed 200
	[ "$(check_log show log.json op | wc -l)" -ge 200 ]
}

@test "thousands of denied calls from many threads" {
	run watched -- rude -s 7 calls
	echo "$output"
	[ "$status" = 7 ]
	[ "$output" = 'rude: calls: 8000 denied' ]
	[ "$(check_log show log.json op count certainty | sort | uniq -c | xargs)" = \
		'4000 bpf 1 confirmed 4000 socket 1 confirmed' ]
}

# held NUMBER KEY: what /proc says of the launcher, whose number is $launcher.
descriptors() {
	local -a held=("/proc/$launcher/fd/"*)
	echo "${#held[@]}"
}

memory() {
	awk '/^VmRSS/ { print $2 }' "/proc/$launcher/status"
}

# settles MODE: between a tenth of it and its end no descriptor and no memory to speak of is kept.
settles() {
	local mode=$1 line fds kilobytes launcher status=0
	mkfifo in out
	"$JAIL" --quiet --audit=log.json --audit-format=json "${POLICY[@]}" \
		--whitelist-ro="$CLIENTS" "$CLIENTS/rude" -w -s 7 "$mode" <in >out 3>&- &
	launcher=$!
	exec 8>in 9<out
	read -r -t 100 line <&9
	echo "$line: $(descriptors) descriptors, $(memory) kB"
	fds=$(descriptors)
	kilobytes=$(memory)
	echo >&8
	read -r -t 100 line <&9
	echo "$line: $(descriptors) descriptors, $(memory) kB"
	# The rings of eight children may not have been missed yet.
	[ "$(descriptors)" -le $((fds + 8)) ]
	[ $(($(memory) - kilobytes)) -lt 3000 ]
	echo >&8
	read -r -t 100 line <&9
	wait "$launcher" || status=$?
	echo "status $status: $line"
	exec 8>&- 9<&-
	[ "$status" = 7 ]
}

@test "a thousand children leave no descriptor and no memory behind" {
	settles forks
}

@test "a thousand rings leave no descriptor and no memory behind" {
	settles rings
}

@test "a pipe that nobody reads, a full disk and a closed pipe neither stop nor end the program" {
	local log
	mkfifo unread
	exec 8<>unread
	for log in unread /dev/full; do
		run timeout 100 "$JAIL" --quiet --audit="$log" "${POLICY[@]}" \
			--whitelist-ro="$CLIENTS" "$CLIENTS/rude" -s 7 calls
		echo "$log: status $status: $output"
		[ "$status" = 7 ]
		[[ ${lines[0]} == 'rude: calls: 8000 denied' ]]
	done
	exec 8>&-
	run bash -c '"$@" 2> >(exec true); echo "status $?"' bash "$JAIL" --quiet --audit \
		"${POLICY[@]}" --whitelist-ro="$CLIENTS" "$CLIENTS/rude" -s 7 calls
	[[ $output == *'status 7' ]]
}

@test "the log of a program is none of the program's output" {
	run --separate-stderr "$JAIL" --quiet --audit "${POLICY[@]}" --whitelist-ro="$CLIENTS" \
		"$CLIENTS/rude" -n 3 forks
	[ "$output" = 'rude: forks: 3 denied' ]
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *forks/2* ]]
}

@test "an audit inside an audit is refused, with a hint" {
	[ "$VM_USER" = user ] || skip "root cannot make a jail in a jail"
	run "$JAIL" --quiet --audit=outer.log --whitelist-ro="$JAIL" '--seccomp=!@nesting,!seccomp' \
		"$JAIL" --quiet --audit=inner.log touch marker
	echo "status $status: $output"
	[ "$status" = 125 ]
	[[ $output == *'hint: '* ]]
	[ ! -e marker ]
}

@test "a log that cannot be written is refused, with a hint, and nothing is run" {
	[ "$VM_USER" = user ] || skip "root may write everywhere"
	mkdir closed
	chmod 555 closed
	for log in closed/log missing/log /; do
		refused 125 "$log" "$JAIL" --quiet --audit="$log"
	done
}

# A leak is an error of LeakSanitizer's, with a status of its own.
clean() {
	local expected=$1
	shift
	rm -f log.json
	run watched "$@"
	echo "$*: status $status: $output"
	[ "$status" = "$expected" ]
	[[ $output != *Sanitizer* && $output != *'runtime error'* ]]
}

@test "the launcher is free of errors and leaks under sanitizers, whatever the program does" {
	local mode
	JAIL=$TOP/build-sanitize/uring-jail
	for mode in forks exec close unmap odd register-fds dup2 garbage wild scribble-cq \
		scribble-sq calls; do
		clean 7 -- rude -s 7 -n 40 "$mode"
	done
	clean 137 -- rude -n 40 killed
	clean 7 --audit-mode=light -- rude -s 7 -n 40 forks
	clean 0 -- load -f cqe-skip -n 2000
	run "$JAIL" --quiet --learn="$HOME/learned.profile" "$CLIENTS/try" ring openat read /etc/passwd
	echo "$output"
	[ "$status" = 0 ]
}
