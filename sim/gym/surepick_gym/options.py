"""Arguments of the environments as the simulator takes them, and the spaces that follow from them."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from .pool import Greeting, Output

#: Depth is within this, m: what lies farther than the camera sees is 0.
_FAR_M = 10.0


def server_options(
    *,
    task: str,
    engine: str,
    observation: str,
    action: str,
    randomize: str,
    objects: str,
    reward: str,
    policy_hz: int,
    image_size: tuple[int, int],
    render_size: tuple[int, int],
    expert: bool,
) -> dict[str, Any]:
    """Names of the simulator; it checks the values and says what is allowed."""
    image_height, image_width = image_size
    render_height, render_width = render_size
    return {
        "task": task,
        "engine": engine,
        "observation": observation,
        "action": action,
        "randomize": randomize,
        "objects": objects,
        "reward": reward,
        "policy_hz": policy_hz,
        "image_width": image_width,
        "image_height": image_height,
        "render_width": render_width,
        "render_height": render_height,
        "expert": bool(expert),
    }


def action_space(greeting: Greeting) -> gymnasium.spaces.Box:
    return gymnasium.spaces.Box(-1.0, 1.0, (len(greeting.actions),), np.float32)


def observation_space(greeting: Greeting, image_size: tuple[int, int]) -> gymnasium.Space[Any]:
    low = np.concatenate([field.low for field in greeting.fields])
    high = np.concatenate([field.high for field in greeting.fields])
    vector = gymnasium.spaces.Box(low, high, dtype=np.float32)
    if not greeting.cameras:
        return vector
    spaces: dict[str, gymnasium.Space[Any]] = {"proprioception": vector}
    for camera in greeting.cameras:
        spaces[f"{camera}_rgb"] = gymnasium.spaces.Box(0, 255, (*image_size, 3), np.uint8)
        spaces[f"{camera}_depth"] = gymnasium.spaces.Box(0.0, _FAR_M, (*image_size, 1), np.float32)
    return gymnasium.spaces.Dict(spaces)


def observation(greeting: Greeting, output: Output, rows: int | slice) -> Any:
    """Of one environment (int), or of several with the batch dimension first (slice). Views of the output's memory."""
    vector = output.vector[rows]
    if not greeting.cameras:
        return vector
    seen: dict[str, Any] = {"proprioception": vector}
    for k, camera in enumerate(greeting.cameras):
        seen[f"{camera}_rgb"] = output.rgb[rows, k]
        seen[f"{camera}_depth"] = output.depth[rows, k, ..., np.newaxis]
    return seen
