"""Reads what a client and PostgreSQL say to each other, to know what is committed; never changes a byte."""

import re
import struct
from collections.abc import Generator
from dataclasses import dataclass

# Codes in place of a version in the first message: encryption asked for (SSL, GSS) and the cancel of a statement.
ENCRYPTION_CODES = frozenset({80877103, 80877104})
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
COMPLETION = re.compile(rb"C\0\0\0.(?:SELECT|INSERT 0|UPDATE|DELETE) (\d+)\0", re.DOTALL)
END_BYTES = 128
# Statements that change something, the product's own functions among them.
WRITES = re.compile(
    r"\b(?:insert\s+into|update\s+\S+\s+set|delete\s+from)\b"
    r"|\b(?:job_(?!holds|doomed)\w+|event_append|worker_\w+|queue_\w+)\(",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Committed:
    """What a COMMIT ends, or a statement that `is_alone`, which is a transaction of its own."""

    sql: str
    is_alone: bool = False

    @property
    def writes(self) -> bool:
        return WRITES.search(self.sql) is not None


class ClientTalk:
    """One connection's stream from the client; `feed` answers what of it is committed."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._has_started = False
        self._prepared: dict[bytes, str] = {}
        self._transaction: list[str] = []
        self._is_in_transaction = False

    def feed(self, data: bytes) -> list[Committed]:
        """Take the bytes in; answer, for each COMMIT in them, what its transaction ran, and each statement outside."""
        self._buffer += data
        return [ended for kind, body in self._messages() if (ended := self._hear(kind, body)) is not None]

    def _messages(self) -> Generator[tuple[bytes, bytes]]:
        while True:
            head = 1 if self._has_started else 0
            if len(self._buffer) < head + 4:
                return
            (length,) = struct.unpack_from("!I", self._buffer, head)
            if len(self._buffer) < head + length:
                return
            kind, body = bytes(self._buffer[:head]), bytes(self._buffer[head + 4 : head + length])
            del self._buffer[: head + length]
            if not self._has_started:
                self._has_started = struct.unpack_from("!I", body)[0] not in ENCRYPTION_CODES
            yield kind, body

    def _hear(self, kind: bytes, body: bytes) -> Committed | None:
        if kind == b"P":
            name, sql, _ = body.split(b"\0", 2)
            self._prepared[name] = sql.decode(errors="replace")
        elif kind == b"B":
            _portal, name, _ = body.split(b"\0", 2)
            return self._run(self._prepared.get(name, ""))
        elif kind == b"Q":
            return self._run(body.rstrip(b"\0").decode(errors="replace"))
        return None

    def _run(self, sql: str) -> Committed | None:
        word = sql.strip().rstrip(";").upper()
        if word.startswith("BEGIN"):
            self._transaction.clear()
            self._is_in_transaction = True
        elif word == COMMIT:
            self._is_in_transaction = False
            return Committed("\n".join(self._transaction))
        elif word == ROLLBACK:
            self._is_in_transaction = False
        elif not self._is_in_transaction:
            return Committed(sql, is_alone=True)
        else:
            self._transaction.append(sql)
        return None


class ServerTalk:
    """The end of one connection's stream from the server, where it tells how its last statement ended."""

    def __init__(self) -> None:
        self._end = b""

    def feed(self, data: bytes) -> None:
        self._end = (self._end + data[-END_BYTES:])[-END_BYTES:]

    @property
    def rows(self) -> int:
        """How many rows the last statement answered or moved."""
        return rows_in(self._end) or 0


def rows_in(data: bytes) -> int | None:
    """How many rows the last statement that ended in these bytes answered or moved; None where none has ended."""
    completions = COMPLETION.findall(data)
    return int(completions[-1]) if completions else None
