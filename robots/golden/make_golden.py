"""Dynamics of several robots by Pinocchio, to compare ours with.

    python make_golden.py                       renews golden.json (pin 4.1.0, numpy 2.2.6)
    python make_golden.py --seed N --cases M --out FILE URDF...   other states or robots

Mimic joints are taken as free joints and tied afterwards: with x = G q + g of all joints, M = G' M_tree G and
tau = G' tau_tree. Fingers are removed by editing the URDF. Random trees come from random_tree.py.
"""
import argparse
import json
import math
import pathlib
import platform
import random
import tempfile
import xml.etree.ElementTree as ET

import numpy as np
import pinocchio as pin

from random_tree import random_tree

HERE = pathlib.Path(__file__).parent
PANDA = HERE.parent / "panda" / "panda.urdf"


def without_fingers(path):
    tree = ET.parse(path)
    robot = tree.getroot()
    for joint in [j for j in robot.findall("joint") if "finger" in j.get("name")]:
        robot.remove(joint)
    for link in [l for l in robot.findall("link") if "finger" in l.get("name")]:
        robot.remove(link)
    return tree


class Reduced:
    """A Pinocchio model with its mimic joints tied, coordinates in document order."""

    def __init__(self, path):
        self.model = pin.buildModelFromUrdf(str(path), mimic=False)
        self.data = self.model.createData()
        joints = {j.get("name"): j for j in ET.parse(path).getroot().findall("joint")}
        moving = [n for n, j in joints.items() if j.get("type") != "fixed"]
        self.names = [n for n in moving if joints[n].find("mimic") is None]
        self.G = np.zeros((self.model.nv, len(self.names)))
        self.offset = np.zeros(self.model.nv)
        self.continuous = {n for n in moving if joints[n].get("type") == "continuous"}
        self.limits = []
        for n in self.names:
            limit = joints[n].find("limit")
            free = n in self.continuous
            self.limits.append((-math.pi, math.pi) if free else (float(limit.get("lower")), float(limit.get("upper"))))
        for n in moving:
            scale, shift, at = 1.0, 0.0, joints[n]
            while at.find("mimic") is not None:
                mimic = at.find("mimic")
                shift += scale * float(mimic.get("offset", 0))
                scale *= float(mimic.get("multiplier", 1))
                at = joints[mimic.get("joint")]
            row = self.model.joints[self.model.getJointId(n)].idx_v
            self.G[row, self.names.index(at.get("name"))] = scale
            self.offset[row] = shift

    def configuration(self, q):
        """Joint values to Pinocchio's q, where a continuous joint is (cos, sin)."""
        values = self.G @ q + self.offset
        full = pin.neutral(self.model)
        for j in range(1, self.model.njoints):
            joint, name = self.model.joints[j], self.model.names[j]
            value = values[joint.idx_v]
            if name in self.continuous:
                full[joint.idx_q : joint.idx_q + 2] = [math.cos(value), math.sin(value)]
            else:
                full[joint.idx_q] = value
        return full

    def case(self, q, v, tau, a, frame):
        model, data, G = self.model, self.data, self.G
        full, vf = self.configuration(q), G @ v
        M = pin.crba(model, data, full)
        M = np.triu(M) + np.triu(M, 1).T
        M = G.T @ M @ G
        zero = np.zeros(model.nv)
        bias = G.T @ pin.rnea(model, data, full, vf, zero)
        inverse = G.T @ pin.rnea(model, data, full, vf, G @ a)
        gravity = G.T @ pin.rnea(model, data, full, zero, zero)
        if model.nv == len(self.names):
            order = [self.model.joints[self.model.getJointId(n)].idx_v for n in self.names]
            full_tau = np.zeros(model.nv)
            full_tau[order] = tau
            qdd = pin.aba(model, data, full, vf, full_tau)[order]
        else:
            qdd = np.linalg.solve(M, tau - bias)
        pin.framesForwardKinematics(model, data, full)
        frames = {}
        for i, f in enumerate(model.frames):
            if f.type == pin.FrameType.BODY:
                x = pin.SE3ToXYZQUAT(data.oMf[i])
                frames[f.name] = list(x if x[6] >= 0 else np.concatenate([x[:3], -x[3:]]))
        jacobian = pin.computeFrameJacobian(
            model, data, full, model.getFrameId(frame), pin.ReferenceFrame.LOCAL_WORLD_ALIGNED
        )
        return {
            "q": list(q),
            "v": list(v),
            "tau": list(tau),
            "a": list(a),
            "expected": {
                "qdd": list(qdd),
                "tau": list(inverse),
                "mass_matrix": M.tolist(),
                "gravity": list(gravity),
                "frames": frames,
                "jacobian": (jacobian @ G).tolist(),
            },
        }


def evaluate(path, label, gripper, frame, rng, count):
    robot = Reduced(path)
    n = len(robot.names)
    cases = []
    for _ in range(count):
        q = np.array([rng.uniform(lo, hi) for lo, hi in robot.limits])
        v, tau, a = (np.array([rng.uniform(-s, s) for _ in range(n)]) for s in (2, 20, 10))
        cases.append(robot.case(q, v, tau, a, frame))
    return {"urdf": label, "gripper": gripper, "frame": frame, "joints": robot.names, "cases": cases}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=5)
    parser.add_argument("--trees", help="folder for random trees drawn from the seed, made and then evaluated")
    parser.add_argument("--out", default=str(HERE / "golden.json"))
    args = parser.parse_args()
    rng = random.Random(args.seed)
    folder = pathlib.Path(args.trees) if args.trees else HERE
    robots = []
    with tempfile.TemporaryDirectory() as scratch:
        bare = pathlib.Path(scratch) / "bare.urdf"
        without_fingers(PANDA).write(bare)
        robots.append(evaluate(PANDA, "../panda/panda.urdf", True, "panda_hand_tcp", rng, args.cases))
        robots.append(evaluate(bare, "../panda/panda.urdf", False, "panda_hand_tcp", rng, args.cases))
    robots.append(evaluate(HERE / "ur_like.urdf", "ur_like.urdf", True, "tool0", rng, args.cases))
    for k in range(4):
        path = folder / f"tree_{k}.urdf"
        text, tip = random_tree(rng, f"tree_{k}")
        path.write_text(text)
        robots.append(evaluate(path, path.name, True, tip, rng, args.cases))
    result = {
        "generator": "make_golden.py",
        "versions": {"pin": pin.__version__, "numpy": np.__version__, "python": platform.python_version()},
        "seed": args.seed,
        "robots": robots,
    }
    pathlib.Path(args.out).write_text(json.dumps(result, separators=(",", ":")) + "\n")


main()
