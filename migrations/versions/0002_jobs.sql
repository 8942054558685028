-- The job engine's tables as revision 0002 makes them.

CREATE TABLE queue_controls (
    queue TEXT NOT NULL,
    is_paused BOOLEAN DEFAULT 'false' NOT NULL,
    virtual_time FLOAT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_queue_controls PRIMARY KEY (queue)
);

CREATE TABLE events (
    stream_kind VARCHAR(20) NOT NULL,
    stream_id UUID NOT NULL,
    number BIGINT NOT NULL,
    workspace_id UUID NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT DEFAULT '' NOT NULL,
    data JSONB DEFAULT '{}'::jsonb NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (stream_kind, stream_id, number),
    CONSTRAINT fk_events_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_events_feed ON events (workspace_id, xid, id);
CREATE UNIQUE INDEX uq_events_final ON events (stream_id) WHERE stream_kind = 'job' and name in ('JobSucceeded', 'JobFailed', 'JobCanceled', 'JobAborted', 'JobDied');

CREATE TABLE jobs (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    subject_id UUID,
    kind TEXT DEFAULT '' NOT NULL,
    queue TEXT NOT NULL,
    engine TEXT,
    command_version INTEGER,
    payload JSONB DEFAULT '{}'::jsonb NOT NULL,
    inputs JSONB DEFAULT '[]'::jsonb NOT NULL,
    priority SMALLINT DEFAULT '10' NOT NULL,
    idempotency_key TEXT,
    estimated_seconds FLOAT DEFAULT '5' NOT NULL,
    deadline_seconds FLOAT DEFAULT '900' NOT NULL,
    attempts_max INTEGER DEFAULT '5' NOT NULL,
    lost_max INTEGER DEFAULT '3' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    start_before TIMESTAMP WITH TIME ZONE,
    state TEXT DEFAULT 'queued' NOT NULL,
    waiting_on INTEGER DEFAULT '0' NOT NULL,
    delivery BIGINT DEFAULT '0' NOT NULL,
    dispatched_at TIMESTAMP WITH TIME ZONE,
    epoch BIGINT DEFAULT '0' NOT NULL,
    claim_id UUID,
    worker_id TEXT,
    started_at TIMESTAMP WITH TIME ZONE,
    lease_until TIMESTAMP WITH TIME ZONE,
    deadline_at TIMESTAMP WITH TIME ZONE,
    attempts INTEGER DEFAULT '0' NOT NULL,
    lost INTEGER DEFAULT '0' NOT NULL,
    cancel_requested_at TIMESTAMP WITH TIME ZONE,
    cancel_reason TEXT DEFAULT '' NOT NULL,
    result JSONB,
    error_code TEXT,
    error_message TEXT,
    worked_seconds FLOAT DEFAULT '0' NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    event_number BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (id),
    CONSTRAINT uq_jobs_workspace_id_idempotency_key UNIQUE (workspace_id, idempotency_key),
    CONSTRAINT ck_jobs_state CHECK (state in ('blocked', 'queued', 'dispatched', 'running', 'succeeded', 'failed', 'canceled', 'aborted', 'dead')),
    CONSTRAINT ck_jobs_running_has_lease CHECK ((state = 'running') = (lease_until is not null)),
    CONSTRAINT ck_jobs_final_has_end CHECK ((state in ('succeeded', 'failed', 'canceled', 'aborted', 'dead')) = (finished_at is not null)),
    CONSTRAINT fk_jobs_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_jobs_queue FOREIGN KEY(queue) REFERENCES queue_controls (queue)
);
CREATE INDEX ix_jobs_claim ON jobs (claim_id) WHERE state = 'running';
CREATE INDEX ix_jobs_dispatched ON jobs (queue, dispatched_at) WHERE state = 'dispatched';
CREATE INDEX ix_jobs_finished ON jobs (finished_at) WHERE finished_at is not null;
CREATE INDEX ix_jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX ix_jobs_oldest ON jobs (queue, workspace_id, id) WHERE state = 'queued';
CREATE INDEX ix_jobs_pick ON jobs (queue, workspace_id, priority desc, id) WHERE state = 'queued';
CREATE INDEX ix_jobs_start_before ON jobs (start_before) WHERE state in ('blocked', 'queued', 'dispatched') and start_before is not null;
CREATE INDEX ix_jobs_subject ON jobs (subject_id) WHERE finished_at is null;
CREATE INDEX ix_jobs_workspace_id ON jobs (workspace_id);

CREATE TABLE step_results (
    workspace_id UUID NOT NULL,
    digest TEXT NOT NULL,
    result JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_step_results PRIMARY KEY (workspace_id, digest),
    CONSTRAINT fk_step_results_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE streams (
    kind VARCHAR(20) NOT NULL,
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    last_number BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_streams PRIMARY KEY (kind, id),
    CONSTRAINT fk_streams_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_streams_workspace_id ON streams (workspace_id);

CREATE TABLE workers (
    id TEXT NOT NULL,
    queue TEXT NOT NULL,
    engines TEXT[] DEFAULT '{}' NOT NULL,
    command_version INTEGER DEFAULT '1' NOT NULL,
    slots INTEGER DEFAULT '1' NOT NULL,
    state TEXT DEFAULT 'ready' NOT NULL,
    software_version TEXT DEFAULT '' NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_workers PRIMARY KEY (id),
    CONSTRAINT ck_workers_state CHECK (state in ('ready', 'draining')),
    CONSTRAINT fk_workers_queue FOREIGN KEY(queue) REFERENCES queue_controls (queue)
);

CREATE TABLE workspace_shares (
    workspace_id UUID NOT NULL,
    queue TEXT NOT NULL,
    virtual_time FLOAT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_workspace_shares PRIMARY KEY (workspace_id, queue),
    CONSTRAINT fk_workspace_shares_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_workspace_shares_queue FOREIGN KEY(queue) REFERENCES queue_controls (queue)
);

CREATE TABLE job_dependencies (
    job_id UUID NOT NULL,
    waits_for UUID NOT NULL,
    CONSTRAINT pk_job_dependencies PRIMARY KEY (job_id, waits_for),
    CONSTRAINT fk_job_dependencies_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE,
    CONSTRAINT fk_job_dependencies_waits_for FOREIGN KEY(waits_for) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE INDEX ix_job_dependencies_waits_for ON job_dependencies (waits_for);

CREATE TABLE step_objects (
    workspace_id UUID NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    object_id UUID NOT NULL,
    CONSTRAINT pk_step_objects PRIMARY KEY (workspace_id, digest, name),
    CONSTRAINT fk_step_objects_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_step_objects_object_id FOREIGN KEY(object_id) REFERENCES objects (id) ON DELETE RESTRICT
);
CREATE INDEX ix_step_objects_object_id ON step_objects (object_id);
