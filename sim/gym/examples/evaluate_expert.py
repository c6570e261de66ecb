"""How much noise on its actions does the expert stand? Success and reward over one episode in each of many worlds."""

import sys

import gymnasium
import numpy as np
import surepick_gym  # registers the environments

STEPS = 250


def evaluate(envs, noise, rng):
    """Mixes the expert's actions with random ones; `noise` is the share of the latter."""
    _, info = envs.reset(seed=1000)
    running, success, total = np.ones(envs.num_envs, bool), np.zeros(envs.num_envs, bool), np.zeros(envs.num_envs)
    for step in range(STEPS):
        random = rng.uniform(-1, 1, envs.action_space.shape)
        _, reward, terminated, truncated, info = envs.step((1 - noise) * info["expert_action"] + noise * random)
        total += np.where(running, reward, success)
        success |= running & info["success"]
        running &= ~(terminated | truncated)
        if not running.any():
            total += success * (STEPS - 1 - step)
            break
    return success.mean(), total.mean() / STEPS


if __name__ == "__main__":
    envs = gymnasium.make_vec("surepick/PickPlace-v0", num_envs=int(sys.argv[1]) if len(sys.argv) > 1 else 16)
    rng = np.random.default_rng(0)
    for noise in (0.0, 0.2, 0.4, 1.0):
        success, reward = evaluate(envs, noise, rng)
        print(f"noise {noise}: success {success:.2f}, mean reward {reward:.3f}", flush=True)
    envs.close()
