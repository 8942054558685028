"""A refresh token counts once: whoever asks at the same time goes on with what the first one got."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response

from client.studio import Studio
from tests.client.fake_lab import Asked, FakeLab, data, refusal, serving

ME = "query Me { me }"


class Sessions:
    """Deals out tokens as the lab does; what comes with the old one is refused together with one more."""

    def __init__(self) -> None:
        self.presented: list[str] = []
        self.refusing = asyncio.Barrier(2)

    async def answer(self, asked: Asked) -> Response:
        if asked.name == "SignIn":
            return granted("signIn", "SignedIn", "old", "once")
        if asked.name == "RefreshSession":
            return self.exchange(str(asked.variables["input"]["refreshToken"]))
        if asked.token == "new":
            return data(me="Ada")
        await self.refusing.wait()
        return refusal("UNAUTHENTICATED")

    def exchange(self, token: str) -> Response:
        self.presented.append(token)
        if self.presented != ["once"]:
            return data(refreshSession={"__typename": "RefreshTokenRefused", "message": "It was used before."})
        return granted("refreshSession", "SessionRefreshed", "new", "next")


def granted(name: str, kind: str, access: str, refresh: str) -> Response:
    return data(**{name: {"__typename": kind, "tokens": {"accessToken": access, "refreshToken": refresh}}})


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
async def studio(sessions: Sessions) -> AsyncIterator[Studio]:
    async with serving(FakeLab(sessions.answer)) as transport:
        studio = Studio(transport)
        await studio.sign_in(email="ada@example.org", password="correct horse battery")
        yield studio


async def test_two_who_refresh_at_once_present_the_token_once(sessions: Sessions, studio: Studio) -> None:
    async with asyncio.timeout(10):
        assert await asyncio.gather(studio.refresh(), studio.refresh()) == [True, True]
    assert sessions.presented == ["once"]


async def test_two_requests_that_are_refused_at_once_are_both_answered(sessions: Sessions, studio: Studio) -> None:
    ask = studio.transport.execute
    async with asyncio.timeout(10):
        assert await asyncio.gather(ask(ME), ask(ME)) == [{"me": "Ada"}, {"me": "Ada"}]
    assert sessions.presented == ["once"]


async def test_what_was_refused_with_an_older_token_is_asked_again_with_the_present_one(
    sessions: Sessions, studio: Studio
) -> None:
    async with asyncio.timeout(10):
        asking = asyncio.create_task(studio.transport.execute(ME))
        await studio.refresh()
        await sessions.refusing.wait()
        assert await asking == {"me": "Ada"}
    assert sessions.presented == ["once"]
