"""Passwords by argon2id."""

from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from adapters.credentials.passwords import MEMORY_KIBIBYTES, Argon2PasswordHasher
from tests.builders_accounts import PASSWORD, quick_hasher


async def test_a_password_fits_its_hash_and_no_other_does() -> None:
    hasher = quick_hasher()
    password_hash = await hasher.hash(PASSWORD)
    assert await hasher.verify(PASSWORD, password_hash)
    assert not await hasher.verify(PASSWORD + " ", password_hash)


async def test_without_a_hash_nothing_fits() -> None:
    assert not await quick_hasher().verify(PASSWORD, None)


async def test_a_broken_hash_fits_nothing() -> None:
    assert not await quick_hasher().verify(PASSWORD, "$argon2id$not a hash")


async def test_half_a_character_is_a_password_like_any_other() -> None:
    hasher = quick_hasher()
    assert await hasher.verify("\ud800" * 10, await hasher.hash("\ud800" * 10))


async def test_todays_hash_is_argon2id_with_todays_cost() -> None:
    parameters = extract_parameters(await Argon2PasswordHasher().hash(PASSWORD))
    assert (parameters.type, parameters.memory_cost) == (Type.ID, MEMORY_KIBIBYTES)


async def test_a_hash_of_smaller_cost_is_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert Argon2PasswordHasher().is_outdated(weak)
    assert not quick_hasher().is_outdated(weak)
