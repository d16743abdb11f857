// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fds: what a program got from the one that started it.
 *
 *   fds [--status]
 *
 * Prints its open descriptors above 2, one "N TARGET" a line ("N ?" where there is no /proc), and
 * with --status the lines of /proc/self/status about privileges ("NoNewPrivs: 1").
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FDS_MAX 4096

static const char *const status_names[] = {
	"Uid:",	   "Gid:",    "Groups:",     "CapInh:",	 "CapPrm:",	     "CapEff:",
	"CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "Seccomp_filters:",
};

static void print_descriptor(int fd)
{
	char link[64], target[256];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		printf("%d ?\n", fd);
	else
		printf("%d %.*s\n", fd, (int)length, target);
}

/* One line of the file, with single blanks for its tabs. */
static void print_status_line(const char *name, char *line)
{
	const char *words = line + strlen(name);

	printf("%s", name);
	for (char *word; (word = strsep(&line, " \t\n"));)
		if (*word && word >= words)
			printf(" %s", word);
	printf("\n");
}

static int print_status(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[512];

	if (!file) {
		perror("fds: /proc/self/status");
		return 1;
	}
	while (fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(status_names) / sizeof(*status_names); i++)
			if (!strncmp(line, status_names[i], strlen(status_names[i])))
				print_status_line(status_names[i], line);
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	for (int fd = 3; fd < FDS_MAX; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			print_descriptor(fd);
	return argc > 1 && !strcmp(argv[1], "--status") ? print_status() : 0;
}
