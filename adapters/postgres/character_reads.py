"""Lists and batches of characters, one statement each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Float, Text, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement, cast

from adapters.postgres.character_rows import (
    CHARACTER_COLUMNS,
    CHARACTERS,
    IMAGES,
    LOOK_ALIKES,
    AnyRow,
    quoted,
    select_characters,
    select_images,
    to_character,
    to_image,
)
from adapters.postgres.paging import newest_first
from domain.characters.models import Character, CharacterImage
from domain.characters.ports import LookAlikeWarning, TextMatch
from domain.characters.search_terms import SearchQuery
from domain.identifiers import CharacterId, WorkspaceId
from domain.paging import Page, PageRequest

# A misspelt name is taken for the one asked for when it has this share of the asked grams (pg_trgm's word_similarity
# draws the line at 0.6; names are short, and one wrong letter costs up to three grams).
GRAM_SHARE_MIN = 0.5


class PostgresCharacterReads:
    """What readers of one workspace ask for; without a workspace there are none."""

    def __init__(self, session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def page(self, request: PageRequest) -> Page[Character]:
        return await newest_first(
            self._session,
            select_characters(self._workspace_id),
            keys=(CHARACTERS.c.created_at, CHARACTERS.c.id),
            request=request,
            present=_with_keys,
        )

    async def find_many(self, character_ids: Sequence[CharacterId]) -> Mapping[CharacterId, Character]:
        found = select_characters(self._workspace_id).where(CHARACTERS.c.id.in_(character_ids))
        characters = [to_character(row) for row in await self._session.execute(found)]
        return {character.id: character for character in characters}

    async def images_of_many(
        self, character_ids: Sequence[CharacterId]
    ) -> Mapping[CharacterId, Sequence[CharacterImage]]:
        found = select_images(self._workspace_id).where(IMAGES.c.character_id.in_(character_ids))
        images: defaultdict[CharacterId, list[CharacterImage]] = defaultdict(list)
        for row in await self._session.execute(found.order_by(IMAGES.c.position, IMAGES.c.id)):
            image = to_image(row)
            images[image.character_id].append(image)
        return images

    async def look_alikes_of_many(
        self, character_ids: Sequence[CharacterId]
    ) -> Mapping[CharacterId, Sequence[LookAlikeWarning]]:
        sides = [(LOOK_ALIKES.c.one_id, LOOK_ALIKES.c.other_id), (LOOK_ALIKES.c.other_id, LOOK_ALIKES.c.one_id)]
        both = union_all(
            *(
                select(
                    own.label("character_id"), other.label("other_id"), LOOK_ALIKES.c.likeness, LOOK_ALIKES.c.found_at
                ).where(own.in_(character_ids), LOOK_ALIKES.c.workspace_id == self._workspace_id)
                for own, other in sides
            )
        ).subquery()
        warnings: defaultdict[CharacterId, list[LookAlikeWarning]] = defaultdict(list)
        for row in await self._session.execute(select(both).order_by(both.c.likeness.desc(), both.c.other_id)):
            warning = LookAlikeWarning(
                CharacterId(row.character_id), CharacterId(row.other_id), row.likeness, row.found_at
            )
            warnings[warning.character_id].append(warning)
        return warnings

    async def search_text(self, query: SearchQuery, *, limit: int) -> Sequence[TextMatch]:
        wanted = cast(literal(tsquery(query)), TSQUERY)
        is_found = CHARACTERS.c.search_vector.bool_op("@@")(wanted)
        share = gram_share(query)
        score = func.ts_rank(CHARACTERS.c.search_vector, wanted) + share
        is_near = CHARACTERS.c.search_grams.bool_op("&&")(grams_of(query)) & (share >= GRAM_SHARE_MIN)
        found = (
            select(*CHARACTER_COLUMNS, score.label("score"))
            .where(CHARACTERS.c.workspace_id == self._workspace_id, or_(is_found, is_near))
            .order_by(score.desc(), CHARACTERS.c.id)
            .limit(limit)
        )
        return [TextMatch(to_character(row), row.score) for row in await self._session.execute(found)]


def _with_keys(row: AnyRow) -> tuple[Character, datetime, UUID]:
    character = to_character(row)
    return character, character.created_at, character.id


def tsquery(query: SearchQuery) -> str:
    """Write a query as its literal: every term whole and every prefix as the beginning of a term."""
    return " & ".join([*(quoted(term) for term in query.terms), *(f"{quoted(term)}:*" for term in query.prefixes)])


def grams_of(query: SearchQuery) -> ColumnElement[Sequence[str]]:
    return literal(list(query.grams), ARRAY(Text))


def gram_share(query: SearchQuery) -> ColumnElement[float]:
    """Answer the share of the asked grams that a row has, 0 to 1."""
    asked = func.unnest(grams_of(query)).column_valued("gram")
    shared = select(func.count(asked)).where(asked == func.any(CHARACTERS.c.search_grams)).scalar_subquery()
    return cast(shared, Float) / len(query.grams)
