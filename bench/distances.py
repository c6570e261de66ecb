"""Distances and contact of robot states by Pinocchio and Coal, with the time that each call takes in C++.

distances.py ROBOT.urdf SRDF PACKAGE_DIR PROBLEMS.json STATES.json OUT.json
    STATES: [{"problem": number in the file, "q": [rad]}]. The robot's meshes are taken as their hulls.
    OUT: [{"distance": m, signed, "distances_us": all pairs, "collides": bool, "collides_us": until the first contact}]
"""

import json
import sys
import time

import numpy as np
import pinocchio as pin
from planning_scene import Robot, Scene

REPEAT = 5


def timed(work):
    times = []
    for _ in range(REPEAT):
        started = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - started)
    return result, 1e6 * min(times)


def main():
    urdf, srdf, package_dir, problem_file, state_file, out_file = sys.argv[1:7]
    with open(problem_file) as file:
        problems = json.load(file)
    with open(state_file) as file:
        states = json.load(file)
    robot = Robot(urdf, package_dir, srdf, problems["joints"], hulls=True)
    scenes = {}
    out = []
    for state in states:
        k = state["problem"]
        if k not in scenes:
            scenes[k] = Scene(robot, problems["problems"][k])
        scene = scenes[k]
        scene.q[robot.index] = state["q"]
        given = (scene.model, scene.data, scene.geometry, scene.placed, scene.q)
        _, distances_us = timed(lambda: pin.computeDistances(*given))
        least = min((result.min_distance for result in scene.placed.distanceResults), default=np.inf)
        collides, collides_us = timed(lambda: pin.computeCollisions(*given, True))
        out.append({"distance": least, "distances_us": distances_us, "collides": collides, "collides_us": collides_us})
    with open(out_file, "w") as file:
        json.dump(out, file)


main()
