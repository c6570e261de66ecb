"""Times TRAC-IK (Newton with restarts beside SQP, C++, called from Python) on tool poses.

ik_trac.py IN.json OUT.json
IN: [{"urdf", "root", "frame", "lower": [rad], "upper": [rad], "seed": [rad], "targets": [[x, y, z, qx, qy, qz, qw]]}]
OUT: [{"solutions": [[rad] or null], "us": [time of each call]}]
"""

import json
import sys
import time

import numpy as np
from trac_ik import TracIK

EPSILON, TIMEOUT_S = 1e-6, 0.02
WARM_UP = 50


def matrix(x, y, z, w):
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        robots = json.load(file)
    results = []
    for robot in robots:
        solver = TracIK(robot["root"], robot["frame"], robot["urdf"], timeout=TIMEOUT_S, epsilon=EPSILON)
        # set here, because its reader makes 0 of the soft limits that some files have
        solver.joint_limits = (robot["lower"], robot["upper"])
        seed = np.array(robot["seed"])
        poses = [(np.array(t[:3]), matrix(*t[3:])) for t in robot["targets"]]
        for position, rotation in poses[:WARM_UP]:
            solver.ik(position, rotation, seed)
        solutions, times = [], []
        for position, rotation in poses:
            began = time.perf_counter()
            found = solver.ik(position, rotation, seed)
            times.append(1e6 * (time.perf_counter() - began))
            solutions.append(None if found is None else [float(x) for x in found])
        results.append({"solutions": solutions, "us": times})
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main()
