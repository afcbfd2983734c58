# Everything a newcomer needs on the first day. `make` alone prints this list.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

PACKAGES := accesscontrol monitors backups registry console
CODE := $(PACKAGES) tests bench scripts hatch_build.py
CATALOGUES := $(wildcard console/locales/*/LC_MESSAGES/*.po)

COMPILING := env -u PYTHONDONTWRITEBYTECODE

READY := $(VENV)/.ready
DIRECTORY := $(VENV)/.directory
COMPILED := $(VENV)/.catalogues

# $(call step,label,command): one line for each step; its output is shown only when it fails
step = @printf '  %-28s' '$(1)'; \
	if output=$$($(2) 2>&1); then echo ok; else echo FAILED; printf '%s\n' "$$output"; exit 1; fi

.PHONY: help setup demo test check bench messages lock services directory \
	check-style check-format check-types check-floors check-catalogues collection

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) $(COMPILED)  ## Make .venv from the locked, hashed requirements (once)
	@$(COMPILING) $(BIN)/python -m compileall -q $(PACKAGES)

demo: setup  ## Open the console on the demo city, built when there is none
	@$(BIN)/sekisho demo --keep

# The checks run beside each other. The first collection writes what Python compiles of the tests, which every worker reads.
test: services directory  ## Put the test services in place, then check and run every test
	@$(MAKE) --no-print-directory -j 2 -O check collection
	@$(COMPILING) $(BIN)/pytest -q -n auto --dist worksteal

check: check-style check-format check-types check-floors check-catalogues  ## Check style, types, floors and catalogues

check-style: setup
	$(call step,style,$(BIN)/ruff check -q $(CODE))

check-format: setup
	$(call step,format,$(BIN)/ruff format -q --check $(CODE))

check-types: setup
	$(call step,types,$(BIN)/mypy --no-error-summary $(CODE))

check-floors: setup
	$(call step,floors,$(BIN)/lint-imports)

collection: setup
	$(call step,collection,$(COMPILING) $(BIN)/pytest -q --collect-only -n 0)

check-catalogues: setup
	$(call step,catalogues,$(BIN)/python -m scripts.messages --check)

bench: setup  ## Print every speed as a ratio to a named reference of the same run
	@$(BIN)/python -m bench

messages: setup  ## Bring the catalogues up to date with the texts in the code
	@$(BIN)/python -m scripts.messages

lock:  ## Resolve the requirements anew and write their hashes (needs uv)
	@command -v uv >/dev/null || { echo 'make lock needs uv: python3 -m pip install uv' >&2; exit 1; }
	$(call step,requirements/run.txt,$(LOCK) -o requirements/run.txt)
	$(call step,requirements/dev.txt,$(LOCK) --extra postgresql --extra scim --extra security-keys --group dev \
		-o requirements/dev.txt)
	$(call step,requirements/ldap.txt,$(LOCK) --extra ldap -c requirements/dev.txt -o requirements/ldap.txt)

LOCK := uv pip compile -q --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml

services:
	@scripts/services

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Sekisho needs Python 3.11 or later; `make PYTHON=python3.12 ...` names another one.' >&2; exit 1; }
	@PYTHON=$(PYTHON) scripts/services venv
	$(call step,virtual environment,$(PYTHON) -m venv $(VENV))

# The lists are whole, so nothing is resolved anew (--no-deps): asked for its extra, a package's newest release would be
# looked at although another one is pinned, and refused for want of a hash. `pip check` says when a list is not whole.
INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps

$(READY): $(BIN)/python pyproject.toml requirements/dev.txt
	$(call step,requirements,$(INSTALL) --require-hashes -r requirements/dev.txt)
	$(call step,sekisho,$(INSTALL) --no-build-isolation -e .)
	$(call step,requirements whole,$(BIN)/python -m pip check)
	@touch $@

# The LDAP library is compiled on the spot, so it waits for the compiler that `services` puts in place.
$(DIRECTORY): $(READY) requirements/ldap.txt
	$(call step,LDAP,$(INSTALL) --require-hashes -r requirements/ldap.txt)
	@touch $@

directory: services
	@$(MAKE) --no-print-directory $(DIRECTORY)

$(COMPILED): $(READY) hatch_build.py $(CATALOGUES)
	$(call step,catalogues compiled,$(BIN)/python hatch_build.py)
	@touch $@
