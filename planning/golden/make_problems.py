"""Random planning problems of the upstream UR5 among boxes, cylinders and spheres, each of which OMPL can solve.

make_problems.py OUT.json [--count N] [--seed S]
Needs the packages that bench/planning_environment.ts names. Ends are free by CLEARANCE_M on the hulls of the collision
meshes; most are not joined by a straight line. Renew ur5_problems.json: make_problems.py ur5_problems.json
"""

import argparse
import json
import sys
from pathlib import Path

import cmeel.config
import numpy as np
import pinocchio as pin
from ompl import util

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
from planning_peers import plan  # noqa: E402
from planning_scene import Robot, Scene  # noqa: E402

SHARE = Path(cmeel.config.__file__).parents[1] / "cmeel.prefix" / "share"
UR = SHARE / "example-robot-data" / "robots" / "ur_description"
CLEARANCE_M = 0.005
STRAIGHT_PART = 0.2
JOINTS = [f"{name}_joint" for name in ("shoulder_pan", "shoulder_lift", "elbow", "wrist_1", "wrist_2", "wrist_3")]


def obstacle(rng, number):
    turn = rng.normal(size=4)
    reach, angle = rng.uniform(0.35, 0.85), rng.uniform(-np.pi, np.pi)
    at = [reach * np.cos(angle), reach * np.sin(angle), rng.uniform(0, 0.8)]
    out = {"id": f"obstacle{number}", "position": at, "orientation": list(turn / np.linalg.norm(turn))}
    kind = rng.choice(["box", "cylinder", "sphere"])
    out["type"] = str(kind)
    if kind == "box":
        out["size"] = list(rng.uniform(0.05, 0.4, size=3))
    elif kind == "cylinder":
        out |= {"radius": rng.uniform(0.02, 0.12), "length": rng.uniform(0.1, 0.6)}
    else:
        out["radius"] = rng.uniform(0.04, 0.15)
    return out


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(float(value), 6) if isinstance(value, float) else value


def clear(scene, q):
    if scene.collides(q):
        return False
    pin.computeDistances(scene.model, scene.data, scene.geometry, scene.placed, scene.q)
    return min(result.min_distance for result in scene.placed.distanceResults) > CLEARANCE_M


def free_position(scene, rng):
    for _ in range(2000):
        q = np.round(rng.uniform(-np.pi, np.pi, size=len(JOINTS)), 6)
        if clear(scene, q):
            return q
    return None


def straight(scene, a, b):
    steps = int(np.ceil(np.linalg.norm(b - a) / 0.02))
    return not any(scene.collides(a + (b - a) * i / steps) for i in range(steps + 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    util.setLogLevel(util.LOG_ERROR)
    util.RNG.setSeed(1)
    rng = np.random.default_rng(args.seed)
    robot = Robot(str(UR / "urdf" / "ur5_robot.urdf"), str(SHARE), str(UR / "srdf" / "ur5.srdf"), JOINTS, hulls=True)
    table = {"id": "table", "type": "box", "position": [0, 0, -0.06], "orientation": [0, 0, 0, 1], "size": [1.6, 1.6, 0.1]}
    problems, direct = [], 0
    while len(problems) < args.count:
        obstacles = [table] + [rounded(obstacle(rng, i)) for i in range(rng.integers(3, 10))]
        problem = {"set": "ur5_random", "index": len(problems), "obstacles": obstacles}
        scene = Scene(robot, problem)
        start, goal = free_position(scene, rng), free_position(scene, rng)
        if start is None or goal is None:
            continue
        is_straight = straight(scene, start, goal)
        if is_straight and direct >= STRAIGHT_PART * args.count:
            continue
        problem = {"set": problem["set"], "index": problem["index"], "start": start.tolist(), "goal": goal.tolist()}
        problem["obstacles"] = obstacles
        if plan(robot, problem, 0.01, 5)[0] is None:
            continue
        direct += is_straight
        problems.append(problem)
    with open(args.out, "w") as file:
        json.dump({"robot": "ur5", "joints": JOINTS, "problems": problems}, file, separators=(",", ":"))
        file.write("\n")


main()
