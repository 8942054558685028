# One command each; `make help` prints them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OPENCV_LOG_LEVEL ?= ERROR
# Container images often set it; without compiled modules every process of a lab takes twice as long to start.
unexport PYTHONDONTWRITEBYTECODE

EXAMPLES ?= 2000
ROUNDS ?= 5

.PHONY: help setup setup-dev demo up test model check cells chaos mutants attack bench bench-jobs bench-live bench-gpu schema migrate lock

help: ## Show every command
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	@echo "Setting up $(VENV)/ once, 900 MB: a minute or more, most of it without a word."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The models' own libraries are pinned by hash; torch by version alone, so that a build for CPUs may stand in for the one
# with CUDA where the machine's package index has it.
TORCH := torch==2.13.0
$(VENV)/.dev: requirements/dev.lock requirements/models.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/models.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	@touch $@

setup: $(VENV)/.runtime ## Make the virtual environment from the lock file

setup-dev: $(VENV)/.dev ## The same with what tests and checks need

demo: $(VENV)/.runtime ## Make a film from the example script and pictures
	$(BIN)/lab demo

up: $(VENV)/.runtime ## Run the whole stack in the foreground, data in .lab/
	$(BIN)/lab up

# Tests wait for servers and children two fifths of their time: three processes keep two cores busy.
test: $(VENV)/.dev ## Run all tests
	$(BIN)/python -m pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder

model: $(VENV)/.dev ## Call the job engine at random beside its model (EXAMPLES=2000)
	MODEL_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/adapters/postgres/jobs_model/test_machine.py

check: $(VENV)/.dev ## Lint, types, import contracts, sizes, schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/check_sizes.py
	$(BIN)/pyright --warnings

SEEDS ?= 20
FIRST ?= 1
cells: $(VENV)/.dev ## Hurt a job at every boundary of its life by every fault: ALL=1
	$(BIN)/python -m pytest chaos/cells $(if $(ALL),,-m "not thorough")

chaos: $(VENV)/.dev ## Attack the real processes with seeded faults: SEEDS=n FIRST=k
	$(BIN)/python -m chaos --seeds $(SEEDS) --first $(FIRST)

mutants: $(VENV)/.dev ## Break the job engine in eight ways; the attack must see each
	$(BIN)/python -m chaos.mutants

attack: ## The short form of the whole attack
	$(MAKE) cells
	$(MAKE) chaos SEEDS=6
	$(MAKE) mutants

bench: $(VENV)/.dev ## Measure, each beside its peers
	$(BIN)/python -m bench

bench-jobs: $(VENV)/.dev ## Measure the job engine beside its peers (ROUNDS=5 PEERS=... WORKLOADS=...)
	$(BIN)/python -m bench.jobs --rounds $(ROUNDS) --peers '$(PEERS)' --workloads '$(WORKLOADS)'

IDLE ?= 10000
ACTIVE ?= 1000
LIVE_ROUNDS ?= 2
bench-live: $(VENV)/.dev ## Measure live subscribers beside their peer (IDLE=10000 ACTIVE=1000)
	$(BIN)/python -m bench.live --idle $(IDLE) --active $(ACTIVE) --rounds $(LIVE_ROUNDS)

GPU_ROUNDS ?= 3
bench-gpu: $(VENV)/.dev ## Measure the GPU worker beside plain loops (GPU_ROUNDS=3 CLOCK=wall PARTS=...)
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m bench.gpu --rounds $(GPU_ROUNDS) --clock $(or $(CLOCK),wall) --only '$(PARTS)'

schema: $(VENV)/.runtime ## Write schema.graphql
	$(BIN)/lab export-schema

migrate: $(VENV)/.runtime ## Migrate the database
	$(BIN)/lab migrate

PIN := uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header pyproject.toml
RUNTIME := --extra api --extra jobs --extra cpu --extra worker --extra embedded
# What only the build of torch for CUDA brings: not for a machine that tests on its CPU.
CUDA := torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
	nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse \
	nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx

lock: ## Pin every dependency again (needs uv)
	$(PIN) requirements/build.in $(RUNTIME) -o requirements/runtime.lock
	$(PIN) requirements/build.in $(RUNTIME) --extra dev -c requirements/runtime.lock -o requirements/dev.lock
	$(PIN) --extra cpu --extra worker -c requirements/runtime.lock -o requirements/worker.lock
	$(PIN) --extra cpu --extra worker --extra gpu -c requirements/runtime.lock -o requirements/gpu.lock
	$(PIN) --extra cpu --extra worker --extra gpu -c requirements/gpu.lock -c requirements/dev.lock \
		$(addprefix --no-emit-package ,$(CUDA)) -o requirements/models.lock
