# One list of commands; CI runs exactly these. Needs python3 (3.11 or later), make and PyPI.
PYTHON ?= python3
VENV   ?= .venv
RUN     = $(VENV)/bin

.PHONY: demo test lint bench results fuzz docs frontend lock dist licences sbom audit-packages clean

demo: $(VENV)/runnable           ## the main job from nothing; the report is demo/report.html
	$(RUN)/tonewise demo -o demo

test: $(VENV)/complete           ## every test; those on real recordings run where ../shared is
	$(RUN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/installed          ## style, types, and which part may import which
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

bench: $(VENV)/installed .venv-bench/installed ## speed and memory beside others, into docs/benchmarks.md; 12 minutes
	$(RUN)/python benchmarks/bench.py $(BENCH_ARGS)

results: $(VENV)/installed       ## how well it hears: the measurements of docs/results.md
	$(RUN)/python benchmarks/real_voices.py
	$(RUN)/python benchmarks/by_corpus.py
	$(RUN)/python benchmarks/label_quality.py

fuzz: $(VENV)/installed          ## transcript readers for FUZZ_SECONDS, and decoders for FUZZ_INPUTS, against mutated files
	$(RUN)/python -m pip install --disable-pip-version-check -q -r requirements/fuzz.txt
	$(RUN)/python tests/fuzz/fuzz_transcripts.py $(or $(FUZZ_SECONDS),60)
	$(RUN)/python tests/fuzz/fuzz_media.py $(or $(FUZZ_INPUTS),20000)

docs: $(VENV)/installed          ## the documentation, in site/; a broken link or name fails
	NO_MKDOCS_2_WARNING=1 $(RUN)/mkdocs build --strict --quiet

lock: $(VENV)/installed          ## pin every package anew
	$(VENV)/bin/pip install -q uv
	$(RUN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
	    --no-emit-find-links --extra demo --extra llm --extra web --extra ray --group dev --group hub-tests --upgrade \
	    -q pyproject.toml -o requirements/lock.txt
	$(RUN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
	    --no-emit-find-links --extra demo -c requirements/lock.txt -q pyproject.toml -o requirements/demo.txt

dist: $(VENV)/installed          ## wheel and sdist, in dist/
	rm -rf dist
	$(RUN)/python -m build --no-isolation -q -o dist .

licences: $(VENV)/complete       ## may every pinned package be used in a product?
	$(RUN)/python release/licences.py requirements/demo.txt requirements/lock.txt requirements/torch.txt requirements/egemaps.txt

sbom: $(VENV)/installed          ## what the wheel is made of, CycloneDX, in dist/; extras by SBOM_EXTRAS
	$(RUN)/python release/sbom.py dist/tonewise.cdx.json $(SBOM_EXTRAS)

audit-packages: $(VENV)/installed ## known vulnerabilities of pinned packages, where the service can be reached
	$(RUN)/python release/vulnerabilities.py requirements/lock.txt

# What runs tonewise and its demo, and nothing more: the same versions as in the lock.
$(VENV)/runnable: requirements/demo.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "tonewise needs Python 3.11 or later: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --disable-pip-version-check -q -r requirements/demo.txt
	$(RUN)/python -m pip install --disable-pip-version-check -q --no-deps -e .
	touch $@

$(VENV)/installed: $(VENV)/runnable requirements/lock.txt
	$(RUN)/python -m pip install --disable-pip-version-check -q -r requirements/lock.txt
	touch $@

# torch and what depends on it, for the tests of the extra `hub`. On Linux the package index gives torch with CUDA
# (gigabytes).
$(VENV)/complete: $(VENV)/installed requirements/torch.txt requirements/egemaps.txt
	$(RUN)/python -m pip install --disable-pip-version-check -q -r requirements/torch.txt
	$(RUN)/python -m pip install --disable-pip-version-check -q --no-deps -r requirements/egemaps.txt
	touch $@

# What `make bench` measures tonewise against.
.venv-bench/installed: requirements/bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --disable-pip-version-check -q --no-deps -r requirements/bench.txt
	touch $@

frontend:                        ## the player of a recording's page; needs node 20 and npm
	cd frontend && npm ci --no-audit --no-fund && npm run build

clean:
	rm -rf $(VENV) .venv-bench demo site dist .pytest_cache .mypy_cache .ruff_cache
