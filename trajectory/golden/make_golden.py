"""Draws motions, plans them with Ruckig, and writes both. Needs the package ruckig.

    python make_golden.py --out golden.json            renews the golden results beside this script
    python make_golden.py --seed 7 --cases 1000 --timing --out FILE

Sets of 7 joints under the Panda's limits: `full` (any states), `jerk20` (a twentieth of the jerk), `short` (targets
within 10 mrad), `rest` (rest to rest), `velocity` (to a velocity at any position), and `grid`: one joint with velocities
and accelerations at 0, 1e-9, 1/4, 1/2 and 1 of the limits and tiny distances. `end_error` is the worst miss of Ruckig's
own end state; a duration is null where Ruckig found none.
"""

import argparse
import json
import random
import time

import ruckig

V = [2.175] * 4 + [2.61] * 3
A = [15, 7.5, 10, 12.5, 15, 20, 20]
J = [7500, 3750, 5000, 6250, 7500, 10000, 10000]
PARTS = [0, 1e-9, -1e-9, 0.25, -0.25, 0.5, -0.5, 1, -1]
DISTANCES = [0, 1e-9, -1e-9, 1e-6, -1e-6, 0.01, -0.01, 1, -1]
SETS = ["full", "jerk20", "short", "rest", "velocity"]


def state(rng, k, jerk):
    """Velocity and acceleration from which, and to which, the velocity limit is kept."""
    a = rng.uniform(-A[k], A[k])
    room = V[k] - a * a / (2 * jerk)
    return (rng.uniform(-room, room), a) if room > 0 else (0.0, 0.0)


def draw(rng, name):
    jerk = [j / 20 if name == "jerk20" else j for j in J]
    case = {"p0": [], "v0": [], "a0": [], "p1": [], "v1": [], "a1": []}
    for k in range(7):
        p0 = rng.uniform(-2.5, 2.5)
        p1 = p0 + rng.uniform(-0.01, 0.01) if name == "short" else rng.uniform(-2.5, 2.5)
        (v0, a0), (v1, a1) = [(0.0, 0.0)] * 2 if name == "rest" else (state(rng, k, jerk[k]), state(rng, k, jerk[k]))
        for field, value in zip(case, (p0, v0, a0, p1, v1, a1)):
            case[field].append(value)
    return case


def limits(name):
    if name == "grid":
        return {"vmax": V[1:2], "amax": A[1:2], "jmax": J[1:2]}
    return {"vmax": V, "amax": A, "jmax": [j / 20 if name == "jerk20" else j for j in J]}


def grid(every):
    v, a, _ = V[1], A[1], J[1]
    number = 0
    for v0 in PARTS:
        for a0 in PARTS:
            for v1 in PARTS:
                for a1 in PARTS:
                    for d in DISTANCES:
                        number += 1
                        if number % every == 0:
                            values = (0.0, v0 * v, a0 * a, d, v1 * v, a1 * a)
                            yield {f: [x] for f, x in zip(("p0", "v0", "a0", "p1", "v1", "a1"), values)}


def parameter(case, bounds, velocity):
    inp = ruckig.InputParameter(len(case["p0"]))
    inp.current_position, inp.current_velocity, inp.current_acceleration = case["p0"], case["v0"], case["a0"]
    inp.target_position, inp.target_velocity, inp.target_acceleration = case["p1"], case["v1"], case["a1"]
    inp.max_velocity, inp.max_acceleration, inp.max_jerk = bounds["vmax"], bounds["amax"], bounds["jmax"]
    if velocity:
        inp.control_interface = ruckig.ControlInterface.Velocity
    return inp


def calculate(otg, inp, trajectory):
    try:
        return otg.calculate(inp, trajectory).value >= 0
    except ruckig.RuckigError:
        return False


def end_error(case, trajectory, velocity):
    p, v, a = trajectory.at_time(trajectory.duration)
    position = 0 if velocity else max(abs(x - y) for x, y in zip(p, case["p1"]))
    return max(position, max(abs(x - y) for x, y in zip(v, case["v1"])), max(abs(x - y) for x, y in zip(a, case["a1"])))


def replan(rng, otg, cases, bounds, times):
    """How often the remainder of an own trajectory, planned anew, takes 1 ms longer than what was left of it."""
    n = len(bounds["vmax"])
    first, second = ruckig.Trajectory(n), ruckig.Trajectory(n)
    count = late = failed = 0
    for case in cases:
        if not calculate(otg, parameter(case, bounds, False), first):
            continue
        for _ in range(times):
            t = rng.uniform(0, first.duration)
            p, v, a = first.at_time(t)
            count += 1
            if not calculate(otg, parameter(dict(case, p0=p, v0=v, a0=a), bounds, False), second):
                failed += 1
            elif second.duration > first.duration - t + 1e-3:
                late += 1
    return {"count": count, "late": late, "failed": failed}


def timing(otg, inputs, n):
    trajectory = ruckig.Trajectory(n)
    for inp in inputs[:200]:
        calculate(otg, inp, trajectory)
    each = []
    for inp in inputs:
        started = time.perf_counter_ns()
        calculate(otg, inp, trajectory)
        each.append((time.perf_counter_ns() - started) / 1e3)
    batches = []
    for _ in range(3):
        started = time.perf_counter_ns()
        for inp in inputs:
            calculate(otg, inp, trajectory)
        batches.append((time.perf_counter_ns() - started) / 1e3 / len(inputs))
    started = time.perf_counter_ns()
    for _ in inputs:
        otg.reset()
    overhead = (time.perf_counter_ns() - started) / 1e3 / len(inputs)
    each.sort()
    at = lambda part: each[min(len(each) - 1, int(part * len(each)))]
    return {
        "mean_us": min(batches),
        "median_us": at(0.5),
        "p999_us": at(0.999),
        "max_us": each[-1],
        "call_overhead_us": overhead,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=40, help="of each set")
    parser.add_argument("--sets", default=",".join(SETS + ["grid"]))
    parser.add_argument("--grid-every", type=int, default=131)
    parser.add_argument("--timing", action="store_true")
    parser.add_argument("--replans", type=int, default=0, help="of each case")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    sets = []
    for name in args.sets.split(","):
        rng = random.Random(f"{args.seed} {name}")
        bounds, velocity = limits(name), name == "velocity"
        cases = list(grid(args.grid_every)) if name == "grid" else [draw(rng, name) for _ in range(args.cases)]
        n = len(bounds["vmax"])
        otg, trajectory = ruckig.Ruckig(n), ruckig.Trajectory(n)
        inputs = [parameter(case, bounds, velocity) for case in cases]
        entry = {"name": name, "velocity": velocity, "limits": bounds, "cases": cases, "durations": [], "end_errors": []}
        for case, inp in zip(cases, inputs):
            found = calculate(otg, inp, trajectory)
            entry["durations"].append(trajectory.duration if found else None)
            entry["end_errors"].append(end_error(case, trajectory, velocity) if found else None)
        if args.timing:
            entry["timing"] = timing(otg, inputs, n)
        if args.replans and not velocity:
            entry["replans"] = replan(rng, otg, cases, bounds, args.replans)
        sets.append(entry)
    with open(args.out, "w") as file:
        json.dump({"seed": args.seed, "ruckig": ruckig.__version__, "sets": sets}, file)
        file.write("\n")


main()
