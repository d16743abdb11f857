/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_DBUS_PROXY_H
#define SANDBOX_DBUS_PROXY_H

#include <limits.h>
#include <sys/types.h>

#include "policy/plan.h"
#include "util/error.h"

/*
 * xdg-dbus-proxy, between a bus outside and a socket that is shown in the jail. It is started
 * before the jail, and listens in a folder of its own; the jail mounts the socket and takes its
 * name away, so that nobody else finds it. It ends with the launcher, or by dbus_proxies_end().
 */
struct dbus_proxy {
	pid_t pid; /* 0: there is none */
	int alive; /* which it watches: it ends when that is closed; -1: none */
	char folder[NAME_MAX];
	char socket[NAME_MAX + 8]; /* empty: there is none */
};

/* Starts those that @plan has. To be ended either way. */
int dbus_proxies_start(struct dbus_proxy proxies[BUSES], const struct plan *plan,
		       struct error *err);
void dbus_proxies_end(struct dbus_proxy proxies[BUSES]);

#endif
