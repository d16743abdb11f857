// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * swap: exchanges two names in a folder for each other, over and over, until it is killed.
 *
 *   swap FIRST SECOND
 *
 * Prints a line once it is at it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXCHANGE (1 << 1) /* RENAME_EXCHANGE; not all headers have it */

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: swap FIRST SECOND\n");
		return 2;
	}
	for (unsigned long turn = 0;; turn++) {
		if (syscall(SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, argv[2], EXCHANGE) < 0) {
			perror("swap");
			return 1;
		}
		if (turn == 1 && (puts("swapping") < 0 || fflush(stdout) != 0))
			return 1;
		/* Some turns for each step of a launch, and some launches that are left alone. */
		nanosleep(&(struct timespec){ .tv_nsec = (long)(turn % 97) * 2000 }, NULL);
	}
}
