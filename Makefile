# Everything a fresh machine needs: `make run`, `make test`, `make lint`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run test lint format clean

$(VENV)/.run: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.dev: requirements.txt requirements-export.txt requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

run: $(VENV)/.run ## make the environment and open the dashboard
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev ## all tests; the browser's are skipped, with a reason, where there is no Chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.dev ## ruff and, on core, mypy
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
