# SPDX-License-Identifier: LGPL-2.1-or-later

CC ?= cc
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR ?= $(DATADIR)/zsh/site-functions
FISHCOMPDIR ?= $(DATADIR)/fish/vendor_completions.d
SYSCONFDIR ?= /etc
BUILD ?= build
VERSION := 0.1.0

PKG_CONFIG ?= pkg-config
INSTALL ?= install

PACKAGES := libseccomp libcap liburing jansson
BUILD_GOALS := $(filter-out clean,$(or $(MAKECMDGOALS),all))

# V=1 shows the commands.
Q := $(if $(filter 1,$(V)),,@)

ifneq ($(BUILD_GOALS),)
ifneq ($(shell $(PKG_CONFIG) --exists $(PACKAGES) && echo yes),yes)
$(error $(PACKAGES) are needed (pkg-config must find all of them): run ./bootstrap deps)
endif
endif

PACKAGE_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
PACKAGE_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES))

# liburing 2.14 has io_uring_register_bpf_filter_task(); URING_ABI=own builds without it all the
# same, as with an older liburing, so that both ways are tested.
ifneq ($(URING_ABI),own)
HAVE_BPF_FILTER := $(shell printf '%s\n' '\#include <liburing.h>' \
	'int main(void) { return !&io_uring_register_bpf_filter_task; }' | \
	$(CC) $(PACKAGE_CFLAGS) -x c - -o /dev/null $(PACKAGE_LIBS) 2>/dev/null && echo yes)
ifeq ($(HAVE_BPF_FILTER),yes)
CPPFLAGS += -DHAVE_LIBURING_BPF_FILTER
endif
endif

CFLAGS ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -Isrc -I$(BUILD)/generated $(PACKAGE_CFLAGS)
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wvla
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE
HARDENING_LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
ifneq ($(findstring x86_64,$(shell $(CC) -dumpmachine)),)
HARDENING += -fcf-protection
endif
ifneq ($(filter 1,$(SANITIZE) $(FUZZ)),)
CPPFLAGS += -DARENA_GAP=16
endif
ifeq ($(SANITIZE),1)
HARDENING += -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
HARDENING_LINK += -fsanitize=address,undefined
else ifeq ($(FUZZ),1)
HARDENING += -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer \
	-fno-sanitize-recover=all
HARDENING_LINK += -fsanitize=fuzzer,address,undefined
else
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
# -pthread is for the thread that writes --audit's log.
# No name of this folder gets into what is built.
ALL_CFLAGS = -std=gnu17 -pthread -ffile-prefix-map=$(CURDIR)=. $(WARNINGS) $(HARDENING) $(CFLAGS)

SOURCES := $(sort $(wildcard src/*/*.c))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libjail.a
PROGRAM := $(BUILD)/uring-jail
UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c))
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/unit/%)
SUPPORT_SOURCES := $(sort $(wildcard tests/support/*.c))
SUPPORT := $(BUILD)/tests/libsupport.a
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
CLIENTS := $(addprefix $(BUILD)/tests/clients/,try ringpass uecho fds load rude escape swap)
PROFILES := $(wildcard profiles/*.profile profiles/*.inc)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests demo check check-unit check-kernels golden lint clean install uninstall

all: $(PROGRAM)

# Paths and version reach the program through one generated header, rewritten only on change.
$(BUILD)/generated/config.h: FORCE
	@mkdir -p $(@D)
	@printf '#define VERSION "%s"\n#define PROFILE_DIR "%s"\n#define SYSTEM_PROFILE_DIR "%s"\n' \
		'$(VERSION)' '$(DATADIR)/uring-jail' '$(SYSCONFDIR)/uring-jail' > $@.new
	@printf '#define BUILD_FLAGS "%s"\n' '$(subst ",,$(ALL_CFLAGS) $(CPPFLAGS))' >> $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# The default profile is part of the program, so that there always is one.
$(BUILD)/generated/default_profile.h: profiles/default.profile
	@mkdir -p $(@D)
	@{ echo 'static const char default_profile[] ='; \
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/	"/' -e 's/$$/\\n"/' $<; echo '	;'; } > $@

FORCE:

GENERATED := $(BUILD)/generated/config.h $(BUILD)/generated/default_profile.h

$(BUILD)/%.o: %.c $(GENERATED) Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo '  CC  $<')
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(PROGRAM): $(BUILD)/uring-jail.o $(LIBRARY)
	$(if $(Q),@echo '  LD  $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDENING_LINK) $(LDFLAGS) -o $@ $^ $(PACKAGE_LIBS)

# cmocka 2 deprecates assertions that cmocka 1, which is in wide use, has no others for.
$(UNIT_TESTS:=.o): private CFLAGS += -Wno-deprecated-declarations

# What tests share.
$(SUPPORT): $(SUPPORT_SOURCES:%.c=$(BUILD)/%.o)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/tests/unit/%.o $(BUILD)/tests/support/%.o $(BUILD)/tests/fuzz/%.o: private CPPFLAGS += -Itests

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(SUPPORT) $(LIBRARY)
	$(if $(Q),@echo '  LD  $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDENING_LINK) $(LDFLAGS) -o $@ $^ $(PACKAGE_LIBS) -lcmocka

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(LIBRARY)
	$(if $(Q),@echo '  LD  $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDENING_LINK) $(LDFLAGS) -o $@ $^ $(PACKAGE_LIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(SUPPORT) $(LIBRARY)
	$(if $(Q),@echo '  LD  $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDENING_LINK) $(LDFLAGS) -o $@ $^ $(PACKAGE_LIBS)

CLIENT_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(CLIENTS:$(BUILD)/%=%.c),\
	$(wildcard tests/clients/*.c)))

$(CLIENTS): $(BUILD)/tests/clients/%: $(BUILD)/tests/clients/%.o $(CLIENT_OBJECTS)
	$(if $(Q),@echo '  LD  $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDENING_LINK) $(LDFLAGS) -o $@ $^

tests: $(UNIT_TESTS) $(CLIENTS) $(BENCHES)

$(BUILD)/tests/vm/%: $(BUILD)/tests/vm/%.o
	$(if $(Q),@echo '  LD  $@')
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDENING_LINK) $(LDFLAGS) -o $@ $^ $(PACKAGE_LIBS)

# What the test VM builds inside its own root, with its newer libraries.
.PHONY: tests-vm
tests-vm: all tests $(BUILD)/tests/vm/policies
	+$(Q)$(MAKE) BUILD=build-sanitize SANITIZE=1 all

# libFuzzer is clang's. FUZZ_SECONDS is for each fuzzer.
FUZZ_SECONDS ?= 600
.PHONY: fuzz fuzzers fuzzers-only
fuzzers:
	+@$(MAKE) BUILD=build-fuzz CC=clang FUZZ=1 fuzzers-only
fuzzers-only: $(FUZZERS)

fuzz: fuzzers
	tests/fuzz/run --seconds $(FUZZ_SECONDS)

demo: all tests
	tests/demo

check: all tests
	tests/check

# What depends on nothing of this machine: for packages.
check-unit: $(UNIT_TESTS)
	tests/check --unit

check-kernels: all tests
	tests/check --kernels

# Rewrites the reviewed plans of the profiles: read what git diff then shows.
golden: all
	rm -f tests/golden/*.explain
	tests/golden/explain tests/golden

lint:
	tests/lint

install: all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(DATADIR)/uring-jail'
	$(INSTALL) -m 755 $(PROGRAM) '$(DESTDIR)$(BINDIR)/uring-jail'
	$(INSTALL) -m 644 $(PROFILES) '$(DESTDIR)$(DATADIR)/uring-jail'
	$(INSTALL) -d '$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(MANDIR)/man5'
	$(INSTALL) -m 644 uring-jail.1 '$(DESTDIR)$(MANDIR)/man1'
	$(INSTALL) -m 644 uring-jail-profile.5 '$(DESTDIR)$(MANDIR)/man5'
	$(INSTALL) -d '$(DESTDIR)$(BASHCOMPDIR)' '$(DESTDIR)$(ZSHCOMPDIR)' '$(DESTDIR)$(FISHCOMPDIR)'
	$(INSTALL) -m 644 completions/uring-jail.bash '$(DESTDIR)$(BASHCOMPDIR)/uring-jail'
	$(INSTALL) -m 644 completions/_uring-jail '$(DESTDIR)$(ZSHCOMPDIR)'
	$(INSTALL) -m 644 completions/uring-jail.fish '$(DESTDIR)$(FISHCOMPDIR)'

uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/uring-jail' '$(DESTDIR)$(MANDIR)/man1/uring-jail.1' \
		'$(DESTDIR)$(MANDIR)/man5/uring-jail-profile.5' \
		'$(DESTDIR)$(BASHCOMPDIR)/uring-jail' '$(DESTDIR)$(ZSHCOMPDIR)/_uring-jail' \
		'$(DESTDIR)$(FISHCOMPDIR)/uring-jail.fish' \
		$(addprefix '$(DESTDIR)$(DATADIR)/uring-jail'/,$(notdir $(PROFILES)))
	rmdir '$(DESTDIR)$(DATADIR)/uring-jail' 2>/dev/null || true

clean:
	rm -rf $(BUILD)

-include $(patsubst %.c,$(BUILD)/%.d,$(SOURCES) uring-jail.c $(wildcard tests/*/*.c))
