# make demo | setup | test | bench | lint | format
.PHONY: setup demo test bench lint format

setup:
	@bash .ci/setup

demo: setup
	@.venv/bin/geoapp demo
	@.venv/bin/geoapp demo --live & trap "kill $$! 2>/dev/null" EXIT; .venv/bin/geoapp serve

test:
	@bash .ci/setup --tests
	@bash .ci/test

bench: setup
	@.venv/bin/geoapp bench

lint:
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format:
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
