# syntax=docker/dockerfile:1
# The GPU worker on a CUDA base: its own code, the contracts and the failpoints (inert), nothing else of ours.
FROM nvidia/cuda:13.0.1-runtime-ubuntu24.04
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --uid 10001 lab \
    && install --directory --owner lab /weights
ENV PATH=/opt/venv/bin:$PATH
RUN python3 -m venv /opt/venv
WORKDIR /app
COPY requirements/gpu.lock requirements/gpu.lock
RUN pip install --require-hashes -r requirements/gpu.lock
COPY contracts contracts
COPY failpoints failpoints
COPY gpu_worker gpu_worker
RUN python -m compileall -q .
USER lab
CMD ["python", "-m", "gpu_worker"]
