// graphile-worker: one runner woken by LISTEN, jobs added in batches; its batching of fetches and ends is a row.
import { makeWorkerUtils, run as start, runMigrations } from "graphile-worker";
import { concurrency, handle, run } from "./driver.mjs";

const batching = { localQueue: { size: concurrency + 1 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const preset = {
  worker: {
    connectionString: process.env.BENCH_POSTGRES,
    concurrentJobs: concurrency,
    maxPoolSize: Math.min(concurrency + 1, 15),
    ...(process.env.GRAPHILE_BATCHED === "yes" ? batching : {}),
  },
};

async function sender() {
  const utils = await makeWorkerUtils({ preset });
  const send = (jobs) =>
    utils.addJobs(jobs.map((job) => ({ identifier: "work", payload: job, priority: job.priority })));
  return { send, close: () => utils.release() };
}

async function work() {
  const runner = await start({ preset, taskList: { work: (job) => handle(job) } });
  await runner.promise;
}

await run({ install: () => runMigrations({ preset }), sender, work });
