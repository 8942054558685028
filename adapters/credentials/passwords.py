"""Passwords by argon2id, in threads: argon2 lets go of the interpreter's lock while it works."""

import asyncio
from functools import cache
from secrets import token_bytes

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

HASHES_AT_ONCE_MAX = 2
# The first choice of the OWASP Password Storage Cheat Sheet: one pass over 46 MiB by one thread.
MEMORY_KIBIBYTES, PASSES, THREADS = 47_104, 1, 1


class Argon2PasswordHasher:
    """Hashes with argon2id (RFC 9106); at most two at once, so that memory is bounded.

    Without a hash to verify against, a dummy of the same parameters is verified: the time tells nothing.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or _todays_hasher()
        self._turns = asyncio.Semaphore(HASHES_AT_ONCE_MAX)
        self._dummy = _dummy_hash(self._hasher.time_cost, self._hasher.memory_cost, self._hasher.parallelism)

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _encode(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        async with self._turns:
            return await asyncio.to_thread(self._verify, _encode(password), password_hash or self._dummy)

    def _verify(self, password: bytes, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        return self._hasher.check_needs_rehash(password_hash)


def _todays_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIBIBYTES, parallelism=THREADS, type=Type.ID)


@cache
def _dummy_hash(passes: int, memory_kibibytes: int, threads: int) -> str:
    """Hash something that nobody knows; once a process, not once a hasher."""
    return PasswordHasher(time_cost=passes, memory_cost=memory_kibibytes, parallelism=threads).hash(token_bytes(32))


def _encode(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
