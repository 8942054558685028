"""How rows are measured in turn and compared."""

from bench.gpu.rounds import Row, interleaved, spread, table, times


def test_rows_are_measured_in_turning_order_after_an_unseen_round() -> None:
    order: list[tuple[str, int]] = []

    def row(name: str) -> Row:
        return Row(name, lambda number: order.append((name, number)) or float(number))

    assert interleaved([row("a"), row("b")], 2) == {"a": [1.0, 2.0], "b": [1.0, 2.0]}
    assert order == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("b", 2), ("a", 2)]


def test_a_row_is_compared_with_its_peer_round_by_round() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.0 (1.0–3.0)"
    assert times([2.0, 8.0, 6.0], [1.0, 2.0, 2.0]) == "3.00 (2.00–4.00) ×"
    lines = table("Pictures", "pictures/s", {"ours": [2.0], "plain": [1.0]}, beside={"ours": "plain"})
    assert lines[-2:] == ["| ours | 2.0 (2.0–2.0) | 2.00 (2.00–2.00) × plain |", "| plain | 1.0 (1.0–1.0) |  |"]
