"""Clones the expert in PyTorch, writes the policy as ONNX with its manifest. pip install torch onnx; see docs/training.md.

    python examples/train_torch.py pick.onnx --demos 200
    surepick eval --policy onnx:pick.onnx --task pick-place --episodes 100
"""

import argparse
import sys

import gymnasium
import numpy as np

import surepick_gym  # registers the environments
from surepick_gym.task_policy import Features, save_manifest

NAMES = [
    *["tool_position", "tool_rotation", "tool_velocity", "gripper_width", "gripper_speed", "goal_target"],
    *["wanted_size", "wanted_class", "wanted_offset", "wanted_rotation", "wanted_touched", "wanted_to_goal"],
]
CHUNK = 10


def demonstrate(envs, features, episodes, noise, rng):
    """Episodes of the expert, of which each step's actions are disturbed: (features, what the expert wanted) of each."""
    kept = []
    for first in range(0, episodes, envs.num_envs):
        observation, info = envs.reset(seed=[1000 + first + k for k in range(envs.num_envs)])
        running = np.ones(envs.num_envs, bool)
        told, wanted = [[] for _ in running], [[] for _ in running]
        success = np.zeros(envs.num_envs, bool)
        while running.any():
            expert = info["expert_action"]
            rows = features(observation)
            for k in np.flatnonzero(running):
                told[k].append(rows[k])
                wanted[k].append(expert[k])
            disturbed = expert + noise * rng.standard_normal(expert.shape) * (np.abs(expert) < 1)
            observation, _, terminated, truncated, info = envs.step(disturbed.astype(np.float32))
            success |= running & info["success"]
            running &= ~(terminated | truncated)
        kept += [(np.array(told[k]), np.array(wanted[k])) for k in np.flatnonzero(success)]
        print(f"{len(kept)} demonstrations of {min(episodes, first + envs.num_envs)} episodes", flush=True)
    return kept[:episodes]


def samples(demonstrations):
    """Features of every step, and the chunk of actions from there on, the last one repeated."""
    told = np.concatenate([rows for rows, _ in demonstrations])
    chunks = []
    for rows, actions in demonstrations:
        ahead = np.minimum(np.arange(len(rows))[:, None] + np.arange(CHUNK), len(rows) - 1)
        chunks.append(actions[ahead])
    return told, np.concatenate(chunks).astype(np.float32)


def train(told, chunks, file, steps, seed):
    """Trains a network of two hidden layers and writes it; returns how it wants its input and output scaled."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(2)
    scale = lambda values: (values.mean(0), np.maximum(values.std(0), 1e-3))
    (mean, deviation), (action_mean, action_scale) = scale(told), scale(chunks.reshape(-1, chunks.shape[-1]))
    x = torch.from_numpy(((told - mean) / deviation).astype(np.float32))
    y = torch.from_numpy(((chunks - action_mean) / action_scale).astype(np.float32))
    wide, out = 256, chunks.shape[1] * chunks.shape[2]
    network = torch.nn.Sequential(
        *[torch.nn.Linear(x.shape[1], wide), torch.nn.Tanh(), torch.nn.Linear(wide, wide), torch.nn.Tanh()],
        *[torch.nn.Linear(wide, out), torch.nn.Unflatten(1, chunks.shape[1:])],
    )
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for step in range(1, steps + 1):
        batch = torch.randint(len(x), (256,))
        loss = torch.nn.functional.mse_loss(network(x[batch]), y[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 1000 == 0:
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    torch.onnx.export(
        network.eval(),
        (x[:1],),
        file,
        input_names=["observation"],
        output_names=["actions"],
        dynamic_axes={"observation": {0: "batch"}, "actions": {0: "batch"}},
        dynamo=False,
    )
    return {
        "observation_mean": mean,
        "observation_scale": deviation,
        "action_mean": action_mean,
        "action_scale": action_scale,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="where the network goes, NAME.onnx")
    parser.add_argument("--demos", type=int, default=200)
    parser.add_argument("--steps", type=int, default=15_000)
    parser.add_argument("--noise", type=float, default=0.15, help="disturbance of the expert's actions, standard deviation")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    envs = gymnasium.make_vec("surepick/PickPlace-v0", num_envs=20, num_workers=2)
    features = Features(envs.unwrapped.fields, NAMES)
    rng = np.random.default_rng(asked.seed)
    told, chunks = samples(demonstrate(envs, features, asked.demos, asked.noise, rng))
    actions = envs.unwrapped.actions
    envs.close()
    normalisation = train(told, chunks, asked.file, asked.steps, asked.seed)
    training = {
        "method": "behaviour cloning in PyTorch",
        "seed": asked.seed,
        "episodes": asked.demos,
        "steps": asked.steps,
        "randomize": "none",
        "command": " ".join(["python", *sys.argv]),
    }
    save_manifest(asked.file, features, actions, chunk=CHUNK, normalisation=normalisation, training=training)


if __name__ == "__main__":
    main()
