#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installation and packages. They are made from a copy of what git would commit.

bats_require_minimum_version 1.5.0

setup_file() {
	export TOP=$PWD VERSION
	VERSION=$(sed -n 's/^VERSION := //p' Makefile)
}

# tree FOLDER: a copy of the sources.
tree() {
	mkdir -p "$1"
	git -C "$TOP" -c safe.directory='*' ls-files -z --deduplicate --cached --others --exclude-standard |
		(cd "$TOP" && xargs -0 sh -c 'for file; do [ ! -e "$file" ] || printf "%s\0" "$file"; done' sh) |
		tar -C "$TOP" --null -T - -c | tar -C "$1" -x
}

teardown() {
	[ -z "${folder-}" ] || rm -rf "$folder"
}

as_user() {
	if [ "$EUID" = 0 ]; then
		setpriv --reuid=nobody --clear-groups "$@"
	else
		"$@"
	fi
}

@test "what is installed works from there, and is all taken away again" {
	local where=$BATS_TEST_TMPDIR/root
	make -s BUILD="$BATS_TEST_TMPDIR/build" PREFIX=/usr DESTDIR="$where" install
	[ "$("$where/usr/bin/uring-jail" --version)" = "uring-jail $VERSION" ]
	[ -e "$where/usr/share/uring-jail/default.profile" ]
	[ -e "$where/usr/share/man/man1/uring-jail.1" ]
	[ -e "$where/usr/share/bash-completion/completions/uring-jail" ]
	make -s BUILD="$BATS_TEST_TMPDIR/build" PREFIX=/usr DESTDIR="$where" uninstall
	run find "$where" ! -type d
	echo "$output"
	[ -z "$output" ]
}

@test "the same sources make the same program, in whatever folder" {
	local name
	for name in one two/other; do
		tree "$BATS_TEST_TMPDIR/$name"
		make -s -j2 -C "$BATS_TEST_TMPDIR/$name" all
	done
	cmp "$BATS_TEST_TMPDIR/one/build/uring-jail" "$BATS_TEST_TMPDIR/two/other/build/uring-jail"
}

@test "the Debian package is built, has its files, and lintian finds nothing" {
	local folder=$BATS_TEST_TMPDIR/uring-jail-$VERSION package
	tree "$folder"
	tar -C "$BATS_TEST_TMPDIR" --exclude=debian -czf "$BATS_TEST_TMPDIR/uring-jail_$VERSION.orig.tar.gz" \
		"uring-jail-$VERSION"
	# The unit tests have been run from here, and this is about the package.
	(cd "$folder" && DEB_BUILD_OPTIONS='nocheck parallel=2' dpkg-buildpackage -us -uc) \
		>"$BATS_TEST_TMPDIR/log" 2>&1 || { tail -n 30 "$BATS_TEST_TMPDIR/log" && return 1; }
	package=$(echo "$BATS_TEST_TMPDIR"/uring-jail_*.deb)
	run dpkg-deb --contents "$package"
	echo "$output"
	[[ $output == *./usr/bin/uring-jail$'\n'* ]]
	[[ $output == *./usr/share/uring-jail/default.profile* ]]
	[[ $output == *./etc/apparmor.d/uring-jail$'\n'* ]]
	[[ $output == *./usr/share/zsh/vendor-completions/_uring-jail* ]]
	[[ $output != *rws* ]]
	# There is no bug that this package was asked for by.
	run lintian --allow-root --fail-on=error,warning --suppress-tags=initial-upload-closes-no-bugs \
		"$BATS_TEST_TMPDIR"/*.changes
	echo "$output"
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "the RPM and Arch packages' recipes are well-formed, and of this version" {
	cd packaging
	run --separate-stderr rpmspec --query --srpm --queryformat '%{name} %{version}\n' uring-jail.spec
	[ "$output" = "uring-jail $VERSION" ]
	# Nothing is installed, so no pacman is needed; and makepkg does not serve root.
	folder=$(mktemp -d)
	cp PKGBUILD "$folder"
	[ "$EUID" != 0 ] || chown -R nobody "$folder"
	cd "$folder"
	run as_user env PACMAN=true makepkg --printsrcinfo
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"pkgver = $VERSION"* ]]
	cd "$TOP"
	grep -q "^uring-jail ($VERSION-" debian/changelog
}
