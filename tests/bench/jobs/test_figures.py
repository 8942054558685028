from bench.jobs.engines import Row
from bench.jobs.measures import latencies, quantile, rate, throughput, waits_ms
from bench.jobs.notes import Notes
from bench.jobs.peers.driver import Plan
from bench.jobs.report import Figures, spread

PLAN = Plan(first=5, count=4)
ROW = Row("an engine", "engine", "D1", "late", ())


def notes(*lines: str) -> Notes:
    found = Notes()
    for line in lines:
        found.add(line)
    return found


def test_a_quantile_of_few_values_is_one_of_them():
    values = [float(n) for n in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (51.0, 100.0, 7.0)


def test_a_job_that_ended_twice_is_done_once_and_doubled():
    found = notes("e 5 10", "e 5 20", "e 6 30", "e 99 40")
    assert (found.done(PLAN), found.doubled(PLAN), found.first("e", PLAN)) == (2, 1, {5: 10, 6: 30})


def test_a_job_that_was_started_again_by_another_worker_has_not_begun_twice():
    found = notes("s 5 10", "s 5 20", "s 6 30")
    assert (found.begun(PLAN), found.begun_again(PLAN), found.doubled(PLAN)) == (2, 1, 0)


def test_a_rate_is_counted_from_the_first_end_to_the_last():
    found = notes(*(f"e {number} {number * 1_000_000_000}" for number in range(5, 9)))
    assert rate(found, PLAN) == 1.0


def test_throughput_counts_the_bunch_that_comes_first():
    found = notes("s 5 0", "s 6 0", "e 5 1000000000", "e 6 1000000000")
    assert throughput(found, Plan(first=5, count=2)) == 2.0


def test_a_wait_is_counted_from_the_planned_moment_not_from_the_acceptance():
    found = notes("p 5 0", "q 5 3000000", "s 5 5000000", "p 6 0", "q 6 9000000", "s 6 7000000")
    assert latencies(found, PLAN, {"p50 ms": 0.5}) == {"p50 ms": 7.0}
    assert waits_ms(found, PLAN, since="q") == [2.0, 0.0]


def test_a_cell_says_why_it_has_no_figure():
    figures = Figures()
    figures.add("W5", ROW, {"backlog jobs/s": 10.0})
    figures.fail("W8", ROW, "the sender said nothing")
    plain = Row("a plain engine", "engine", "D1", "late", (), has_priorities=False)
    variant = Row("a variant", "engine", "D1", "late", (), is_variant=True)
    assert figures.cell("W5", ROW, "backlog jobs/s") == "10"
    assert figures.cell("W8", ROW, "lost") == "not measured"
    assert figures.cell("W5", plain, "urgent p50 ms") == "no priorities"
    assert figures.cell("W5", variant, "urgent p50 ms") == "left out"


def test_a_spread_shows_the_median_between_the_least_and_the_most():
    assert spread([3.0, 1.0, 2.5]) == "2.5 (1.0–3.0)"
    assert spread([1234.4]) == "1,234"
