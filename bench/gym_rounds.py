"""Steps environments on request, for a benchmark that lets several of these programs take turns.

Usage: gym_rounds.py surepick|fetch. Each line of standard input, `KIND STEPS`, is answered by a line of JSON: steps,
seconds, episodes and successes. Kinds: state, pictures (84 x 84), vector (steps of all environments together).
"""

import json
import os
import sys
import time

os.environ.setdefault("MUJOCO_GL", "egl")

import gymnasium
import numpy as np

SIZE = 84
VECTOR = 16


class Surepick:
    def __init__(self, kind):
        import surepick_gym

        id = surepick_gym.ENVIRONMENTS["pick-place"]
        self.many = kind == "vector"
        observation = "rgbd" if kind == "pictures" else "state"
        self.env = gymnasium.make_vec(id, VECTOR) if self.many else gymnasium.make(id, observation=observation)
        self.info = self.env.reset(seed=0)[1]

    def step(self):
        """One step by the expert; the episodes that have ended, and those of them that succeeded."""
        _, _, terminated, truncated, self.info = self.env.step(self.info["expert_action"])
        if self.many:
            ended = terminated | truncated
            return int(ended.sum()), int((ended & self.info["success"]).sum())
        if not (terminated or truncated):
            return 0, 0
        success = int(self.info["success"])
        self.info = self.env.reset()[1]
        return 1, success


class Fetch:
    def __init__(self, kind):
        import gymnasium_robotics

        gymnasium.register_envs(gymnasium_robotics)
        self.many = False
        if kind == "vector":
            raise ValueError("no vector of its own")
        self.pictures = kind == "pictures"
        options = {"render_mode": "rgb_array", "width": SIZE, "height": SIZE} if self.pictures else {}
        self.env = gymnasium.make("FetchPickAndPlace-v4", **options)
        self.seen = self.env.reset(seed=0)[0]
        self.closed = 0
        if self.pictures:
            self.env.render()

    def step(self):
        self.seen, _, terminated, truncated, info = self.env.step(self.expert())
        if self.pictures:
            self.env.render()
        if not (terminated or truncated):
            return 0, 0
        self.seen = self.env.reset()[0]
        self.closed = 0
        return 1, int(info["is_success"] > 0)

    def expert(self):
        """Over the object, down, close, to the goal: displacements of 1 are 5 cm."""
        tool, thing = self.seen["observation"][:3], self.seen["observation"][3:6]
        near = np.linalg.norm(thing[:2] - tool[:2]) < 0.01
        if self.closed or (near and abs(thing[2] - tool[2]) < 0.01):
            self.closed += 1
            to = self.seen["desired_goal"] - thing if self.closed > 4 else np.zeros(3)
            return np.append(np.clip(10 * to, -1, 1), -1).astype(np.float32)
        to = thing + (0, 0, 0 if near else 0.06) - tool
        return np.append(np.clip(10 * to, -1, 1), 1).astype(np.float32)


def main():
    kinds = {"surepick": Surepick, "fetch": Fetch}[sys.argv[1]]
    runners = {}
    for line in sys.stdin:
        kind, steps = line.split()
        try:
            runner = runners.get(kind) or runners.setdefault(kind, kinds(kind))
            episodes = successes = 0
            started = time.perf_counter()
            for _ in range(int(steps)):
                ended, well = runner.step()
                episodes += ended
                successes += well
            seconds = time.perf_counter() - started
            taken = int(steps) * (VECTOR if runner.many else 1)
            answer = {"steps": taken, "seconds": seconds, "episodes": episodes, "successes": successes}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
