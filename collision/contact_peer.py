"""Contact by Pinocchio and Coal on the hulls of a robot's collision meshes, for states among problems' obstacles.

contact_peer.py ROBOT.urdf SRDF PACKAGE_DIR IN.json OUT.json
IN: {"joints", "problems" (as `surepick plan` takes them), "states": [{"problem", "q"}]}
OUT: for every state the pair in contact, or null.
"""

import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "bench"))
from planning_scene import Robot, Scene  # noqa: E402

urdf, srdf, package_dir, given, out = sys.argv[1:]
with open(given) as file:
    cases = json.load(file)
robot = Robot(urdf, package_dir, srdf, cases["joints"], hulls=True)
scenes = [Scene(robot, problem) for problem in cases["problems"]]
contacts = [scenes[state["problem"]].contact(np.array(state["q"])) for state in cases["states"]]
with open(out, "w") as file:
    json.dump([list(pair) if pair else None for pair in contacts], file)
