"""An independent check of planned paths: Pinocchio and Coal on the collision meshes, every 0.005 rad along every edge.

planning_check.py ROBOT.urdf SRDF|- PACKAGE_DIR PROBLEMS.json PATHS.json OUT.json [--resolution RAD]
OUT: [{"set", "index", "states", "valid", "why"}] for every path that is not null. A path is valid when it begins at
the problem's start and ends at its goal within 1e-3 rad, holds the joint limits, and touches nothing it may not.
"""

import argparse
import json

import numpy as np
from planning_scene import Robot, Scene

END_RAD = 1e-3
LIMIT_RAD = 1e-9


def check(robot, problem, path, resolution_rad):
    path = np.array(path)
    for name, q in (("start", path[0]), ("goal", path[-1])):
        gap = np.abs(q - problem[name]).max()
        if gap > END_RAD:
            return 0, f"{name} missed by {gap:.2g} rad"
    outside = np.maximum(robot.lower - path, path - robot.upper).max()
    if outside > LIMIT_RAD:
        return 0, f"beyond a joint limit by {outside:.2g} rad"
    scene = Scene(robot, problem)
    for k, (a, b) in enumerate(zip(path[:-1], path[1:])):
        pieces = max(1, int(np.ceil(np.linalg.norm(b - a) / resolution_rad)))
        for i in range(0 if k == 0 else 1, pieces + 1):
            q = a + (b - a) * i / pieces
            pair = scene.contact(q)
            if pair:
                return scene.checks, f"{pair[0]} touches {pair[1]} on edge {k} at {i / pieces:.4f}"
    return scene.checks, ""


def main():
    parser = argparse.ArgumentParser()
    for name in ("urdf", "srdf", "package_dir", "problems", "paths", "out"):
        parser.add_argument(name)
    parser.add_argument("--resolution", type=float, default=0.005)
    args = parser.parse_args()
    with open(args.problems) as file:
        problems = json.load(file)
    srdf = None if args.srdf == "-" else args.srdf
    robot = Robot(args.urdf, args.package_dir, srdf, problems["joints"])
    by_name = {(p["set"], p["index"]): p for p in problems["problems"]}
    with open(args.paths) as file:
        paths = json.load(file)
    out = []
    for each in paths:
        if each["path"] is None:
            continue
        key = (each["set"], each["index"])
        states, why = check(robot, by_name[key], each["path"], args.resolution)
        out.append({"set": key[0], "index": key[1], "states": states, "valid": why == "", "why": why})
    with open(args.out, "w") as file:
        json.dump(out, file)


if __name__ == "__main__":
    main()
