// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/dbus_proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/file.h"

static const char name[] = "xdg-dbus-proxy";

/*
 * Where only this user can be, and no other jail: see planner_hide_proxies(). Without /run/user/UID
 * there is /tmp alone, which other jails may see.
 */
static int make_folder(struct dbus_proxy *proxy, struct error *err)
{
	snprintf(proxy->folder, sizeof(proxy->folder), "/run/user/%u/" PROXIES_FOLDER "/XXXXXX",
		 getuid());
	if (!mkdtemp(proxy->folder)) {
		snprintf(proxy->folder, sizeof(proxy->folder), "/tmp/uring-jail.XXXXXX");
		if (!mkdtemp(proxy->folder)) {
			*proxy->folder = '\0';
			return error_errno(err, "cannot make a folder for the socket of %s", name);
		}
	}
	snprintf(proxy->socket, sizeof(proxy->socket), "%s/bus", proxy->folder);
	return 0;
}

static char *const *command_line(const struct bus_plan *bus, const struct dbus_proxy *proxy,
				 struct arena *arena)
{
	ARRAY(char *) words = { 0 };

	*array_push(arena, &words) = arena_strdup(arena, name);
	*array_push(arena, &words) = arena_printf(arena, "--fd=%d", HELPER_FD);
	*array_push(arena, &words) = arena_strdup(arena, bus->address);
	*array_push(arena, &words) = arena_strdup(arena, proxy->socket);
	for (const char **word = bus->proxy; *word; word++)
		*array_push(arena, &words) = arena_strdup(arena, *word);
	*array_push(arena, &words) = NULL;
	return words.items;
}

/* It has ended, or closed its output: what it wrote says why. */
static int failed(struct dbus_proxy *proxy, const struct bus_kind *kind, int output,
		  struct error *err)
{
	char text[512];
	int status = 0;
	ssize_t length;

	kill(proxy->pid, SIGKILL);
	waitpid(proxy->pid, &status, 0);
	proxy->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		error_set(err, ENOENT, "%s filter needs %s, which is not found", kind->name, name);
		error_hint(err, "install the package %s; " HELPER_PLACES, name);
		return -ENOENT;
	}
	length = file_read(output, text, sizeof(text) - 1);
	text[length < 0 ? 0 : length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return error_set(err, ECONNREFUSED, "%s filter: %s does not start: %s", kind->name, name,
			 *text ? text : "it ended without a word");
}

static int start(struct dbus_proxy *proxy, const struct bus_kind *kind, char *const *words,
		 struct error *err)
{
	_cleanup_close_ int output = -1;
	_cleanup_close_ int said = -1;
	_cleanup_close_ int watched = -1;
	pid_t launcher = getpid();
	int ends[2];
	char byte;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "cannot create a pipe");
	output = ends[0];
	said = ends[1];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "cannot create a pipe");
	proxy->alive = ends[0];
	watched = ends[1];
	proxy->pid = fork();
	if (proxy->pid == 0)
		helper_execute(words, launcher, said, watched);
	if (proxy->pid < 0) {
		proxy->pid = 0;
		return error_errno(err, "cannot start %s", name);
	}
	close(steal_fd(&said));
	close(steal_fd(&watched));
	/* A byte says that it listens. */
	return read(proxy->alive, &byte, sizeof(byte)) == 1 ? 0 : failed(proxy, kind, output, err);
}

int dbus_proxies_start(struct dbus_proxy proxies[BUSES], const struct plan *plan, struct error *err)
{
	struct arena arena = { 0 };
	int status = 0;

	for (enum bus_number number = 0; number < BUSES; number++)
		proxies[number] = (struct dbus_proxy){ .alive = -1 };
	for (enum bus_number number = 0; status == 0 && number < BUSES; number++) {
		const struct bus_plan *bus = &plan->buses[number];

		if (!bus->proxy)
			continue;
		status = make_folder(&proxies[number], err);
		if (status == 0)
			status = start(&proxies[number], &bus_kinds[number],
				       command_line(bus, &proxies[number], &arena), err);
	}
	arena_free(&arena);
	return status;
}

void dbus_proxies_end(struct dbus_proxy proxies[BUSES])
{
	for (enum bus_number number = 0; number < BUSES; number++) {
		struct dbus_proxy *proxy = &proxies[number];

		if (!*proxy->folder)
			continue;
		helper_end(&proxy->pid);
		if (proxy->alive >= 0)
			close(proxy->alive);
		/* Where the jail has not got that far. */
		unlink(proxy->socket);
		rmdir(proxy->folder);
	}
}
