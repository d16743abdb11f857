/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_MACRO_H
#define POLICY_MACRO_H

#include "policy/directive.h"

/* What a word for a path comes to. */
struct macro_paths {
	bool pattern; /* each is a pattern of glob(7), what macros stand for escaped in it */
	ARRAY(const char *) paths;
};

/*
 * Expands the macro at the start of @value, if there is one: ${HOME} or ~, ${CWD}, ${RUNUSER},
 * ${CFG}, a folder of xdg-user-dirs such as ${DOWNLOADS}, or ${PATH}, which stands for several.
 * A path on the command line may be relative. @patterns: wildcards and ${PATH} may be in it.
 * Returns 0 or a negative errno. All memory is the policy's arena's.
 */
int macro_expand(const struct directive_call *call, const char *value, bool patterns,
		 struct macro_paths *expanded, struct error *err);

#endif
