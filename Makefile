# Everything runs in .venv, which is made at the first use. Needed beforehand: Python 3.11 or newer, and make.

PYTHON ?= python3
BIN := .venv/bin

# Matrices as small as ours gain nothing from threads that wait for one another.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

# Where the random numbers of `make test-long` start: the time of day. To repeat a run, give it its seed: SEED=123.
ifndef SEED
SEED := $(shell date +%s)
endif

.PHONY: tour test test-long lint bench clean

tour: .venv/installed-tour  ## draw every figure, train the network, write tour/index.html and tour/zh/index.html
	$(BIN)/chainrule tour --lang both

test: .venv/installed-test  ## run every test
	$(BIN)/python -m pytest -rs --numprocesses auto --dist worksteal

test-long: .venv/installed-test  ## run the long random tests, and Hypothesis with 20 times the examples; prints the seed
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m "long or hypothesis" --hypothesis-profile=long \
		--hypothesis-seed=$(SEED) --seed=$(SEED)

lint: .venv/installed-lint  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/mypy --strict src

bench: .venv/installed-bench  ## measure against other libraries
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.jit

clean:  ## remove everything that was made
	rm -rf .venv tour dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/installed-tour: EXTRAS := zh,examples
.venv/installed-test: EXTRAS := zh,examples,test
.venv/installed-lint: EXTRAS := lint
.venv/installed-bench: EXTRAS := examples,bench

.venv/installed-%: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(EXTRAS)]"
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chainrule needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ". Write: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
