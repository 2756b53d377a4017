# make findings   set up, run the study, print where the brief lies
# make test       set up, pass every check
# make notebooks execute the notebooks on data/community, and draw the README's pictures
# make face       draw the README's pictures alone
# make validity  simulate whether intervals cover and tests hold; SETS=200 for a quick look
# make attack    attack random tables, rosters and pairs of releases; PART=0.1 for a quick look
# make bench-scale  measure what counting costs as an organisation grows; writes docs/scale.md
# make bench      measure time and memory beside other tools; ROWS=100000 for a quick look

PYTHON ?= python3
STUDY ?= data/community
ROWS ?= 1000000
SETS ?= 10000
PART ?= 1
BIN := .venv/bin

.PHONY: findings test notebooks face validity attack bench lock clean bench-scale

findings: .venv/ready
	$(BIN)/engagement run $(STUDY)

test: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -q -n 2

notebooks: .venv/ready
	$(BIN)/python -m engagement.runner
	$(BIN)/python docs/face.py

face: .venv/ready
	$(BIN)/python docs/face.py

validity: .venv/ready
	$(BIN)/python -m validity --sets $(SETS)

attack: .venv/ready
	$(BIN)/python -m bench.attack --part $(PART)

bench: .venv/bench
	$(BIN)/python -m bench.records --rows $(ROWS)
	$(BIN)/python -m bench.linkage
	$(BIN)/python -m bench.towns --people 100000
	$(BIN)/python -m bench.towns --people $(ROWS)
	$(BIN)/python -m bench.findings

bench-scale: .venv/bench
	$(BIN)/python -m bench.scale

lock: .venv/ready
	$(BIN)/uv pip compile pyproject.toml --extra test --universal --generate-hashes --no-header -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra bench -c requirements.lock --universal --generate-hashes --no-header -o requirements-bench.lock

clean:
	rm -rf .venv build engagement.egg-info

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps -e .
	touch .venv/ready

.venv/bench: .venv/ready requirements-bench.lock
	$(BIN)/python -m pip install -q --require-hashes -r requirements-bench.lock
	touch .venv/bench
