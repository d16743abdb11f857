// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Attempts to get out of a jail: tables of them, a class each, for escape.c.
 *
 * An attempt succeeds (0 or more) only when it has what it is after: the text of a secret, a
 * descriptor, a victim's attention. So in a jail each must fail, and outside each must not.
 */
#ifndef TESTS_CLIENTS_ESCAPE_H
#define TESTS_CLIENTS_ESCAPE_H

#include <errno.h>
#include <sys/types.h>
#include "ring.h"

/* What a secret says. */
#define SECRET "secret text\n"

/* Where an attempt makes files of its own: a folder that is writable in the jail. */
#define OWN "box/"

struct attack {
	const char *name;
	struct ring *ring; /* NULL: by system calls */
};

struct attempt {
	const char *name;
	/* Returns 0 or more, or a negative errno. */
	int (*act)(struct attack *attack, const char *word);
	/* Its argument; {NAME} in it stands for the variable ESCAPE_NAME of the environment. */
	const char *word;
	enum {
		BY_CALL = 1,
		BY_RING = 2,
		BOTH = 3,
	} gates;
};

/* Each ends with an entry without a name. */
extern const struct attempt file_attempts[], mount_attempts[], process_attempts[], crowd_attempts[],
	socket_attempts[], family_attempts[], device_attempts[], terminal_attempts[],
	kernel_attempts[], key_attempts[], core_attempts[], inherited_attempts[];

/* A system call's result, as an attempt's. */
static inline int outcome(long result)
{
	return result < 0 ? -errno : (int)result;
}

/* The variable ESCAPE_@name as a number, such as that of a process; -1 if there is none. */
long escape_number(const char *name);

/* A descriptor, or a negative errno, through the attack's gate. */
int attack_open(struct attack *attack, int folder, const char *path, int flags);

/*
 * Reads @fd through the attack's gate and closes it. Returns 0 if it begins with the secret,
 * -ENODATA if with something else, or another negative errno, @fd itself if that is one.
 */
int reveal(struct attack *attack, int fd);

/* The same for a path. */
int reveal_path(struct attack *attack, const char *path);

#endif
