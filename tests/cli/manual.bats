#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual pages have what the tables have.

load common

@test "every directive is in uring-jail-profile(5)" {
	local name missing=
	for name in $("$JAIL" --list-directives | sed -n 's/^\([a-z][a-z0-9.-]*\).*/\1/p'); do
		grep -qE "^\.It (.* , )?Cm .*\b${name//./\\.}( |\$)|^(.* , )?${name//./\\.}( |\$)" \
			"$TOP/uring-jail-profile.5" || missing+=" $name"
	done
	echo "missing:$missing"
	[ -z "$missing" ]
}

@test "every option is in uring-jail(1)" {
	local name missing=
	for name in $("$JAIL" --help | sed -n '/^Directives/q; s/^  ..[,]* --\([a-z-]*\).*/\1/p'); do
		grep -qE -- "Fl -$name( |\$)" "$TOP/uring-jail.1" || missing+=" $name"
	done
	echo "missing:$missing"
	[ -z "$missing" ]
}

@test "the manual pages are well-formed" {
	command -v mandoc >/dev/null || skip "there is no mandoc"
	# Whether another page is installed here says nothing of this one.
	run bash -c 'mandoc -Tlint -Wstyle "$@" 2>&1 | grep -v -e "outdated mandoc.db" -e "referenced manual not found"' \
		sh "$TOP/uring-jail.1" "$TOP/uring-jail-profile.5"
	echo "$output"
	[ -z "$output" ]
}

@test "every shipped profile and shared part is in uring-jail-profile(5)" {
	local file name missing=
	for file in "$TOP"/profiles/*; do
		name=${file##*/}
		name=${name%.profile}
		sed -n '/^\.Sh SHIPPED PROFILES/,/^\.Sh FILES/p' "$TOP/uring-jail-profile.5" |
			grep -qE "^\.It Pa (.* , )?${name//[+.]/\\&}( |\$)" || missing+=" $name"
	done
	echo "missing:$missing"
	[ -z "$missing" ]
}

@test "every test that docs/security.md names is there" {
	run python3 - "$TOP" <<-'EOF'
		import os, re, sys
		top = sys.argv[1]
		named = 0
		for line in open(top + "/docs/security.md"):
		    for path, names in re.findall(r"`(tests/[^`]+\.(?:bats|c))`(?:: ((?:\"[^\"]+\"(?:, )?)+))?", line):
		        text = open(os.path.join(top, path)).read()
		        named += 1
		        for name in re.findall(r"\"([^\"]+)\"", names):
		            named += 1
		            if '@test "%s" {' % name not in text:
		                print("%s: %s" % (path, name))
		print("all", named > 40)
	EOF
	echo "$output"
	[ "$output" = 'all True' ]
}
