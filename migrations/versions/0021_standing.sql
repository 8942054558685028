create index ix_step_results_judgements on step_results (created_at) where result ? 'findings';
create index ix_jobs_blocked on jobs (queue) where state = 'blocked';
create index ix_jobs_given_up on jobs (state, id) where state in ('failed', 'dead', 'aborted')
