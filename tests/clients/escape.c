// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * escape: tries to get out of a jail.
 *
 *   escape [-r] CLASS [NAME...]
 *   escape with-keys PROGRAM [ARG...]
 *
 * Makes the attempts of the class, or those named, each in a process of its own, by system calls
 * and, where io_uring can do it too, through a ring. Prints one line each: "NAME call: OUTCOME" or
 * "NAME ring: OUTCOME", where OUTCOME is "ok" if it got what it was after, else the errno that
 * stopped it (of making the ring, if there is none), or KILLED.
 *
 *   -r   before each attempt, makes anew the files that the ones before it may have spoiled: for
 *        runs outside a jail
 *
 * The second form executes the program with a key in its session's keyring, as the attempts on keys
 * want it, and the number of the user's keyring in ESCAPE_KEYRING.
 *
 * What is attacked is named by the environment: ESCAPE_OUTSIDE, a folder, and others that the
 * tables mention as {NAME}.
 */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "escape.h"
#include "trial.h"

#define SECONDS 10

static const struct {
	const char *name;
	const struct attempt *attempts;
} classes[] = {
	{ "files", file_attempts },	   { "mounts", mount_attempts },
	{ "processes", process_attempts }, { "crowd", crowd_attempts },
	{ "sockets", socket_attempts },	   { "families", family_attempts },
	{ "devices", device_attempts },	   { "terminal", terminal_attempts },
	{ "kernel", kernel_attempts },	   { "keys", key_attempts },
	{ "core", core_attempts },	   { "inherited", inherited_attempts },
};

/* Puts the variables into the word. */
static const char *expand(const char *word)
{
	static char text[4096];
	size_t used = 0;

	for (; *word && used + 1 < sizeof(text); word++) {
		char name[64] = "ESCAPE_";
		int length = 0;

		if (sscanf(word, "{%31[A-Z_]}%n", name + strlen("ESCAPE_"), &length) == 1 &&
		    length) {
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s",
						 getenv(name) ? getenv(name) : "");
			word += length - 1;
		} else {
			text[used++] = *word;
		}
	}
	text[used < sizeof(text) ? used : sizeof(text) - 1] = '\0';
	return text;
}

static void make_file(const char *path)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, SECRET, strlen(SECRET)) < 0)
		fprintf(stderr, "escape: %s: %s\n", path, errno_name(errno));
	if (fd >= 0)
		close(fd);
}

static void remake(void)
{
	const char *outside = expand("{OUTSIDE}/secret");

	mkdir(OWN "hidden", 0755);
	make_file(outside);
	make_file(OWN "masked");
	make_file(OWN "hidden/secret");
	make_file("shown/file");
}

static int attempt_through(const struct attempt *attempt, bool by_ring)
{
	struct attack attack = { .name = attempt->name };
	struct ring ring;

	if (by_ring) {
		int ret = ring_make(&ring, 0);

		if (ret < 0)
			return ret;
		attack.ring = &ring;
	}
	return attempt->act(&attack, expand(attempt->word ? attempt->word : ""));
}

static void print_outcome(const struct attempt *attempt, bool by_ring, int status, int result)
{
	printf("%s %s: %s\n", attempt->name, by_ring ? "ring" : "call",
	       !WIFEXITED(status) ? "KILLED"
	       : result >= 0	  ? "ok"
				  : errno_name(-result));
	fflush(stdout);
}

static void make_attempt(const struct attempt *attempt, bool by_ring, bool again)
{
	int ends[2], result = -ENOTRECOVERABLE, status = 0;
	pid_t pid;

	if (again)
		remake();
	if (pipe(ends) < 0 || (pid = fork()) < 0) {
		print_outcome(attempt, by_ring, 0, -errno);
		return;
	}
	if (pid == 0) {
		alarm(SECONDS);
		result = attempt_through(attempt, by_ring);
		/* What a stolen program or namespace does with it is no matter any more. */
		_exit(write(ends[1], &result, sizeof(result)) < 0);
	}
	close(ends[1]);
	if (read(ends[0], &result, sizeof(result)) < 0)
		result = -errno;
	close(ends[0]);
	waitpid(pid, &status, 0);
	print_outcome(attempt, by_ring, status, result);
}

static bool is_wanted(const char *name, char *const *names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static const struct attempt *find_class(const char *name)
{
	for (size_t i = 0; name && i < sizeof(classes) / sizeof(*classes); i++)
		if (!strcmp(classes[i].name, name))
			return classes[i].attempts;
	return NULL;
}

static int with_keys(char **argv)
{
	char number[32];
	long keyring;

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", "escape", SECRET, strlen(SECRET),
		    KEY_SPEC_SESSION_KEYRING) < 0 ||
	    (keyring = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1)) < 0) {
		printf("no keys: %s\n", errno_name(errno));
		return 2;
	}
	snprintf(number, sizeof(number), "%ld", keyring);
	setenv("ESCAPE_KEYRING", number, 1);
	execvp(argv[0], argv);
	fprintf(stderr, "escape: %s: %s\n", argv[0], errno_name(errno));
	return 2;
}

int main(int argc, char **argv)
{
	bool again = argc > 1 && !strcmp(argv[1], "-r");
	char **words = argv + 1 + again;
	const struct attempt *attempt = find_class(words[0]);

	if (argc > 2 && !strcmp(argv[1], "with-keys"))
		return with_keys(argv + 2);
	if (!attempt) {
		fprintf(stderr, "usage: escape [-r] CLASS [NAME...]\nCLASS is one of");
		for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
			fprintf(stderr, " %s", classes[i].name);
		fprintf(stderr, "\n");
		return 2;
	}
	for (; attempt->name; attempt++) {
		if (!is_wanted(attempt->name, words + 1))
			continue;
		if (attempt->gates & BY_CALL)
			make_attempt(attempt, false, again);
		if (attempt->gates & BY_RING)
			make_attempt(attempt, true, again);
	}
	return 0;
}
