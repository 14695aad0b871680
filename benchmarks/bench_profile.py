"""Reading and validating one profile beside rendering its set, warm: ``python benchmarks/bench_profile.py [ROUNDS]``.

All in one process after a first run; the parts in turn, medians.
"""

from __future__ import annotations

import sys

import measuring
from measuring import PROFILE, verdict, warm_in_turn

from toolkit import checks, generate, profile, resolve
from toolkit.build import build
from toolkit.numbering import number_set


def main(rounds: int) -> int:
    prepared = generate.prepare(PROFILE)
    preset, resolved, built = prepared.preset, prepared.resolved, prepared.built
    assert preset and resolved and built
    values = profile.validate(prepared.profile, preset.params).values
    labels = number_set(built.set)
    medians = warm_in_turn(
        {
            "read and validate the profile": lambda: profile.validate(profile.read_profile(PROFILE), preset.params),
            "resolve": lambda: resolve.resolve(preset, values),
            "build the tree": lambda: build(resolved),
            "number": lambda: number_set(built.set),
            "check": lambda: checks.run(checks.Context(preset, resolved, built, labels, {})),
            "render the set": lambda: generate.render(prepared),
        },
        rounds,
    )
    print(f"one unit, {len(built.set.documents)} documents, warm, {rounds} rounds in turn, medians")
    for name, spent in medians.items():
        print(f"{name:<34}{spent:>8.2f} ms")
    fine = medians["read and validate the profile"] < medians["render the set"]
    print(f"target: reading and validating costs less than rendering: {verdict(fine)}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(measuring.rounds_given(15)))
