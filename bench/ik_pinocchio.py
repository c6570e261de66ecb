"""Tool poses drawn with Pinocchio on published robots, and solutions judged by it.

ik_pinocchio.py draw CASES SEED PANDA_URDF OUT.json   PANDA_URDF: one more Panda, by its file
    OUT: [{"name", "urdf", "package", "frame", "targets": [[x, y, z, qx, qy, qz, qw]]}], poses in the root link's frame at
    joints drawn evenly within the limits (a joint of several turns too).
ik_pinocchio.py judge IN.json OUT.json
    IN: [{"urdf", "frame", "joints": [names], "targets", "solutions": [[rad] or null]}]
    OUT: [{"position_m": [], "rotation_rad": [], "beyond_rad": []}], null where there is no solution.
"""

import json
import sys
from pathlib import Path

import cmeel.config
import numpy as np
import pinocchio as pin

SHARE = Path(cmeel.config.__file__).parents[1] / "cmeel.prefix" / "share"
ROBOTS = SHARE / "example-robot-data" / "robots"
UPSTREAM = [
    ("upstream Panda", "panda_description/urdf/panda.urdf", "panda_hand_tcp"),
    ("upstream UR5", "ur_description/urdf/ur5_robot.urdf", "tool0"),
]


def draw(cases, seed, panda, out):
    rng = np.random.default_rng(seed)
    robots = [(name, str(ROBOTS / file), frame) for name, file, frame in UPSTREAM]
    drawn = []
    for name, urdf, frame in [*robots, ("Panda", panda, "panda_hand_tcp")]:
        model = pin.buildModelFromUrdf(urdf)
        data = model.createData()
        index = model.getFrameId(frame)
        targets = []
        for _ in range(cases):
            q = rng.uniform(model.lowerPositionLimit, model.upperPositionLimit)
            pin.framesForwardKinematics(model, data, q)
            targets.append(pin.SE3ToXYZQUAT(data.oMf[index]).tolist())
        drawn.append({"name": name, "urdf": urdf, "package": str(SHARE), "frame": frame, "targets": targets})
    write(out, drawn)


def judge(given, out):
    results = []
    for robot in given:
        model = pin.buildModelFromUrdf(robot["urdf"])
        data = model.createData()
        index = model.getFrameId(robot["frame"])
        at = [model.idx_qs[model.getJointId(name)] for name in robot["joints"]]
        errors = {"position_m": [], "rotation_rad": [], "beyond_rad": []}
        for target, solution in zip(robot["targets"], robot["solutions"]):
            if solution is None:
                for values in errors.values():
                    values.append(None)
                continue
            q = pin.neutral(model)
            q[at] = solution
            pin.framesForwardKinematics(model, data, q)
            wanted = pin.XYZQUATToSE3(np.array(target))
            reached = data.oMf[index]
            errors["position_m"].append(float(np.linalg.norm(reached.translation - wanted.translation)))
            errors["rotation_rad"].append(float(np.linalg.norm(pin.log3(wanted.rotation.T @ reached.rotation))))
            below = model.lowerPositionLimit[at] - q[at]
            above = q[at] - model.upperPositionLimit[at]
            errors["beyond_rad"].append(float(max(0, below.max(), above.max())))
        results.append(errors)
    write(out, results)


def write(file, value):
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(value, stream)


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        draw(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5])
    else:
        with open(sys.argv[2], encoding="utf-8") as stream:
            judge(json.load(stream), sys.argv[3])
