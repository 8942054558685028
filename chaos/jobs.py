"""The product's jobs process with the synthetic kinds beside its own: `python -m chaos.jobs`."""

import uvloop

from bootstrap.settings import load_settings
from bootstrap.telemetry import configure_logging
from chaos.tasks import tasks
from jobs.__main__ import main
from jobs.registry import Registry
from jobs.tasks import TASKS


def run() -> None:
    loaded = load_settings()
    configure_logging(loaded.log_format)
    uvloop.run(main(loaded, Registry(TASKS, tasks)))


if __name__ == "__main__":
    run()
