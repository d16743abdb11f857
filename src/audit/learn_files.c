// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/learn_internal.h"

/*
 * The file lines. What the profile shows anyway (the planner says so) needs none; of what is left,
 * each thing is a line of its own, unless several of one folder make the folder one.
 */

/* So many files of one folder make it a grant of the folder. */
#define FOLDER_FROM 3

/* Lines for what a program merely asked about; more of them tell nobody anything. */
#define LOOKS_LIMIT 32

/* Lines for files in all, before they are gathered in folders. */
#define NEEDS_LIMIT 4096

struct need {
	const char *path;
	const char *parent; /* of a file */
	bool write;
	bool folder; /* it is one; else a file, which counts for its folder */
	bool look;   /* nothing but its being there was asked for */
	const char *verb;
	const struct learn_who *who;
};

/* What a person's rule keeps from being granted. */
struct held {
	const char *path;
	bool protects;	/* from being written to only */
	const char *at; /* FILE:LINE */
};

struct files {
	struct learn_draft *draft;
	ARRAY(struct held) held;
	ARRAY(struct need) needs;
	ARRAY(struct need) places;    /* folders that must be there, whatever is in them */
	ARRAY(const char *) too_wide; /* folders that were listed, and are not shown */
	size_t looks;
};

/* ---- what must not be granted as a whole ---- */

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '/' && path[1];
	return depth;
}

/* Folders that hold other people's, other programs' or the system's things. */
static bool is_wide(const struct files *files, const char *path)
{
	static const char *const trees[] = { "/dev", "/etc", "/home", "/media", "/mnt", "/proc",
					     "/run", "/sys", "/usr",  "/var",	NULL };
	static const char *const in_home[] = { ".cache",       ".config",      ".local",
					       ".local/share", ".local/state", ".local/bin",
					       "Desktop",      "Documents",    "Downloads",
					       ".var",	       "bin",	       NULL };
	const char *home = files->draft->learn->input.world->home;
	size_t depth = depth_of(path);

	if (depth <= 1)
		return true;
	for (const char *const *tree = trees; *tree; tree++)
		if (depth == 2 && path_is_below(path, *tree))
			return true;
	if (depth == 3 && path_is_below(path, "/run/user"))
		return true;
	if (!home)
		return false;
	if (path_is_at_or_below(home, path))
		return true;
	for (const char *const *name = in_home; *name; name++)
		if (!strcmp(path, arena_printf(files->draft->arena, "%s/%s", home, *name)))
			return true;
	return false;
}

/* Folders of keys and passwords: what is in them is granted by its own name, or not at all. */
static bool is_secret(const char *path)
{
	static const char *const names[] = { ".ssh",	       ".gnupg",   ".pki",
					     ".aws",	       ".azure",   ".kube",
					     ".docker",	       ".mozilla", ".password-store",
					     ".thunderbird",   "keyrings", ".config/gh",
					     ".config/gcloud", "private",  NULL };

	for (const char *const *name = names; *name; name++) {
		size_t length = strlen(*name);

		for (const char *found = strstr(path, *name); found;
		     found = strstr(found + 1, *name))
			if (found[-1] == '/' && (found[length] == '/' || !found[length]))
				return true;
	}
	return false;
}

/* Can a profile say this path, and does it then mean this path and no other? */
static bool can_be_said(const char *path)
{
	size_t length = strlen(path);

	for (const char *byte = path; *byte; byte++) {
		if ((unsigned char)*byte < ' ' || *byte == 0x7f || strchr("*?[", *byte))
			return false;
		if (*byte == '#' && byte[-1] == ' ')
			return false;
	}
	return length && path[length - 1] != ' ' && !strstr(path, "${");
}

static const char *shown(struct learn_draft *draft, const char *path)
{
	return learn_escape(draft->arena, path, PATH_MAX);
}

/* Below HOME, so that the profile serves whoever takes it over. */
static const char *profile_path(struct learn_draft *draft, const char *path)
{
	const char *home = draft->learn->input.source->macros.home;

	if (home && home[1] && path_is_below(path, home))
		return arena_printf(draft->arena, "${HOME}%s", path + strlen(home));
	return path;
}

static const char *parent_of(struct learn_draft *draft, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? "/" : arena_strndup(draft->arena, path, (size_t)(slash - path));
}

/* ---- what the profile says already ---- */

/* A whitelist-ro that learning wrote for what was only read gives way to a write later on. */
static bool is_own_read_only(struct learn_draft *draft, const struct path_rule *rule)
{
	static const char *const verbs[] = { "read", "list", "run", "look", "by this name", NULL };

	for (const char *const *verb = verbs; *verb; verb++)
		if (learn_is_learned(draft, &rule->origin, *verb))
			return true;
	return false;
}

/* The rules by which a person hides or protects something. */
static void find_held(struct files *files)
{
	struct learn_draft *draft = files->draft;

	for (size_t i = 0; i < draft->plan.rules.count; i++) {
		const struct path_rule *rule = &draft->plan.rules.items[i];
		bool protects =
			rule->action == PATH_READ_ONLY ||
			(rule->action == PATH_WHITELIST_RO && !is_own_read_only(draft, rule));
		struct path_resolved resolved;

		if ((rule->action != PATH_BLACKLIST && !protects) ||
		    path_resolve(draft->arena, rule->path, &resolved) < 0)
			continue;
		*array_push(draft->arena, &files->held) = (struct held){
			.path = resolved.path,
			.protects = protects,
			.at = arena_strdup(draft->arena, origin_text(draft->arena, &rule->origin)),
		};
	}
}

/* Where that is said of @path; NULL: nowhere. */
static const char *held_by_hand(const struct files *files, const char *path, bool write)
{
	for (size_t i = 0; i < files->held.count; i++) {
		const struct held *held = &files->held.items[i];

		if ((write || !held->protects) && path_is_at_or_below(path, held->path))
			return held->at;
	}
	return NULL;
}

static bool is_covered(struct learn_draft *draft, const char *path, bool write)
{
	struct mount_view view = mount_view_at(&draft->plan.mounts, path);

	switch (view.kind) {
	case VIEW_OWN:
	case VIEW_MOVED:
	case VIEW_HOST:
		return !write || view.writable;
	case VIEW_FOLDER:
	case VIEW_MASKED:
	case VIEW_NOTHING:
		break;
	}
	return false;
}

/* True if nothing is to be granted, for a reason that has been told. */
static bool is_refused(struct files *files, const char *path, bool write, const char *verb,
		       const struct learn_who *who)
{
	struct learn_draft *draft = files->draft;
	struct mount_view learned = mount_view_at(&draft->learn->input.plan->mounts, path);
	const char *held = held_by_hand(files, path, write);

	if (!can_be_said(path))
		learn_refuse(draft, "%s %s (%s): a profile cannot say this name", verb,
			     shown(draft, path), who->program);
	else if (held)
		learn_refuse(draft, "%s %s (%s): the rule at %s holds it", verb, shown(draft, path),
			     who->program, held);
	else if (learned.kind == VIEW_MASKED)
		learn_refuse(draft, "%s %s (%s): it is hidden from every jail", verb,
			     shown(draft, path), who->program);
	else
		return false;
	return true;
}

static void add_need(struct files *files, const struct need *need)
{
	if (is_covered(files->draft, need->path, need->write) ||
	    is_refused(files, need->path, need->write, need->verb, need->who))
		return;
	if (files->needs.count >= NEEDS_LIMIT) {
		learn_refuse(files->draft, "more files and folders than %d", NEEDS_LIMIT);
		return;
	}
	*array_push(files->draft->arena, &files->needs) = *need;
}

/* ---- from what was seen to what is needed ---- */

static bool is_private(struct learn_draft *draft, const char *folder)
{
	struct mount_view view = mount_view_at(&draft->plan.mounts, folder);

	return view.kind == VIEW_OWN && view.writable;
}

/* The name itself, where its folder is too much; only what is there can be granted. */
static void need_single(struct files *files, const struct learn_path *path)
{
	struct stat st;

	if (lstat(path->path, &st) < 0) {
		/* An empty HOME is as good for what does not stay. */
		if (!is_private(files->draft, parent_of(files->draft, path->path)))
			learn_refuse(files->draft,
				     "make or remove %s (%s): its folder is too wide "
				     "to be written in",
				     shown(files->draft, path->path), path->who.program);
		return;
	}
	if (S_ISLNK(st.st_mode))
		return;
	if (S_ISDIR(st.st_mode) && (is_wide(files, path->path) || is_secret(path->path))) {
		learn_refuse(files->draft, "make files in %s (%s): it is too wide, or a secret",
			     shown(files->draft, path->path), path->who.program);
		return;
	}
	add_need(files, &(struct need){ .path = path->path,
					.write = true,
					.folder = S_ISDIR(st.st_mode),
					.verb = "write",
					.who = &path->who });
}

/* Something in the folder was made, replaced or removed. */
static void need_entry(struct files *files, const struct learn_path *path)
{
	struct learn_draft *draft = files->draft;
	const char *folder = parent_of(draft, path->path);
	const struct learn_path *known = learn_find_path(&draft->learn->notes, folder);
	const char *home = draft->learn->input.world->home;
	bool in_home = home && path_is_at_or_below(folder, home);
	struct stat st;

	/* Its own making is what counts. */
	if (known && !known->existed && (known->access & LEARN_ENTRY))
		return;
	if (is_private(draft, folder) && !in_home) {
		if (lstat(path->path, &st) == 0 && !path->existed)
			learn_refuse(draft, "keep %s (%s): the jail's own %s goes with it",
				     shown(draft, path->path), path->who.program,
				     shown(draft, folder));
		return;
	}
	if (is_covered(draft, folder, true) && !is_private(draft, folder))
		return;
	if (lstat(folder, &st) < 0)
		return;
	if (is_wide(files, folder) || is_secret(folder))
		need_single(files, path);
	else
		add_need(files, &(struct need){ .path = folder,
						.write = true,
						.folder = true,
						.verb = "make files",
						.who = &path->who });
}

static void need_folder(struct files *files, const struct learn_path *path, bool write)
{
	struct learn_draft *draft = files->draft;
	const char *verb = write ? "write" : "list";
	bool too_wide = is_wide(files, path->path) || is_secret(path->path);

	if (write || (path->access & LEARN_LIST)) {
		if (!too_wide || is_covered(draft, path->path, write)) {
			add_need(files, &(struct need){ .path = path->path,
							.write = write,
							.folder = true,
							.verb = verb,
							.who = &path->who });
			return;
		}
		learn_refuse(draft, "%s %s (%s): it is too wide, or a secret", verb,
			     shown(draft, path->path), path->who.program);
		*array_push(draft->arena, &files->too_wide) = path->path;
	}
	if (path->access & (LEARN_LIST | LEARN_ENTER) && can_be_said(path->path) &&
	    files->places.count < LOOKS_LIMIT)
		*array_push(draft->arena, &files->places) =
			(struct need){ .path = path->path, .who = &path->who };
}

/* Nobody's mounts keep a device, a pipe or a socket from being written to. */
static bool needs_writable(const struct files *files, const struct learn_path *path)
{
	struct mount_view learned =
		mount_view_at(&files->draft->learn->input.plan->mounts, path->path);

	return (path->access & LEARN_WRITE) && (S_ISREG(path->mode) || S_ISDIR(path->mode)) &&
	       learned.writable && access(path->path, W_OK) == 0;
}

static bool was_listed(const struct files *files, const char *folder)
{
	for (size_t i = 0; i < files->too_wide.count; i++)
		if (!strcmp(files->too_wide.items[i], folder))
			return true;
	return false;
}

static const char *verb_of(const struct learn_path *path, bool write)
{
	if (write)
		return "write";
	if (path->access & LEARN_EXEC)
		return "run";
	if (path->access & LEARN_CONNECT)
		return "connect";
	return path->access & LEARN_READ ? "read" : "look";
}

static void need_file(struct files *files, const struct learn_path *path, bool write)
{
	const uint8_t uses = LEARN_READ | LEARN_EXEC | LEARN_CONNECT;
	bool look = !write && !(path->access & uses);

	/* Written to, but it could not be: reading it was not asked for. */
	if (look && (path->access & LEARN_WRITE) && S_ISREG(path->mode))
		return;
	/* What ls -l asks of each name in a folder that is not shown. */
	if (look && (is_secret(path->path) || S_ISLNK(path->mode) ||
		     was_listed(files, parent_of(files->draft, path->path))))
		return;
	add_need(files, &(struct need){ .path = path->path,
					.parent = parent_of(files->draft, path->path),
					.write = write || (path->access & LEARN_CONNECT),
					.look = look && !(path->access & LEARN_WRITE),
					.verb = verb_of(path, write),
					.who = &path->who });
}

static void need_path(struct files *files, const struct learn_path *path)
{
	bool write = needs_writable(files, path);
	struct stat st;

	if (path->access & LEARN_ENTRY)
		need_entry(files, path);
	/* Made by the program itself, or looked for in vain, or gone. */
	if (!path->existed || lstat(path->path, &st) < 0 || !(path->access & (uint8_t)~LEARN_ENTRY))
		return;
	if (S_ISDIR(path->mode))
		need_folder(files, path, write);
	else
		need_file(files, path, write);
}

/* ---- from needs to lines ---- */

static int compare_needs(const void *a, const void *b)
{
	const struct need *one = a;
	const struct need *other = b;
	int order = strcmp(one->path, other->path);

	return order ? order : (int)other->write - (int)one->write;
}

/* By folder; what does not count for one comes last. */
static int compare_parents(const void *a, const void *b)
{
	const struct need *one = a;
	const struct need *other = b;
	int order;

	if (!one->parent || !other->parent)
		return !one->parent - !other->parent;
	order = strcmp(one->parent, other->parent);
	return order ? order : (int)one->write - (int)other->write;
}

static void gather(struct files *files, struct need *first, size_t count)
{
	const char *folder = first->parent;

	if (count < FOLDER_FROM || is_wide(files, folder) || is_secret(folder) ||
	    !can_be_said(folder) || held_by_hand(files, folder, first->write))
		return;
	first->path = folder;
	first->folder = true;
	first->verb = arena_printf(files->draft->arena, "%s %zu files",
				   first->write ? "write" : "read", count);
}

/* Several files of one folder become the folder; what is covered by it then goes. */
static void gather_folders(struct files *files)
{
	struct need *needs = files->needs.items;
	size_t count = files->needs.count;

	for (size_t i = 0; i < count; i++)
		if (needs[i].look || needs[i].folder)
			needs[i].parent = NULL;
	if (count)
		qsort(needs, count, sizeof(*needs), compare_parents);
	for (size_t i = 0; i < count && needs[i].parent;) {
		size_t next = i + 1;

		while (next < count && needs[next].parent &&
		       compare_parents(&needs[i], &needs[next]) == 0)
			next++;
		gather(files, &needs[i], next - i);
		i = next;
	}
}

/* Drops what another need covers, itself too where it comes twice. They are sorted. */
static void drop_covered(struct files *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->needs.count; i++) {
		struct need need = files->needs.items[i];
		bool covered = false;

		for (size_t k = 0; k < kept && !covered; k++)
			covered = path_is_at_or_below(need.path, files->needs.items[k].path) &&
				  (files->needs.items[k].write || !need.write);
		if (!covered)
			files->needs.items[kept++] = need;
	}
	files->needs.count = kept;
}

/* What comes and goes with devices and services must not keep the program from being started. */
static bool may_be_missing(const struct need *need)
{
	static const char *const trees[] = { "/dev", "/run", "/sys", "/tmp", "/var", NULL };

	for (const char *const *tree = trees; *tree; tree++)
		if (path_is_below(need->path, *tree))
			return true;
	return need->look;
}

static void write_need(struct files *files, const struct need *need)
{
	struct learn_draft *draft = files->draft;
	const char *path = profile_path(draft, need->path);

	if (need->look && files->looks++ >= LOOKS_LIMIT) {
		learn_refuse(draft, "more paths that were only asked about than %d", LOOKS_LIMIT);
		return;
	}
	if (may_be_missing(need))
		path = arena_printf(draft->arena, "-%s", path);
	learn_add(draft, need->write ? "whitelist" : "whitelist-ro", path,
		  arena_printf(draft->arena, "%s: %s%s", need->verb,
			       learn_who_text(draft, need->who),
			       is_secret(need->path) ? "; WARNING: a secret" : ""));
}

static void write_places(struct files *files)
{
	struct learn_draft *draft = files->draft;

	for (size_t i = 0; i < files->places.count; i++) {
		const struct need *place = &files->places.items[i];

		if (mount_view_at(&draft->plan.mounts, place->path).kind == VIEW_NOTHING &&
		    !held_by_hand(files, place->path, false))
			learn_add(draft, "tmpfs", profile_path(draft, place->path),
				  arena_printf(draft->arena, "enter: %s; nothing in it is needed",
					       learn_who_text(draft, place->who)));
	}
}

/* A symlink that the program went through, where the jail would not have it. */
static void write_links(struct files *files)
{
	struct learn_draft *draft = files->draft;
	const struct learn_notes *notes = &draft->learn->notes;

	for (size_t i = 0; i < notes->links.count; i++) {
		const struct learn_link *link = &notes->links.items[i];
		const struct learn_path *to = &notes->paths.items[link->target];
		struct mount_view there = mount_view_at(&draft->plan.mounts, to->path);

		if (!to->name || mount_view_has_link(&draft->plan.mounts, link->path) ||
		    mount_view_at(&draft->plan.mounts, link->path).kind != VIEW_NOTHING ||
		    there.kind != VIEW_HOST || !can_be_said(to->name) ||
		    held_by_hand(files, to->path, false))
			continue;
		learn_add(draft, there.writable ? "whitelist" : "whitelist-ro",
			  arena_printf(draft->arena, "-%s", profile_path(draft, to->name)),
			  arena_printf(draft->arena, "by this name: %s",
				       learn_who_text(draft, &to->who)));
	}
}

int learn_write_files(struct learn_draft *draft, struct error *err)
{
	const struct learn_notes *notes = &draft->learn->notes;
	struct files files = { .draft = draft };

	learn_add_section(draft, "Files. The working folder is there by default, and writable.");
	find_held(&files);
	/* Folders first: which of them are too wide counts for what is in them. */
	for (size_t i = 0; i < notes->paths.count; i++)
		if (S_ISDIR(notes->paths.items[i].mode))
			need_path(&files, &notes->paths.items[i]);
	for (size_t i = 0; i < notes->paths.count; i++)
		if (!S_ISDIR(notes->paths.items[i].mode))
			need_path(&files, &notes->paths.items[i]);
	gather_folders(&files);
	if (files.needs.count)
		qsort(files.needs.items, files.needs.count, sizeof(*files.needs.items),
		      compare_needs);
	drop_covered(&files);
	for (size_t i = 0; i < files.needs.count; i++)
		write_need(&files, &files.needs.items[i]);
	if (learn_replan(draft, err) < 0)
		return -err->code;
	write_places(&files);
	write_links(&files);
	return 0;
}
