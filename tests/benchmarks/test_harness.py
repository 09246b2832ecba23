"""How benchmarks are made fair, and what they say of themselves."""

import json

from benchmarks.harness import alternating, machine, medians, ratio, written


async def test_what_is_compared_takes_turns_at_going_first():
    order: list[str] = []

    def run(name: str):
        async def one() -> dict[str, float]:
            order.append(name)
            return {"seconds": len(order)}

        return one

    figures = await alternating(
        {"off": run("off"), "on": run("on")}, rounds=3, say=lambda _line: None
    )

    assert order == ["off", "on", "on", "off", "off", "on"]
    assert figures == {
        "off": [{"seconds": 1}, {"seconds": 4}, {"seconds": 5}],
        "on": [{"seconds": 2}, {"seconds": 3}, {"seconds": 6}],
    }


async def test_nothing_is_measured_after_what_did_not_come_to_its_end():
    lines: list[str] = []
    slow = iter([2.0])

    async def never() -> dict[str, float]:
        for seconds in slow:
            return {"events_per_second": seconds}
        raise TimeoutError

    async def steady() -> dict[str, float]:
        return {"events_per_second": 4.0}

    figures = await alternating({"never": never, "steady": steady}, rounds=3, say=lines.append)

    assert figures == {
        "never": [{"events_per_second": 2.0}],
        "steady": [{"events_per_second": 4.0}, {"events_per_second": 4.0}],
    }
    assert "never：未在时限内完成" in lines[-1]
    assert ratio(figures, "never", "steady") == 0.5
    assert (medians([]), ratio({"a": [], "b": []}, "a", "b")) == ({}, None)


def test_one_bad_round_does_not_move_a_median():
    assert medians([{"seconds": 1.0}, {"seconds": 1.24}, {"seconds": 90.0}]) == {"seconds": 1.2}


def test_a_ratio_is_of_runs_of_one_round_and_not_of_medians():
    def rounds(*rates: float):
        return [{"events_per_second": rate} for rate in rates]

    figures = {"ours": rounds(50, 400, 90), "floor": rounds(100, 500, 100)}

    assert ratio(figures, "ours", "floor") == 0.8


def test_results_are_kept_with_the_machine_they_were_got_on(tmp_path):
    path = tmp_path / "bench.json"

    document = written({"events": 7}, path)

    assert json.loads(path.read_text()) == document
    assert document["results"] == {"events": 7}
    assert document["machine"]["cores"] >= 1


def test_a_machine_is_described_as_far_as_figures_depend_on_it():
    assert set(machine()) == {"processor", "cores", "memory_gib", "system", "python", "load"}
