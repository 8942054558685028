"""Whether what the lab depends on answers, each by its name."""

from collections.abc import Awaitable, Callable, Mapping

from adapters.redis.connections import open_redis, translated
from bootstrap.container import Container


def dependency_checks(container: Container) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """Checks that return when the dependency answers and raise when it does not."""

    async def redis() -> None:
        client = open_redis(container.settings.redis.url.get_secret_value())
        try:
            with translated():
                await client.set("lab:health", "1", ex=60)
        finally:
            await client.aclose()

    return {"postgres": container.database.check, "redis": redis, "storage": container.store.check}
