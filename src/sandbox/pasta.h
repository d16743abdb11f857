/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_PASTA_H
#define SANDBOX_PASTA_H

#include <sys/types.h>

#include "policy/plan.h"
#include "util/error.h"

/*
 * pasta (package passt) connects the jail's network namespace to the host's, from outside, by
 * ordinary sockets of the user's. It and the jail are started side by side:
 *
 *	jail		maps its ids, pasta_ask() ............ pasta_wait(), goes on
 *	launcher	pasta_start(): waits for that, starts pasta, waits until it is ready, tells
 *
 * pasta is the launcher's child and dies with it, or by pasta_end().
 */
struct pasta {
	pid_t pid;    /* 0: there is none */
	int jail_end; /* of the socket between them; -1: none */
	int launcher_end;
};

/* Before there is a jail. Makes nothing where the plan has no pasta. */
int pasta_prepare(struct pasta *pasta, const struct net_plan *net, struct error *err);

/* In the jail: its namespaces are there and ids are mapped. */
int pasta_ask(const struct pasta *pasta, struct error *err);
/* In the jail: until its network is connected. */
int pasta_wait(const struct pasta *pasta, struct error *err);

/* In the launcher: connects the jail @jail. A jail that fails before that is no error of this. */
int pasta_start(struct pasta *pasta, const struct net_plan *net, pid_t jail, struct error *err);
void pasta_end(struct pasta *pasta);

#endif
