# Every command works on a clone that has nothing but Python, make and the package indexes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: venv
venv: $(READY) ## make the virtual environment

.PHONY: assets
assets: ## rebuild the committed front-end files from npm
	sh tools/assets.sh

# The browser and the independent platform are made where they may be; tests that lack one say so (in CI they fail).
.PHONY: browser
browser:
	@sh tools/browser.sh

.PHONY: openedx
openedx: $(READY)
	@$(BIN)/python -m tests.openedx.environment || echo "no independent platform here: its tests will say so"

# The suite starts some hundred processes of ours: what Python compiled for one of them is kept for the others.
unexport PYTHONDONTWRITEBYTECODE

PYTEST := $(BIN)/python -m pytest -q
FAST := -m "not process and not browser" -n 2 --dist worksteal
# Being watched for coverage takes nearly as long again. These take long and walk no branch that no other test walks; one named
# wrongly is told by tools/coverage_floor.py.
UNWATCHED := \
	tests/plugins/group_maturity/test_linkage.py \
	tests/contract/test_canary.py \
	tests/service/test_migrate.py \
	tests/functional/lti/test_variants.py \
	tests/functional/lti/test_launch_security.py \
	tests/plugins/ledarsteg/test_zones.py \
	tests/fuzz \
	tests/plugins/handledning/test_carry_over.py \
	tests/functional/test_refusals.py \
	tests/functional/test_texts.py \
	tests/service/exports/test_sql.py \
	tests/plugins/handledning/test_canary.py
# Only what has such tests is read for them: reading all takes longer than many a test. tests/conftest.py sees that none is missed.
# Real processes mostly wait, browsers work: together they keep two cores busy.
# Those that mostly wait begin: started last, they would leave a core idle to the end.
REAL := -m "process or browser" -n 3 --dist loadfile --no-loadscope-reorder \
	tests/contract/test_foreign_plugin.py \
	tests/processes/test_faults.py \
	tests/processes/test_workers.py \
	tests/processes/test_run.py \
	tests/browser $$(grep -rl --include='test_*.py' 'mark\.process' tests)

.PHONY: test
test: $(READY) browser openedx ## the whole suite: both databases, real processes, the browser journeys
	rm -f .coverage*
	$(PYTEST) $(FAST) --cov --cov-report= $(UNWATCHED:%=--ignore=%)
	$(BIN)/python tools/coverage_floor.py
	$(PYTEST) $(FAST) $(UNWATCHED)
	$(PYTEST) $(FAST) --database postgresql
	$(PYTEST) $(REAL)

.PHONY: test-fast
test-fast: $(READY) ## the fast tests on SQLite alone
	$(PYTEST) $(FAST)

.PHONY: lint
lint: $(READY) ## ruff, mypy strict, import rules, translations complete, migrations agree with models
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/translations.py check
	$(BIN)/python tools/migration.py --check

.PHONY: demo
demo: $(READY) ## practice LMS, service, worker and embedded queue with a seeded cohort; Ctrl-C ends all
	@$(BIN)/stegvis demo

.PHONY: bench
bench: $(READY) ## print measurements as JSON, each a ratio to its floor in the same run (ONLY=key for one)
	@$(BIN)/python -m bench $(ONLY)

N ?= 1000000
.PHONY: fuzz
fuzz: $(READY) ## mutate N id_tokens; ends in accepted / server errors / slow counts
	@$(BIN)/python -m tests.fuzz.fuzz --count $(N)

FAULTS ?= $(if $(filter file,$(origin N)),50,$(N))
.PHONY: faults
faults: $(READY) ## kill and freeze real processes N times while clients write; ends in lost / doubled counts
	@$(BIN)/python -m tests.faults --count $(FAULTS) $(if $(DATABASE),--database $(DATABASE))

MEASUREMENTS ?= 1000
.PHONY: linkage
linkage: $(READY) ## the whole attack on anonymity; ends in guesses right / expected by chance / planted leaks found
	@$(BIN)/python -m tests.linkage --count $(MEASUREMENTS)

.PHONY: conformance
conformance: $(READY) ## the LTI cases by name, ending in a table case → pass / fail
	@$(BIN)/python tools/conformance.py

.PHONY: translations
translations: $(READY) ## bring the message catalogues up to the sources and compile them
	$(BIN)/python tools/translations.py update

.PHONY: migration
migration: $(READY) ## write a migration for what the models have become (MESSAGE="what and why")
	$(BIN)/python tools/migration.py "$(MESSAGE)"

.PHONY: lock
lock: $(READY) ## pin the newest allowed versions with hashes, without addresses
	sh tools/lock.sh

.PHONY: screenshots
screenshots: $(READY) browser ## make the pictures of the README from a seeded cohort
	$(BIN)/python tools/screenshots.py

.PHONY: clean
clean: ## remove what these commands made
	rm -rf $(VENV) .venvs node_modules var
