"""The unit of work: one transaction and the stores that write in it."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.abandoned import PostgresAbandonedWriting
from adapters.postgres.accounts import PostgresAccounts, PostgresAttempts, PostgresSessions
from adapters.postgres.adapters import PostgresAdapters
from adapters.postgres.character_reads import PostgresCharacterReads
from adapters.postgres.characters import PostgresCharacters
from adapters.postgres.consistency_reports import PostgresConsistencyReports
from adapters.postgres.events import PostgresEvents
from adapters.postgres.frozen_casts import PostgresFrozenCasts
from adapters.postgres.identities import PostgresIdentities
from adapters.postgres.jobs import PostgresHeldJobs, PostgresJobs
from adapters.postgres.media import PostgresObjects, PostgresUploads
from adapters.postgres.model_families import PostgresModelFamilies
from adapters.postgres.operation_reads import PostgresOperationReads
from adapters.postgres.operations import PostgresOperations
from adapters.postgres.render_reads import PostgresRenderReads
from adapters.postgres.render_standings import PostgresRenderStandings
from adapters.postgres.renders import PostgresRenders
from adapters.postgres.run_times import PostgresRunTimes
from adapters.postgres.step_uses import PostgresStepUses
from adapters.postgres.steps import PostgresSteps
from adapters.postgres.storyboard_reads import PostgresStoryboardReads
from adapters.postgres.storyboards import PostgresStoryboards
from adapters.postgres.strays import PostgresStrays
from adapters.postgres.worker_spaces import PostgresWorkerSpaces
from domain.identifiers import WorkspaceId


class PostgresWork:
    """What a use case works on; each use case sees it through a Protocol that names only what it needs.

    Each store is an attribute, named after what it keeps. `hints` collects what to wake after the commit.
    """

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None, new_id: Callable[[], UUID]) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.new_id = new_id
        self.hints: set[str] = set()
        self.accounts = PostgresAccounts(session)
        self.sessions = PostgresSessions(session, hints=self.hints)
        self.attempts = PostgresAttempts(session)
        self.uploads = PostgresUploads(session)
        self.objects = PostgresObjects(session)
        self.strays = PostgresStrays(session)
        self.characters = PostgresCharacters(session, workspace_id)
        self.adapters = PostgresAdapters(session, workspace_id)
        self.identities = PostgresIdentities(session, workspace_id)
        self.worker_spaces = PostgresWorkerSpaces(session, workspace_id)
        self.character_reads = PostgresCharacterReads(session, workspace_id)
        self.events = PostgresEvents(session, hints=self.hints)
        self.jobs = PostgresJobs(session, workspace_id=workspace_id, hints=self.hints)
        self.held_jobs = PostgresHeldJobs(session, workspace_id=workspace_id, hints=self.hints)
        self.steps = PostgresSteps(session)
        self.run_times = PostgresRunTimes(session)
        self.step_uses = PostgresStepUses(session)
        self.model_families = PostgresModelFamilies(session)
        self.frozen_casts = PostgresFrozenCasts(session, workspace_id=workspace_id)
        self.storyboards = PostgresStoryboards(session, workspace_id)
        self.abandoned_writing = PostgresAbandonedWriting(session)
        self.storyboard_reads = PostgresStoryboardReads(session, workspace_id)
        self.renders = PostgresRenders(session, workspace_id=workspace_id)
        self.consistency_reports = PostgresConsistencyReports(session, workspace_id=workspace_id)
        self.render_reads = PostgresRenderReads(session, workspace_id=workspace_id)
        self.render_standings = PostgresRenderStandings(session, workspace_id=workspace_id)
        self.operations = PostgresOperations(session, workspace_id=workspace_id, hints=self.hints)
        self.operation_reads = PostgresOperationReads(session)
