"""Times polylines with TOPP-RA: velocity and acceleration limits, no jerk limit, on the cubic spline through the points.

timing_peer.py IN.json OUT.json
IN: {"velocity": [rad/s], "acceleration": [rad/s2], "paths": [[[rad]]]}
OUT: [{"duration_s": number or null, "ms": time of the call}] in the order of the paths.
"""

import json
import sys
import time

import numpy as np
import toppra
from toppra import algorithm, constraint

WARM_UP = 5


def timed(points, constraints):
    began = time.perf_counter()
    legs = np.linalg.norm(np.diff(points, axis=0), axis=1)
    path = toppra.SplineInterpolator(np.concatenate([[0], np.cumsum(legs)]), points)
    instance = algorithm.TOPPRA(constraints, path, parametrizer="ParametrizeConstAccel")
    trajectory = instance.compute_trajectory()
    return (None if trajectory is None else float(trajectory.duration)), 1000 * (time.perf_counter() - began)


def main():
    toppra.setup_logging("ERROR")
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    constraints = [
        constraint.JointVelocityConstraint(np.array(given["velocity"])),
        constraint.JointAccelerationConstraint(np.array(given["acceleration"])),
    ]
    paths = [np.array(path) for path in given["paths"]]
    for path in paths[:WARM_UP]:
        timed(path, constraints)
    results = [timed(path, constraints) for path in paths]
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump([{"duration_s": duration, "ms": ms} for duration, ms in results], file)


if __name__ == "__main__":
    main()
