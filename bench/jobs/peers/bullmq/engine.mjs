// BullMQ: one worker with its concurrency factor, jobs added in bulk and removed when they are done.
import { Queue, Worker } from "bullmq";
import { concurrency, handle, run } from "./driver.mjs";

const { hostname: host, port } = new URL(process.env.BENCH_REDIS);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const kept = { removeOnComplete: true, removeOnFail: true };

async function sender() {
  const queue = new Queue("bench", { connection });
  const send = (jobs) =>
    queue.addBulk(jobs.map((job) => ({ name: "work", data: job, opts: { ...kept, priority: job.priority } })));
  await queue.waitUntilReady();
  return { send, close: () => queue.close() };
}

async function work() {
  const recovery = { lockDuration: 10_000, stalledInterval: 5_000 };
  const worker = new Worker("bench", (job) => handle(job.data), { connection, concurrency, ...recovery });
  worker.on("error", (error) => console.error(error));
  process.once("SIGTERM", () => worker.close());
  await worker.waitUntilReady();
}

await run({ install: () => undefined, sender, work });
