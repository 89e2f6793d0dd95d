# ambit is built and installed with PGXS: make, make install, make installcheck.
# make demo, test, bench, worlds, soak, valgrind and fuzz need nothing but this checkout:
# they install what is missing and run a private server of their own.  make demo
# WORLD=NAME plays in test/worlds/NAME.sql.

EXTENSION = ambit
MODULE_big = ambit
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" ambit.control)

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
DATA_built = ambit--$(EXTVERSION).sql

# The parts of the install script, in the order in which they build on each
# other.  The templates that ambit ships come last; what they quote is written
# in JSON's own escapes, since a database may have any encoding.
SQL_PARTS = permission model identity rights authority tenant signing login assignment cell role template_check template exchange label relationship policy planner guard mask matrix doctor doctor_table doctor_access doctor_mask doctor_model doctor_login privileges
sql_files = $(wildcard $(SQL_PARTS:%=src/%.sql))
template_files = $(sort $(wildcard src/templates/*.json))

REGRESS = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --load-extension=ambit

# PostgreSQL's own headers raise these under -Wextra.
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers
ifneq (,$(findstring clang,$(CC)))
# PostgreSQL's CFLAGS are those of the compiler that built the server.
PG_CFLAGS += -Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes
endif

# Signatures of tokens; the library that the server itself uses for TLS.
SHLIB_LINK += -lcrypto

# What ambit calls of its own is ambit's, whatever other libraries have loaded
# under the same name; the server hides it from 16 on.  The compiler may know.
PG_CFLAGS += -fno-semantic-interposition
bind_symbols = -Wl,-Bsymbolic
SHLIB_LINK += $(if $(filter linux freebsd netbsd openbsd solaris,$(PORTNAME)),$(bind_symbols))

EXTRA_CLEAN = $(DATA_built).new

PG_CONFIG ?= pg_config
export PG_CONFIG
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
ifneq (,$(PGXS))
include $(PGXS)
else
all install uninstall installcheck clean:
	@echo "$(PG_CONFIG) does not lead to PGXS: run make setup, or say PG_CONFIG=..." >&2; exit 1
endif

$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h) Makefile

# Joined on every run and replaced only when it differs: parts and templates
# may come and go.
$(DATA_built): FORCE
	@for f in src/*.sql; do \
		case ' $(sql_files) ' in *" $$f "*) ;; *) echo "warning: $$f is not in SQL_PARTS" >&2 ;; esac; \
	done
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION ambit" to load this file. \quit'; \
	for f in $(sql_files); do \
		echo; cat $$f; \
	done; \
	for f in $(template_files); do \
		printf '\n%s' 'SELECT ambit._load_shipped($$ambit_json$$'; \
		perl -CSD -pe 's/([^\x00-\x7f])/sprintf("\\u%04x", ord $$1)/ge' $$f || exit 1; \
		printf '%s\n' '$$ambit_json$$);'; \
	done; } >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

setup:
	@script/setup build server test valgrind

demo:
	+@script/demo

test:
	+@test/run

bench:
	+@SERVER_SETTINGS=shared_buffers=$$(awk '/^MemTotal:/ { print int($$2 / 4096) }' /proc/meminfo)MB script/run-with-server bench test/bench/run

worlds:
	+@script/run-with-server worlds test/worlds/run

soak:
	+@script/run-with-server soak test/clients/soak

valgrind:
	+@test/valgrind/run

fuzz:
	+@test/fuzz/run

.PHONY: FORCE setup demo test bench worlds soak valgrind fuzz
