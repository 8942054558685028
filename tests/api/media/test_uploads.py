"""Announcing uploads and reading stored files, as clients see it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.context import Visit
from api.limits import Limits
from api.media.types import Media, present_media
from api.transport.operations import Operations
from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.media.models import StoredObject
from tests.api.asking import ask, ask_as
from tests.api.conftest import SCHEMA
from tests.builders_accounts import signed_up
from tests.builders_media import BYTES, NOW, Tenant, described, get_bytes

CREATE = """
mutation ($files: [FileInput!]!) {
  createUploads(input: {files: $files}) {
    __typename
    ... on UploadsCreated { uploads { id fileName put { url expiresAt headers { name value } } } }
    ... on UploadTooLarge { message sizeBytesMax }
    ... on UploadTypeUnknown { message }
  }
}"""


def announced(**changes: object) -> dict[str, object]:
    content = described(BYTES)
    file = {"fileName": "goat.png", "contentType": content.content_type, "sizeBytes": content.size_bytes}
    return file | {"sha256": content.sha256} | changes


async def member(container: Container, role: Role, email: str = "ada@example.org") -> str:
    """Somebody with this role in their workspace; answer their access token."""
    grant = await signed_up(container, email=email, now=container.now())
    async with container.system_work() as work:
        await work.session.execute(
            text("update memberships set role = :role where user_id = :user"), {"role": role, "user": grant.user_id}
        )
    return grant.access_token


async def uploads_written(container: Container) -> int | None:
    async with container.system_work() as work:
        return await work.session.scalar(text("select count(*) from uploads"))


def code(answer: dict[str, Any]) -> str:
    return answer["errors"][0]["extensions"]["code"]


async def test_an_editor_announces_files_and_puts_them(http: httpx.AsyncClient, container: Container) -> None:
    token = await member(container, Role.EDITOR)
    answer = await ask_as(http, token, CREATE, files=[announced(), announced(fileName="../troll.png")])
    uploads = answer["data"]["createUploads"]["uploads"]
    assert [upload["fileName"] for upload in uploads] == ["goat.png", ".._troll.png"]
    put = uploads[0]["put"]
    headers = {header["name"]: header["value"] for header in put["headers"]}
    assert set(headers) == {"Content-Type", "Content-Length", "x-amz-checksum-sha256"}
    async with httpx.AsyncClient() as storage:
        assert (await storage.put(put["url"], content=BYTES, headers=headers)).status_code == 200
    assert await uploads_written(container) == 2


async def test_nobody_announces_nothing(http: httpx.AsyncClient, container: Container) -> None:
    assert code(await ask(http, CREATE, files=[announced()])) == "UNAUTHENTICATED"
    assert await uploads_written(container) == 0


async def test_a_viewer_may_not(http: httpx.AsyncClient, container: Container) -> None:
    token = await member(container, Role.VIEWER)
    assert code(await ask_as(http, token, CREATE, files=[announced()])) == "FORBIDDEN"
    assert await uploads_written(container) == 0


async def test_a_strangers_upload_belongs_to_the_stranger(http: httpx.AsyncClient, container: Container) -> None:
    ours, theirs = [await member(container, Role.OWNER, f"{name}@example.org") for name in ("ada", "bob")]
    await ask_as(http, ours, CREATE, files=[announced()])
    answer = await ask_as(http, theirs, CREATE, files=[announced()])
    address = answer["data"]["createUploads"]["uploads"][0]["put"]["url"]
    whose = (await container.authenticate(theirs)).workspace_id
    assert f"/uploads/{whose}/" in address


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"sizeBytes": 30_000_000}, {"__typename": "UploadTooLarge", "sizeBytesMax": 20_971_520}),
        ({"sizeBytes": 0}, {"__typename": "UploadEmpty"}),
        ({"contentType": "image/gif"}, {"__typename": "UploadTypeUnknown"}),
    ],
)
async def test_a_file_that_may_not_be_put_is_a_fact_and_none_is_announced(
    http: httpx.AsyncClient, container: Container, changes: dict[str, object], fact: dict[str, object]
) -> None:
    token = await member(container, Role.EDITOR)
    answer = await ask_as(http, token, CREATE, files=[announced(), announced(**changes)])
    told = answer["data"]["createUploads"]
    assert {name: told[name] for name in fact} == fact
    assert await uploads_written(container) == 0


@pytest.mark.parametrize("files", [[], [announced()] * 51, [announced(sha256="abc")], [announced(sizeBytes=2**31)]])
async def test_a_wish_that_makes_no_sense_is_invalid(
    http: httpx.AsyncClient, container: Container, files: list[dict[str, object]]
) -> None:
    token = await member(container, Role.EDITOR)
    assert code(await ask_as(http, token, CREATE, files=files)) == "INVALID"
    assert await uploads_written(container) == 0


def show(container: Container, stored: StoredObject, now: datetime) -> Media:
    services = replace(container, now=lambda: now)
    return present_media(Operations(SCHEMA, services, Limits()).context(Visit()), stored)


async def test_a_stored_file_is_read_by_an_address_that_stays_the_same(container: Container) -> None:
    grant = await signed_up(container)
    stored = await Tenant(container, grant.workspace_id).store()
    shown = [show(container, stored, now) for now in (NOW, NOW + timedelta(minutes=59))]
    assert shown[0] == shown[1]
    assert (shown[0].content_type, shown[0].size_bytes) == ("image/png", len(BYTES))
    assert (await get_bytes(shown[0].url)).content == BYTES
