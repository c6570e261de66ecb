"""Contact by Pinocchio and Coal on the hulls of a robot's collision meshes, for states among problems' obstacles.

contact_peer.py ROBOT.urdf SRDF PACKAGE_DIR IN.json OUT.json
IN: {"joints", "problems" (as `surepick plan` takes them), "states": [{"problem", "q"}]}
OUT: {"contacts": for every state the pair in contact, or null; "us_per_check": of finding whether there is one}
"""

import json
import pathlib
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "bench"))
from planning_scene import Robot, Scene  # noqa: E402

urdf, srdf, package_dir, given, out = sys.argv[1:]
with open(given) as file:
    cases = json.load(file)
robot = Robot(urdf, package_dir, srdf, cases["joints"], hulls=True)
scenes = [Scene(robot, problem) for problem in cases["problems"]]
begin = time.perf_counter()
for state in cases["states"]:
    scenes[state["problem"]].collides(np.array(state["q"]))
us_per_check = 1e6 * (time.perf_counter() - begin) / len(cases["states"])
contacts = [scenes[state["problem"]].contact(np.array(state["q"])) for state in cases["states"]]
with open(out, "w") as file:
    json.dump({"contacts": [list(pair) if pair else None for pair in contacts], "us_per_check": us_per_check}, file)
