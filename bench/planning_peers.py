"""OMPL's RRT-Connect with its own simplification, contact by Pinocchio and Coal on the hulls of the collision meshes.

planning_peers.py ROBOT.urdf SRDF|- PACKAGE_DIR PROBLEMS.json OUT.json [--every N] [--resolution RAD] [--timeout S]
OUT: [{"set", "index", "path": [[q]] or null, "planning_ms", "simplification_ms", "checks"}].
"""

import argparse
import json
import time

import numpy as np
from ompl import base as ob
from ompl import geometric as og
from ompl import util
from planning_scene import Robot, Scene


def plan(robot, problem, resolution_rad, timeout_s):
    began = time.perf_counter()
    scene = Scene(robot, problem)
    n = len(robot.lower)
    space = ob.RealVectorStateSpace(n)
    bounds = ob.RealVectorBounds(n)
    for j in range(n):
        bounds.setLow(j, min(robot.lower[j], problem["start"][j], problem["goal"][j]))
        bounds.setHigh(j, max(robot.upper[j], problem["start"][j], problem["goal"][j]))
    space.setBounds(bounds)
    setup = og.SimpleSetup(space)
    setup.setStateValidityChecker(lambda state: not scene.collides(np.array([state[j] for j in range(n)])))
    information = setup.getSpaceInformation()
    information.setStateValidityCheckingResolution(resolution_rad / space.getMaximumExtent())
    ends = []
    for name in ("start", "goal"):
        state = space.allocState()
        for j in range(n):
            state[j] = problem[name][j]
        ends.append(state)
    setup.setStartAndGoalStates(*ends)
    setup.setPlanner(og.RRTConnect(information))
    solved = setup.solve(timeout_s)
    planned = time.perf_counter()
    path = None
    if solved and setup.haveExactSolutionPath():
        setup.simplifySolution()
        path = [[state[j] for j in range(n)] for state in setup.getSolutionPath().getStates()]
    ended = time.perf_counter()
    return path, planned - began, ended - planned, scene.checks


def main():
    parser = argparse.ArgumentParser()
    for name in ("urdf", "srdf", "package_dir", "problems", "out"):
        parser.add_argument(name)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--resolution", type=float, default=0.02)
    parser.add_argument("--timeout", type=float, default=30)
    args = parser.parse_args()
    util.setLogLevel(util.LOG_ERROR)
    util.RNG.setSeed(1)
    with open(args.problems) as file:
        problems = json.load(file)
    robot = Robot(args.urdf, args.package_dir, None if args.srdf == "-" else args.srdf, problems["joints"], hulls=True)
    out = []
    for problem in problems["problems"][:: args.every]:
        path, planning_s, simplification_s, checks = plan(robot, problem, args.resolution, args.timeout)
        out.append(
            {
                "set": problem["set"],
                "index": problem["index"],
                "path": path,
                "planning_ms": 1e3 * planning_s,
                "simplification_ms": 1e3 * simplification_s,
                "checks": checks,
            }
        )
    with open(args.out, "w") as file:
        json.dump(out, file)


if __name__ == "__main__":
    main()
