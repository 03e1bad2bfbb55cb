# KnowLigo Index. Needs Python 3.11 and make; everything else goes into .venv, with the hashes in locks/ checked.
# Recipes use /bin/sh and nothing that only bash has.

# The interpreter that .venv is made with: python3.11 where there is one, else python3.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)

# The locks hold torch's CPU build alone, which for Linux is not in the usual package index. Name an index that has
# it here, unless pip is already set up to find one: make index TORCH_INDEX_URL=...
TORCH_INDEX_URL ?=

# The knowledge base that `make index` reads, and the question it then asks.
KNOWLEDGE ?= knowledge
QUESTION ?= Configuré el mail en el iPhone: recibo bien pero no puedo mandar nada

# What `make test` and `make check` run: a folder, or more options for pytest.
TESTS ?=

# What `make lowest` runs: the tests that call a dependency, but for those that take long and call none in another way,
# and for those that need a browser.
LOWEST_TESTS := $(addprefix tests/,build chunking cli encoders evaluation gate parsers search service sources store) \
	$(addprefix --ignore=tests/,build/test_incremental.py chunking/test_chunker_properties.py service/test_page.py \
	service/test_reloading.py service/test_starting_and_stopping.py sources/test_ledger_accounting.py \
	store/test_older_schema.py)

# With --whole, a minute of a thousand idle connections.
IDLE := tests/attacks/test_front_door.py::test_idle_connections_do_not_slow_searches

# How long `make fuzz` works on each of its targets, as many at a time as there are CPUs.
SECONDS ?= 120

# `make lock UPGRADE=1` takes the newest release of every package; without it each keeps the pin it has.
UPGRADE ?=

BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check
# Wheels only: a source distribution would run its own code to be built, with build tools that no lock names.
LOCKED := $(PIP) --require-hashes --only-binary :all:
TORCH := $(if $(TORCH_INDEX_URL),--extra-index-url "$(TORCH_INDEX_URL)")
# The package itself: built by the setuptools that the lock names, without any package index.
ITSELF := $(PIP) --no-deps --no-index --no-build-isolation --editable .
TORCH_HINT := "The packages were not installed. If pip spoke of torch, it did not find the CPU build: name an index that has it, make TORCH_INDEX_URL=..."

.DEFAULT_GOAL := help
# Two pips must not write to one environment at a time.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help index test lowest faults fuzz docker bench check format lock notices sbom audit pdf clean

help: ## list these targets
	@echo "Targets:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/\1|\2/p' Makefile | while IFS='|' read -r target about; do \
		printf '  %-8s %s\n' "$$target" "$$about"; done
	@echo "Variables:"
	@echo "  PYTHON           the interpreter for .venv, 3.11 or newer (now: $(PYTHON))"
	@echo "  TORCH_INDEX_URL  a package index that has the CPU build of torch, if pip is not set up to find it"
	@echo "  KNOWLEDGE        the folder that 'make index' reads (now: $(KNOWLEDGE))"
	@echo "  QUESTION         what 'make index' then searches for"
	@echo "  TESTS            what 'make test' and 'make check' give to pytest: a file or folder, or options"
	@echo "  SECONDS          how long 'make fuzz' works on each of its targets (now: $(SECONDS))"
	@echo "  UPGRADE          set to 1, 'make lock' takes the newest release of every package"

index: .venv/.build .venv/.package ## build the index of knowledge/ and try a search
	$(BIN)/python -m knowligo_index build "$(KNOWLEDGE)"
	$(BIN)/python -m knowligo_index search "$(QUESTION)" -k 3

test: .venv/.dev .venv/.package ## run the tests
	$(BIN)/python -m pytest $(TESTS)

# Old releases warn of what newer ones have changed since; the bindings of FAISS crash where such a warning is an error.
lowest: .venv-lowest/.done ## the tests with the dependencies at the lowest releases that pyproject.toml allows
	.venv-lowest/bin/python -m pytest -W default -m "not model and not realdata" $(LOWEST_TESTS)

faults: .venv/.dev .venv/.package ## the store under every fault and without each safeguard; hostile files (half an hour; needs strace)
	$(BIN)/python -m pytest tests/faults tests/hostile $(IDLE) --whole --durations=10

fuzz: .venv/.dev .venv/.package ## the fuzzer over each parser and the reader of manifests, SECONDS each
	$(BIN)/python tests/fuzz/fuzz.py --seconds $(SECONDS)

docker: .venv/.dev .venv/.package ## build the images with the Docker engine that is there, and test them (5 minutes)
	$(if $(TORCH_INDEX_URL),TORCH_INDEX_URL="$(TORCH_INDEX_URL)") $(BIN)/python -m pytest tests/docker --images -m docker --durations=5

bench: .venv/.dev .venv/.package .venv-peers/.done ## measure speed and memory compared with the peers, into docs/performance.md (half an hour)
	$(BIN)/python -m benchmarks.performance --write

check: .venv/.dev .venv/.package ## what CI runs: format, lint, import layers, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest $(TESTS)

format: .venv/.dev ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv-lock/.done ## write locks/*.txt from pyproject.toml (UPGRADE=1 for the newest releases)
	.venv-lock/bin/python tools/lock.py $(if $(UPGRADE),--upgrade) $(if $(TORCH_INDEX_URL),--extra-index-url "$(TORCH_INDEX_URL)")

notices: .venv/.dev .venv/.package ## write the licences of the packages into THIRD_PARTY_NOTICES.md
	$(BIN)/python tools/notices.py --write

sbom: .venv-audit/.done ## write CycloneDX lists of what is locked for the two images into out/sbom
	mkdir -p out/sbom
	for lock in serve build; do .venv-audit/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file "out/sbom/$$lock.cdx.json" "locks/$$lock.txt" || exit 1; done

# --strict: a package that cannot be looked up is a failure, not a package without vulnerabilities.
audit: .venv-audit/.done ## look up the locked packages in PyPI's list of known vulnerabilities (needs a network)
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		--requirement locks/serve.txt --requirement locks/build.txt

pdf: .venv/.dev .venv/.package ## make the sample PDF in knowledge/ again
	$(BIN)/python tools/make_sample_pdf.py

clean: ## remove the environments, the caches, and the indexes that were built
	rm -rf .venv .venv-audit .venv-lock .venv-lowest .venv-peers .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf build dist out ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find indexes -mindepth 1 -maxdepth 1 ! -name .gitkeep -exec rm -rf {} +

# Each stamp says what is in .venv; its own lock, changed, makes it out of date.
.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not that: name one, make PYTHON=/path/to/python3.11" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		echo "The locks are made for Python 3.11; '$(PYTHON)' is newer, and pip may find no torch for it." >&2
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.build: .venv/.made locks/build.txt
	@echo "Installing locks/build.txt into .venv (a minute or two)"
	@$(BIN)/python $(LOCKED) $(TORCH) -r locks/build.txt || { echo $(TORCH_HINT) >&2; exit 1; }
	@touch $@

# locks/dev.txt has everything that locks/build.txt has, at the same versions.
.venv/.dev: .venv/.made locks/dev.txt
	@echo "Installing locks/dev.txt into .venv (a minute or two)"
	@$(BIN)/python $(LOCKED) $(TORCH) -r locks/dev.txt || { echo $(TORCH_HINT) >&2; exit 1; }
	@touch .venv/.build $@

# Without build isolation, setuptools is the one that the lock names; so it must be installed by then.
.venv/.package: pyproject.toml | .venv/.made
	$(BIN)/python $(ITSELF)
	@touch $@

# The lock is whole: pip need not look for what is in it.
.venv-peers/.done: locks/peers.txt
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python $(LOCKED) $(TORCH) --no-deps -r locks/peers.txt
	@touch $@

.venv-lowest/.done: locks/lowest.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-lowest
	@echo "Installing locks/lowest.txt into .venv-lowest (a minute or two)"
	@.venv-lowest/bin/python $(LOCKED) $(TORCH) --no-deps -r locks/lowest.txt || { echo $(TORCH_HINT) >&2; exit 1; }
	.venv-lowest/bin/python $(ITSELF)
	@touch $@

# Where this lock itself cannot be installed: CONTRIBUTING.md, Locks.
.venv-lock/.done: locks/lock.txt
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python $(LOCKED) -r locks/lock.txt
	@touch $@

.venv-audit/.done: locks/audit.txt
	$(PYTHON) -m venv --clear .venv-audit
	.venv-audit/bin/python $(LOCKED) -r locks/audit.txt
	@touch $@
