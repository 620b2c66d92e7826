# Every target is safe to repeat. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The values can be given on the command line: make site PLAYBOOK_ARGS='-e site_pause_for_design=true'
PLAYBOOK_ARGS ?=
STATE ?=
# The layout of the hosts in end-to-end, move and interruptions: lightsail or bitnami
CLOUDPRESS_LAYOUT ?= lightsail
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
ifneq ($(STATE),)
export LIGHTSAIL_LOCAL_STATE := $(STATE)
endif

# Hosts of the local Lightsail need root: containers, network namespaces. What is made with sudo belongs to root.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo env "PATH=$$PATH" "LIGHTSAIL_LOCAL_STATE=$(STATE)" "CI=$$CI")

# Runs one step under a headline and says how long it took; the first that fails ends the run.
step = scripts/step

.PHONY: help
help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: bootstrap
bootstrap:  ## Install what make site needs: system packages, .venv (called by the other targets)
	@scripts/bootstrap

.PHONY: bootstrap-tests
bootstrap-tests:  ## Install what the tests and the linters need too
	@scripts/bootstrap tests

.PHONY: site
site: bootstrap  ## Build the whole site on the local Lightsail, verify it, print where to look
	@$(step) "Start the local Lightsail" $(SUDO) lightsail-local up
	@$(step) "Build the site" $(SUDO) scripts/with-local-cloud ansible-playbook playbooks/site.yml $(PLAYBOOK_ARGS)

.PHONY: down
down: bootstrap  ## Stop the local Lightsail; its state stays (lightsail-local reset forgets it)
	@$(SUDO) lightsail-local down

.PHONY: test
test: bootstrap-tests  ## What CI runs, under 30 minutes
	@scripts/side-by-side "lint test-unit targets" "end-to-end" "molecule-one-host sanity build-test"

.PHONY: test-all
test-all: bootstrap-tests  ## Everything: every sanity test on every Python at hand, the slow tests too
	@$(MAKE) --no-print-directory lint
	@$(step) "Unit tests, the slow ones too" pytest -n 2 tests/unit $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory test-oldest test-oldest-python test-newest
	@$(step) "ansible-test units" scripts/ansible-test units
	@$(step) "Sanity, every test, every Python at hand" scripts/ansible-test sanity --all
	@$(MAKE) --no-print-directory integration molecule molecule-oldest
	@$(MAKE) --no-print-directory clients
	@$(step) "End to end, the slow tests too" $(SUDO) scripts/run-if-there tests/end_to_end pytest tests/build tests/data_plane tests/end_to_end $(PYTEST_ARGS)
	@$(step) "End to end, on hosts of Bitnami's layout" $(SUDO) env CLOUDPRESS_LAYOUT=bitnami scripts/run-if-there tests/end_to_end pytest tests/end_to_end $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory move
	@CLOUDPRESS_LAYOUT=bitnami $(MAKE) --no-print-directory move

.PHONY: move
move: bootstrap-tests  ## The move of a database: what is hard, writers meanwhile, hosts of several generations, every interruption
	@$(step) "The move of a database" $(SUDO) env "CLOUDPRESS_LAYOUT=$(CLOUDPRESS_LAYOUT)" pytest -s --durations=0 tests/move $(PYTEST_ARGS)

.PHONY: interruptions
interruptions: bootstrap-tests  ## The move interrupted at every boundary and in the middle of every phase, as a table
	@$(step) "Interruptions of the move" $(SUDO) env "CLOUDPRESS_LAYOUT=$(CLOUDPRESS_LAYOUT)" pytest -n 2 -q tests/move/test_interruptions.py $(PYTEST_ARGS)

.PHONY: lint
lint: bootstrap-tests  ## ruff, mypy, yamllint, shellcheck, ansible-lint, changelog, documentation
	@$(step) "ruff" ruff check .
	@$(step) "mypy" mypy
	@$(step) "yamllint" yamllint --strict .
	@$(step) "shellcheck" scripts/lint-shell
	@$(step) "changelog" antsibull-changelog lint
	@$(step) "documentation" antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self --skip-rstcheck .
	@# It installs a copy of the collection below Ansible's home and prefers that; in the operator's home molecule would do the same meanwhile.
	@ANSIBLE_HOME=$(CURDIR)/.cache/ansible-lint $(step) "ansible-lint" ansible-lint --offline --strict

.PHONY: test-unit
test-unit: bootstrap-tests  ## Unit tests: modules against the local Lightsail without hosts, and all that runs in a process
	@$(step) "Unit tests" pytest -n 2 -m 'not slow' tests/unit $(PYTEST_ARGS)

.PHONY: test-oldest
test-oldest: bootstrap-tests  ## The plugins' unit tests on the oldest ansible-core and boto3
	@$(step) "Unit tests on the oldest versions" scripts/test-versions oldest -m 'not slow'

.PHONY: test-oldest-python
test-oldest-python: bootstrap-tests  ## The modules' unit tests on Python 3.9, when the machine has it
	@$(step) "Unit tests on the oldest Python" scripts/test-versions oldest-python -m 'not slow'

.PHONY: test-newest
test-newest: bootstrap-tests  ## The plugins' unit tests on the newest ansible-core, when the machine has Python 3.12 for it
	@$(step) "Unit tests on the newest ansible-core" scripts/test-versions newest -m 'not slow'

.PHONY: sanity
sanity: bootstrap-tests  ## ansible-test sanity on one Python (test-all: on all)
	@$(step) "ansible-test sanity" scripts/ansible-test sanity

.PHONY: targets
targets: bootstrap-tests  ## The integration targets of all modules, side by side, each on an empty local Lightsail without hosts
	@$(step) "Integration targets" pytest -n 2 --dist worksteal tests/integration $(PYTEST_ARGS)

.PHONY: integration
integration: bootstrap-tests  ## The same targets through ansible-test integration, one after the other
	@$(step) "ansible-test integration" scripts/ansible-test integration

.PHONY: clients
clients: bootstrap-tests  ## The AWS CLI, the SDK for JavaScript and Cloud Custodian against the local Lightsail without hosts
	@$(step) "Other clients of the API" pytest tests/clients $(PYTEST_ARGS)

.PHONY: build
build: bootstrap  ## Build the collection's tarball from a clean clone into build/
	@scripts/build build

.PHONY: build-test
build-test: bootstrap-tests  ## Build, install into an empty place beside what README.md names, read every module's documentation
	@$(step) "Build, install, smoke test" pytest -m 'not slow' tests/build $(PYTEST_ARGS)

.PHONY: molecule
molecule: bootstrap-tests  ## The roles, each on a host of the local Lightsail
	@$(step) "molecule" $(SUDO) scripts/molecule

.PHONY: molecule-one-host
molecule-one-host: bootstrap-tests  ## Those whose scenarios need one host of each layout; the others take minutes more
	@$(step) "molecule" $(SUDO) scripts/molecule $(filter-out wordpress_carry wordpress_shared_files,$(notdir $(wildcard extensions/molecule/wordpress_*)))

.PHONY: molecule-oldest
molecule-oldest: bootstrap-tests  ## The same on the oldest ansible-core
	@$(step) "molecule on the oldest ansible-core" $(SUDO) scripts/molecule --oldest

.PHONY: end-to-end
end-to-end: bootstrap-tests  ## The whole site: built, used, broken and removed on the local Lightsail
	@$(step) "End to end" $(SUDO) scripts/run-if-there tests/end_to_end pytest -x --durations=0 -m 'not slow' tests/end_to_end $(PYTEST_ARGS)

.PHONY: bench
bench: bootstrap  ## How long the site takes: from nothing, repeated, in check mode; how fast 1 GB is moved; how 1,000 instances are listed
	@$(step) "Benchmark of an account with 1,000 instances" python scripts/bench_many.py
	@$(step) "Benchmark of the site" $(SUDO) python scripts/bench.py
	@$(step) "Benchmark of the move" $(SUDO) python scripts/bench_move.py

.PHONY: clean
clean:  ## Remove what the targets above made in this directory (not the cloud: make down)
	rm -rf build .cache .pytest_cache .mypy_cache .ruff_cache .ansible collections tests/output *.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
