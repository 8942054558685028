"""celery: its thread pool, no results, one job reserved a hand; early and late acknowledgement are rows."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from celery import Celery
from driver import Job, Send, handle_in_thread, run

# Its Redis transport keeps a list for each of 0, 3, 6 and 9, of which 0 is the first and the default.
PRIORITIES = {0: 0, 1: 0, 2: 9}

app = Celery("bench", broker=os.environ["BENCH_REDIS"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=os.environ["CELERY_ACKS_LATE"] == "yes",
    worker_prefetch_multiplier=1,
    broker_transport_options={
        "visibility_timeout": 15,
        "unacked_restore_throttle": 1,
        "queue_order_strategy": "priority",
    },
    broker_connection_retry_on_startup=True,
)


@app.task(name="work")
def work_on(job: Job) -> None:
    handle_in_thread(job)


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    async def send(jobs: list[Job]) -> None:
        for job in jobs:
            work_on.apply_async((job,), priority=PRIORITIES[job["priority"]])

    yield send


def work() -> None:
    concurrency = os.environ["BENCH_CONCURRENCY"]
    app.worker_main(["worker", "--pool=threads", f"--concurrency={concurrency}", "--loglevel=WARNING"])


if __name__ == "__main__":
    run(install=lambda: None, sender=sender, work=work)
