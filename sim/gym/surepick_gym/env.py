"""One environment in a simulator process of its own."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from .options import action_space, observation, observation_space, server_options
from .pool import Field, Output, Pool


class SurepickEnv(gymnasium.Env[Any, NDArray[np.float32]]):
    """A task of surepick. Actions pass the robot's controller and safety gate; nothing goes around them.

    Args:
        task: pick-place, sort, clutter or inspect.
        observation: ``state`` (one vector, objects' poses included) or ``rgbd`` (pictures and depth of both cameras, and
            what the robot knows of itself).
        action: ``ee_delta`` (tool displacement x, y, z, yaw, and gripper) or ``joint`` (joint displacements and gripper);
            entries from -1 to 1, beyond which they are clamped.
        engine: cannon or mujoco.
        randomize: none, train or hard.
        objects: kinds of objects in the worlds: all, train or test, of which the last two have none in common.
        reward: ``dense`` (0 to 1, 1 for success) or ``sparse`` (1 for success, else 0).
        policy_hz: steps a second.
        image_size: height and width of observed pictures.
        render_size: height and width of the pictures of ``render``.
        expert: whether ``info["expert_action"]`` is computed.
        timeout_s: how long an answer of the simulator may take.
        render_mode: ``rgb_array`` or None.

    ``reset(seed=s)`` draws the world that ``surepick sim --seed s`` plays as episode 0; each reset without a seed is the
    next episode. ``options={"episode": n}`` asks for a certain one.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 25}

    def __init__(
        self,
        task: str = "pick-place",
        observation: str = "state",
        action: str = "ee_delta",
        engine: str = "cannon",
        randomize: str = "none",
        objects: str = "all",
        reward: str = "dense",
        policy_hz: int = 25,
        image_size: tuple[int, int] = (84, 84),
        render_size: tuple[int, int] = (240, 320),
        expert: bool = True,
        timeout_s: float = 60.0,
        render_mode: str | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode {render_mode!r}: rgb_array or None")
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "render_fps": policy_hz}
        options = server_options(
            task=task,
            engine=engine,
            observation=observation,
            action=action,
            randomize=randomize,
            objects=objects,
            reward=reward,
            policy_hz=policy_hz,
            image_size=image_size,
            render_size=render_size,
            expert=expert,
        )
        self._pool = Pool(options, 1, 1, "disabled", timeout_s)
        self._greeting = self._pool.greeting
        self.action_space = action_space(self._greeting)
        self.observation_space = observation_space(self._greeting, image_size)
        self._columns = {name: k for k, name in enumerate(self._greeting.status)}
        self._seeded = False
        self._running = False

    @property
    def fields(self) -> dict[str, Field]:
        """Parts of the observation vector (of ``proprioception`` with pictures) by name, with units and frames."""
        return {field.name: field for field in self._greeting.fields}

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of an action's entries, in order."""
        return self._greeting.actions

    @property
    def step_limit(self) -> int:
        """Steps after which an episode is truncated."""
        return self._greeting.step_limit

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        episode = read_episode(options)
        if seed is None and not self._seeded:
            seed = draw_seed(self.np_random)
        output = self._pool.reset([(0, seed, episode)])
        self._seeded = True
        self._running = True
        return observation(self._greeting, output, 0), self._info(output)

    def step(self, action: NDArray[np.float32]) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if not self._running:
            raise ResetNeeded("the episode has not begun or is over: call reset")
        actions = np.asarray(action, np.float32)
        if actions.shape != self.action_space.shape:
            raise ValueError(f"action of shape {actions.shape}: must be {self.action_space.shape}")
        output, _ = self._pool.step(actions[np.newaxis])
        row = output.table[0]
        terminated = bool(row[self._columns["terminated"]])
        truncated = bool(row[self._columns["truncated"]])
        self._running = not (terminated or truncated)
        reward = float(row[self._columns["reward"]])
        return observation(self._greeting, output, 0), reward, terminated, truncated, self._info(output)

    def render(self) -> NDArray[np.uint8] | None:
        if self.render_mode is None:
            gymnasium.logger.warn("render() without a render mode: make the environment with render_mode='rgb_array'")
            return None
        if not self._seeded:
            raise ResetNeeded("nothing to render before reset")
        return self._pool.render(0)

    def close(self) -> None:
        self._running = False
        self._pool.close()

    def _info(self, output: Output) -> dict[str, Any]:
        row = output.table[0]
        columns = self._columns
        success = bool(row[columns["success"]])
        info: dict[str, Any] = {
            "success": success,
            "is_success": success,
            "failure_stage": self._greeting.stages[int(row[columns["failed_stage"]])],
            "time_s": float(row[columns["time_s"]]),
            "interventions": int(row[columns["interventions"]]),
            "seed": int(row[columns["seed"]]),
            "episode": int(row[columns["episode"]]),
        }
        if self._greeting.expert:
            info["expert_action"] = output.expert[0]
        return info


def read_episode(options: dict[str, Any] | None) -> int | None:
    """The episode that reset options ask for; ValueError for options that there are not."""
    options = dict(options or {})
    episode = options.pop("episode", None)
    if options:
        raise ValueError(f"reset options {sorted(options)}: only 'episode' is known")
    if episode is not None and (isinstance(episode, bool) or not isinstance(episode, (int, np.integer)) or episode < 0):
        raise ValueError(f"episode {episode!r}: an integer of at least 0")
    return None if episode is None else int(episode)


def draw_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
