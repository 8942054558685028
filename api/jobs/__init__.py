"""The job engine in the schema, for operators: how work stands, never what it is about."""

from api.jobs.mutations.drain_worker import DrainWorker
from api.jobs.mutations.pause_queue import PauseQueue
from api.jobs.mutations.requeue_jobs import RequeueJobs
from api.jobs.mutations.resume_queue import ResumeQueue
from api.jobs.mutations.resume_worker import ResumeWorker
from api.jobs.mutations.retry_job import RetryJob
from api.jobs.mutations.set_job_aside import SetJobAside
from api.jobs.queries import JobQueries
from api.slices import Slice

SLICE = Slice(
    queries=(JobQueries,),
    mutations=(PauseQueue, ResumeQueue, DrainWorker, ResumeWorker, RetryJob, SetJobAside, RequeueJobs),
)
