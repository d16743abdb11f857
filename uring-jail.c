// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * uring-jail: runs a program in a sandbox that holds for io_uring as well as for system calls.
 *
 * main parses, plans and then launches, or tells what was asked. It alone prints.
 */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config.h"
#include "default_profile.h"
#include "audit/learn.h"
#include "audit/learn_policy.h"
#include "audit/supervisor.h"
#include "cli/complete.h"
#include "cli/explain.h"
#include "cli/options.h"
#include "cli/report.h"
#include "policy/directive.h"
#include "policy/no_userns.h"
#include "policy/plan.h"
#include "policy/profile.h"
#include "policy/profile_list.h"
#include "sandbox/check.h"
#include "sandbox/fds.h"
#include "sandbox/landlock.h"
#include "sandbox/launch.h"
#include "sandbox/resolve.h"
#include "uring/abi.h"
#include "uring/probe.h"
#include "util/cleanup.h"
#include "util/escape.h"

/* Messages quote what users and files say: no control character of theirs reaches a terminal. */
static void print_line(const char *prefix, const char *text)
{
	fputs(prefix, stderr);
	escape_write(stderr, text, strlen(text));
	fputc('\n', stderr);
}

static int print_error(const struct error *err)
{
	print_line("uring-jail: ", err->message);
	if (err->hint[0])
		print_line("hint: ", err->hint);
	return err->status ? err->status : 125;
}

/* What is known of the world outside, for profiles and for planning. */
struct world {
	struct arena arena;
	char *cwd;
	char *home;	  /* NULL: none */
	char *login_home; /* NULL: none */
	struct profile_source source;
	struct plan_input input;
};

static const char *find_terminal(struct arena *arena)
{
	char name[PATH_MAX];

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd) && ttyname_r(fd, name, sizeof(name)) == 0)
			return arena_strdup(arena, name);
	return NULL;
}

/* Of the user database. HOME alone is no base for what to keep out of a program's reach. */
static const char *login_home(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry ? entry->pw_dir : NULL;
}

static char *canonical_home(struct arena *arena, const char *home)
{
	char path[PATH_MAX];

	/* "/" is no HOME: all of the system lies below it. */
	if (!home || *home != '/' || !realpath(home, path) || !strcmp(path, "/"))
		return NULL;
	return arena_strdup(arena, path);
}

static const char *user_config(const struct world *world, struct arena *arena)
{
	const char *config = getenv("XDG_CONFIG_HOME");

	if (config && *config == '/')
		return config;
	return world->home ? arena_printf(arena, "%s/.config", world->home) : NULL;
}

static const char *user_profiles(const struct world *world, struct arena *arena)
{
	const char *config = user_config(world, arena);

	return config ? arena_printf(arena, "%s/uring-jail", config) : NULL;
}

/* Where profiles are, and what their macros mean. */
static void find_profiles(struct world *world)
{
	world->login_home = canonical_home(&world->arena, login_home());
	world->home =
		getenv("HOME") ? canonical_home(&world->arena, getenv("HOME")) : world->login_home;
	world->source = (struct profile_source){
		.folders = { user_profiles(world, &world->arena), SYSTEM_PROFILE_DIR, PROFILE_DIR },
		.default_text = default_profile,
		.macros = {
			.home = world->home,
			.cwd = world->cwd,
			.runuser = arena_printf(&world->arena, "/run/user/%u", getuid()),
			.cfg = SYSTEM_PROFILE_DIR,
			.path = getenv("PATH"),
			.config = user_config(world, &world->arena),
		},
	};
}

static int look_around(struct world *world, const struct options *options, char **envp,
		       struct error *err)
{
	char path[PATH_MAX];

	if (!getcwd(path, sizeof(path))) {
		error_errno(err, "cannot tell the working folder");
		error_hint(err, "it was removed, perhaps: cd to one that is there");
		return -err->code;
	}
	world->cwd = arena_strdup(&world->arena, path);
	find_profiles(world);
	world->input = (struct plan_input){
		.argv = options->program,
		.envp = envp,
		.cwd = world->cwd,
		.home = world->home,
		.login_home = world->login_home,
		.launcher =
			realpath("/proc/self/exe", path) ? arena_strdup(&world->arena, path) : NULL,
		.uid = getuid(),
		.gid = getgid(),
		.keep_fds = options->keep_fds.items,
		.keep_fd_count = options->keep_fds.count,
		.explain = options->action == ACTION_EXPLAIN,
		.tty = find_terminal(&world->arena),
	};
	return 0;
}

static int read_policy(struct policy *policy, const struct world *world,
		       const struct options *options, struct error *err)
{
	int status = 0;

	policy->name = command_line;
	if (options->profile)
		status = profile_read(policy, &world->source, options->profile, err);
	else if (!options->no_profile)
		status = profile_read_for(policy, &world->source, options->program[0], err);
	for (size_t i = 0; status == 0 && i < options->directives.count; i++)
		status = profile_apply(policy, &world->source, options->directives.items[i].name,
				       options->directives.items[i].value, err);
	return status;
}

/* Policies that ask for io_uring and take it away are no policy. */
static int check_require(struct plan *plan, struct error *err)
{
	if (!plan->uring.require || plan->uring.mode != URING_NONE ||
	    plan->policy->uring.mode == URING_NONE)
		return 0;
	error_set(err, EINVAL,
		  "%s denies io_uring's system calls, and uring.require asks "
		  "for io_uring",
		  origin_text(&plan->arena, &plan->gate.uring_origin));
	error_hint(err, "take one of them out");
	return -EINVAL;
}

/*
 * Where io_uring's filters are missing or leak, io_uring is blocked, with one line that says so;
 * a profile may ask for an error instead. The plan has both system-call programs ready.
 */
static int settle_uring(struct plan *plan, bool quiet, struct error *err)
{
	struct uring_kernel kernel;

	if (plan->uring.mode != URING_FILTER)
		return 0;
	uring_probe(&kernel);
	if (kernel.trusted) {
		if (!plan->uring.needs_connect_data || kernel.pdu_connect >= URING_CONNECT_PDU)
			return 0;
		plan_uring_without_connect_data(plan);
		if (!quiet)
			fprintf(stderr,
				"uring-jail: %s: CONNECT is denied altogether: this kernel does "
				"not show addresses to filters (Linux 7.2 does)\n",
				plan->uring.connect_directive);
		return 0;
	}
	if (plan->uring.require) {
		error_set(err, ENOSYS, "io_uring cannot be filtered here: %s", kernel.why);
		error_hint(err, "uring-jail --check tells more; without uring.require the program "
				"runs with io_uring blocked");
		return -ENOSYS;
	}
	if (!quiet)
		fprintf(stderr, "uring-jail: io_uring is blocked (ENOSYS): %s\n", kernel.why);
	plan->uring.mode = URING_NONE;
	plan->seccomp = plan->seccomp_no_uring;
	return 0;
}

/* Where the program is outside, if it is there at all: the jail just does not show it. */
static void hint_at_hidden_program(const char *name, const char *path, struct error *err)
{
	char found[PATH_MAX];

	if (!*name)
		return;
	if (strchr(name, '/')) {
		if (access(name, X_OK) == 0 && realpath(name, found))
			error_hint(err, "it is there outside the jail: add \"whitelist-ro %s\"",
				   found);
		return;
	}
	for (; path; path = strchr(path, ':') ? strchr(path, ':') + 1 : NULL) {
		int length = snprintf(found, sizeof(found), "%.*s/%s", (int)strcspn(path, ":"),
				      path, name);

		if (length > 0 && (size_t)length < sizeof(found) && access(found, X_OK) == 0) {
			error_hint(err, "%s is there outside the jail: add \"whitelist-ro %s\"",
				   found, found);
			return;
		}
	}
}

/* What the launch cannot do without on this kernel is an error there; this is what it can. */
static void note_what_is_missing(const struct plan *plan, bool quiet)
{
	if (!quiet && plan->landlock.scopes && landlock_abi() < LANDLOCK_SCOPE_ABI)
		fputs("uring-jail: signals are not held in the jail: the program can signal its "
		      "process group, the launcher's own (this needs Landlock ABI 6, Linux 6.12)\n",
		      stderr);
}

static int open_learn(struct learn **learn, const struct plan *plan, const struct world *world,
		      const struct options *options, struct error *err)
{
	struct learn_input input = {
		.file = options->learn,
		.plan = plan,
		.source = &world->source,
		.world = &world->input,
	};
	struct uring_kernel kernel;

	if (options->audit_light) {
		error_set(err, EINVAL, "--learn needs to see every request of a ring");
		error_hint(err, "leave out --audit-mode=light");
		return -EINVAL;
	}
	if (plan->uring.mode == URING_FILTER) {
		uring_probe(&kernel);
		input.connect_data = kernel.pdu_connect >= URING_CONNECT_PDU;
	}
	return learn_open(learn, &input, err);
}

/* What was learned is written if the program was run, however it ended. */
static int close_learn(struct learn *learn, const struct audit_losses *losses,
		       const struct options *options, int status, struct error *err)
{
	if (status < 0) {
		learn_abandon(learn);
		return status;
	}
	learn_lost(learn, losses->requests + losses->rings);
	if (learn_close(learn, err) < 0)
		return -err->code;
	if (!options->quiet)
		print_line("uring-jail: learned into ", options->learn);
	return status;
}

/*
 * With --audit and --learn the launch is watched; what was seen is told even where it failed
 * half-way.
 */
static int launch_watched(struct plan *plan, const struct world *world,
			  const struct options *options, struct error *err)
{
	struct supervisor_options watch = { .plan = plan, .light = options->audit_light };
	struct supervisor *supervisor = NULL;
	struct audit_losses losses = { 0 };
	struct syscall_set watched;
	struct watcher watcher;
	int status = 0;

	if (options->learn) {
		status = open_learn(&watch.learn, plan, world, options, err);
		learn_watched(&watched);
		watch.watched = &watched;
	}
	if (status == 0 && options->audit)
		status = audit_log_open(&watch.log, options->audit_file, options->audit_format,
					plan, err);
	if (status == 0)
		status = supervisor_new(&supervisor, &watch, &watcher, err);
	if (status == 0)
		status = launch(plan, &watcher, err);
	if (supervisor)
		supervisor_end(supervisor, &losses);
	supervisor_free(supervisor);
	if (watch.log)
		audit_log_close(watch.log, &losses);
	return watch.learn ? close_learn(watch.learn, &losses, options, status, err) : status;
}

static int start(struct plan *plan, const struct world *world, const struct options *options,
		 struct error *err)
{
	int status = fds_check(plan->keep_fds.items, plan->keep_fds.count, err);

	if (status == 0)
		status = landlock_check(&plan->landlock, err);
	if (status == 0)
		status = settle_uring(plan, options->quiet, err);
	if (status == 0) {
		note_what_is_missing(plan, options->quiet);
		status = options->audit || options->learn
				 ? launch_watched(plan, world, options, err)
				 : launch(plan, NULL, err);
	}
	if (status < 0 && err->status == 127)
		hint_at_hidden_program(options->program[0], getenv("PATH"), err);
	return status;
}

static int explain(const struct plan *plan, const struct options *options, struct error *err)
{
	if (options->json)
		explain_json(stdout, plan);
	else
		explain_text(stdout, plan, options->verbose);
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_errno(err, "cannot write the explanation");
	return 0;
}

/* A plan can be told without a program, unless that is what chooses the profile. */
static int check_program(const struct options *options, struct error *err)
{
	if (options->program[0] ||
	    (options->action == ACTION_EXPLAIN && (options->profile || options->no_profile)))
		return 0;
	error_set(err, EINVAL, "no program to %s was named",
		  options->action == ACTION_EXPLAIN ? "explain" : "run");
	error_hint(err, "uring-jail [OPTION...] [--] PROGRAM [ARGUMENT...]; --help shows more");
	return -EINVAL;
}

/*
 * Where `userns try` was said and there can be no namespaces, the plan is one without. Landlock
 * must know all that it then holds alone.
 */
static int settle_namespaces(const struct policy *policy, const struct options *options,
			     struct plan_input *input, struct error *err)
{
	struct error why = { 0 };

	if (!policy->userns_try || check_namespaces(&why) == 0)
		return 0;
	input->no_userns = true;
	if (landlock_abi() < NO_USERNS_ABI) {
		*err = why;
		error_wrap(err, "Landlock ABI %d (Linux %s) is needed to do without namespaces",
			   NO_USERNS_ABI, landlock_linux(NO_USERNS_ABI));
		return -err->code;
	}
	if (options->audit || options->learn) {
		*err = why;
		error_wrap(err, "--audit and --learn need namespaces");
		return -err->code;
	}
	if (!options->quiet && options->action == ACTION_RUN) {
		print_line("uring-jail: no namespaces, files and signals are held by Landlock: no "
			   "/tmp, /run and HOME, no /proc of processes; what is outside can be "
			   "looked up by name, not opened: ",
			   why.message);
	}
	return 0;
}

static int run(const struct options *options, char **envp, struct error *err)
{
	struct world world = { 0 };
	struct policy policy = { 0 };
	struct plan plan = { 0 };
	int status = check_program(options, err);

	if (status == 0)
		status = look_around(&world, options, envp, err);
	if (status == 0)
		status = read_policy(&policy, &world, options, err);
	if (status == 0 && options->learn)
		learn_policy(&policy, options->learn, world.cwd);
	if (status == 0)
		status = settle_namespaces(&policy, options, &world.input, err);
	if (status == 0)
		status = resolve_hosts(&policy, &world.arena, &world.input.hosts, err);
	if (status == 0)
		status = plan_make(&plan, &policy, &world.input, err);
	if (status == 0)
		status = check_require(&plan, err);
	if (status == 0 && options->action == ACTION_EXPLAIN)
		status = explain(&plan, options, err);
	else if (status == 0)
		status = start(&plan, &world, options, err);
	plan_free(&plan);
	policy_free(&policy);
	arena_free(&world.arena);
	return status;
}

static int check_kernel(bool json)
{
	struct check check = { 0 };
	bool trusted;

	check_run(&check);
	if (json)
		report_check_json(stdout, &check);
	else
		report_check(stdout, &check);
	trusted = check.uring_trusted;
	check_free(&check);
	return trusted ? 0 : 1;
}

static void complete_words(const struct options *options)
{
	struct world world = { 0 };

	find_profiles(&world);
	complete(stdout, (const char *const *)options->program, &world.source);
	arena_free(&world.arena);
}

static int list_profiles(struct error *err)
{
	struct world world = { 0 };
	struct profile_list list = { 0 };
	int status;

	find_profiles(&world);
	status = profile_list(&list, &world.source, &world.arena, err);
	if (status == 0)
		report_profiles(stdout, &list);
	arena_free(&world.arena);
	return status;
}

static int act(const struct options *options, char **envp, struct error *err)
{
	switch (options->action) {
	case ACTION_HELP:
		options_print_help(stdout);
		return 0;
	case ACTION_VERSION:
		puts("uring-jail " VERSION);
		return 0;
	case ACTION_LIST_DIRECTIVES:
		report_directives(stdout);
		return 0;
	case ACTION_LIST_OPS:
		report_ops(stdout);
		return 0;
	case ACTION_LIST_PROFILES:
		return list_profiles(err);
	case ACTION_CHECK:
		return check_kernel(options->json);
	case ACTION_COMPLETE:
		complete_words(options);
		return 0;
	case ACTION_EXPLAIN:
	case ACTION_RUN:
		break;
	}
	return run(options, envp, err);
}

/* What every run needs, whoever started it and however. */
static int prepare(struct error *err)
{
	if (getauxval(AT_SECURE))
		return error_set(err, EPERM,
				 "must not be installed setuid or with file capabilities: "
				 "it needs no privilege");
	/* First of all: it is asked for by filters, and holds for everything that follows. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, "cannot set no_new_privs");
	/* A caller that ignores SIGCHLD passes that on, and the kernel would reap behind our back.
	 */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return error_errno(err, "cannot reset SIGCHLD");
	return fds_fill_standard(err);
}

int main(int argc, char **argv, char **envp)
{
	struct options options = { 0 };
	struct error err = { 0 };
	int status;

	if (uring_is_selftest(argv))
		return uring_selftest_stage2();
	status = prepare(&err);
	if (status == 0)
		status = options_parse(&options, argc, argv, &err);
	if (status == 0)
		status = act(&options, envp, &err);
	options_free(&options);
	if (status < 0)
		return print_error(&err);
	return status;
}
