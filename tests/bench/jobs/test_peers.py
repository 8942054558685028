import tomllib

import pytest

from bench.jobs.engines import PEERS, known, ours
from bench.jobs.workloads import WORKLOADS


@pytest.mark.parametrize("peer", known()[1:])
def test_a_peer_says_its_store_its_rows_and_its_pinned_packages(peer: str):
    said = tomllib.loads((PEERS / peer / "peer.toml").read_text())
    assert said["store"] in ("redis", "postgres")
    assert set(said.get("variants", ())) < set(said["rows"])
    assert set(said.get("remarks", {})) <= set(WORKLOADS)
    locks = ("requirements.lock", "package-lock.json")
    assert sum((PEERS / peer / lock).exists() for lock in locks) == 1


def test_one_row_of_ours_takes_part_in_every_workload():
    assert [row.name for row in ours() if not row.is_variant] == ["ours"]
