// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Carries out trials under their modes, and prints what came of them.
 */
#ifndef TESTS_CLIENTS_RUN_H
#define TESTS_CLIENTS_RUN_H

#include "trial.h"

/* Exit statuses; of several, the highest counts. */
enum status {
	STATUS_OK = 0,
	STATUS_REFUSED = 1,
	STATUS_USAGE = 2,
	STATUS_NO_RING = 3,
};

/* Makes the trial's ring, carries it out where its modes say, and prints one line. */
enum status run_trial(struct trial *trial, int ring_fd);

/* The same in a forked child, so that nothing is left behind. */
enum status run_in_child(struct trial *trial, int ring_fd);

/*
 * Executes this program anew with the words @argv, after what MODE_HOLE or MODE_HOLE_UNUSED in
 * @modes asks for. Returns a negative errno if that failed.
 */
int exec_again(unsigned int modes, char **argv);

/* Before a disabled ring is enabled: asks for as much as the kernel lets it, and more. */
void widen_disabled_ring(struct ring *ring);

#endif
