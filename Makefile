PYTHON ?= python3
BIN = .venv/bin
READY = .venv/ready

.PHONY: setup lock licenses run test floors lint types package bench battery cluster sanitize clean

run: setup ## build the index from config.toml's sources and serve the search page
	$(BIN)/hansou rebuild || [ $$? -eq 3 ]
	$(BIN)/hansou serve

test: setup lint types ## everything that must hold
	$(BIN)/pytest -n auto --dist worksteal

floors: setup ## quality floors on whole judged sets, which take minutes
	HANSOU_LARGE=1 $(BIN)/pytest tests/test_relevance.py -s

setup: $(READY)

$(READY): pyproject.toml requirements.lock $(wildcard setup.py)
	$(PYTHON) -c 'import sys; sys.exit("Hansou needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[fast,dev]'
	touch $@

lock: ## choose anew what `make setup` installs, for every system and each Python from 3.11 on
	$(PYTHON) -m venv artifacts/uv
	artifacts/uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'
	artifacts/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --extra fast --extra dev --upgrade \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements.lock pyproject.toml

licenses: setup ## the licence of everything in the lock file; fails where one is not free to combine
	$(BIN)/python .ci/licenses.py

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

package: setup ## wheel and sdist in dist/, each tried in an empty environment as a new user would, and the container's steps
	HANSOU_PACKAGE=1 $(BIN)/pytest tests/test_package.py -s

bench: setup ## ratios beside other engines and to plain reading (see benchmarks/README.md)
	$(BIN)/python -m benchmarks

sanitize: setup ## the compiled code under address and undefined-behavior sanitizers, fuzzed and on damaged indexes
	$(BIN)/python benchmarks/sanitize.py

battery: setup ## kills, failing disks, power cuts, load, a soak: what docs/reliability.md promises (some hours; PROFILE=ci: minutes)
	$(BIN)/python -m benchmarks.battery --profile $(or $(PROFILE),full)

cluster: setup ## three real nodes, the conformance suite and the cluster's own tests on them (Java 17 and Maven)
	$(BIN)/python deploy/opensearch/cluster.py run -- \
		$(BIN)/pytest -k opensearch tests/engine tests/indexer/engine/opensearch

clean:
	rm -rf .venv .hansou build dist *.egg-info
