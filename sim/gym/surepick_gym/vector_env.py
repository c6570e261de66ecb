"""Many environments over a pool of simulator processes."""

from __future__ import annotations

import os
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from .env import SurepickEnv, draw_seed, read_episode
from .options import action_space, observation, observation_space, server_options
from .pool import Field, Output, Pool

_MODES = {
    AutoresetMode.NEXT_STEP: "next_step",
    AutoresetMode.SAME_STEP: "same_step",
    AutoresetMode.DISABLED: "disabled",
}


class SurepickVectorEnv(VectorEnv[Any, NDArray[np.float32], NDArray[Any]]):
    """`num_envs` environments; arguments as of SurepickEnv, and what follows. Results do not depend on `num_workers`.

    Args:
        num_envs: number of environments.
        num_workers: simulator processes they are spread over; as many as there are cores, and environments, by default.
        autoreset_mode: NEXT_STEP, SAME_STEP or DISABLED (an AutoresetMode or its value).
    """

    def __init__(
        self,
        num_envs: int = 1,
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
        num_workers: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    ) -> None:
        super().__init__()
        if num_envs < 1:
            raise ValueError(f"num_envs {num_envs}: at least 1")
        if render_mode is not None and render_mode not in SurepickEnv.metadata["render_modes"]:
            raise ValueError(f"render_mode {render_mode!r}: rgb_array or None")
        mode = AutoresetMode(autoreset_mode)
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.metadata = {**SurepickEnv.metadata, "render_fps": policy_hz, "autoreset_mode": mode}
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
        workers = min(num_envs, _cores()) if num_workers is None else num_workers
        self._mode = mode
        self._pool = Pool(options, num_envs, workers, _MODES[mode], timeout_s)
        self._greeting = self._pool.greeting
        self.single_action_space = action_space(self._greeting)
        self.single_observation_space = observation_space(self._greeting, image_size)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._columns = {name: k for k, name in enumerate(self._greeting.status)}
        self._stages = np.array(self._greeting.stages, dtype=object)
        self._last: Output | None = None

    @property
    def fields(self) -> dict[str, Field]:
        """Parts of the observation vector by name, with units and frames."""
        return {field.name: field for field in self._greeting.fields}

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of an action's entries, in order."""
        return self._greeting.actions

    def reset(
        self,
        *,
        seed: int | list[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Of all environments, or of those in ``options["reset_mask"]``; environment i of an int seed gets seed + i."""
        super().reset(seed=seed if isinstance(seed, int) else None)
        options = dict(options or {})
        mask = self._mask(options.pop("reset_mask", None))
        episode = read_episode(options)
        seeds = self._seeds(seed)
        orders = [(i, seeds[i], episode) for i in range(self.num_envs) if mask[i]]
        self._last = self._pool.reset(orders, None if mask.all() else self._last)
        infos: dict[str, Any] = {}
        self._tell(infos, self._last, mask)
        return observation(self._greeting, self._last, slice(None)), infos

    def step(
        self, actions: NDArray[np.float32]
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        batch = np.ascontiguousarray(actions, np.float32)
        if batch.shape != self.action_space.shape:
            raise ValueError(f"actions of shape {batch.shape}: must be {self.action_space.shape}")
        output, finals = self._pool.step(batch)
        self._last = output
        infos: dict[str, Any] = {}
        if finals is not None:
            self._tell_finals(infos, output, finals)
        self._tell(infos, output, np.ones(self.num_envs, np.bool_))
        return (
            observation(self._greeting, output, slice(None)),
            self._column(output, "reward").copy(),
            self._column(output, "terminated") != 0,
            self._column(output, "truncated") != 0,
            infos,
        )

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        if self.render_mode is None:
            gymnasium.logger.warn("render() without a render mode: make the environments with render_mode='rgb_array'")
            return None
        return tuple(self._pool.render(i) for i in range(self.num_envs))

    def close_extras(self, **kwargs: Any) -> None:
        if hasattr(self, "_pool"):
            self._pool.close()

    def _column(self, output: Output, name: str) -> NDArray[np.float64]:
        return output.table[:, self._columns[name]]

    def _mask(self, mask: Any) -> NDArray[np.bool_]:
        if mask is None:
            return np.ones(self.num_envs, np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,) or not mask.any():
            raise ValueError(f"reset_mask {mask!r}: a bool array of shape ({self.num_envs},) with at least one True")
        if self._last is None and not mask.all():
            raise ValueError("reset_mask before the first reset: reset all environments first")
        return mask

    def _seeds(self, seed: int | list[int | None] | None) -> list[int | None]:
        if seed is None:
            first = self._last is None
            return [draw_seed(self.np_random) if first else None for _ in range(self.num_envs)]
        if isinstance(seed, (int, np.integer)):
            return [int(seed) + i for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ValueError(f"{len(seed)} seeds: one for each of {self.num_envs} environments")
        return list(seed)

    def _tell(self, infos: dict[str, Any], output: Output, mask: NDArray[np.bool_]) -> None:
        """Adds what info tells of every environment in `mask`, as arrays with their masks."""
        success = self._column(output, "success") != 0
        told: dict[str, NDArray[Any]] = {
            "success": success,
            "is_success": success.copy(),
            "failure_stage": self._stages[self._column(output, "failed_stage").astype(np.intp)],
            "time_s": self._column(output, "time_s").copy(),
            "interventions": self._column(output, "interventions").astype(np.int64),
            "seed": self._column(output, "seed").astype(np.int64),
            "episode": self._column(output, "episode").astype(np.int64),
        }
        if self._greeting.expert:
            told["expert_action"] = output.expert
        for key, values in told.items():
            infos[key] = values
            infos[f"_{key}"] = mask.copy()

    def _tell_finals(self, infos: dict[str, Any], output: Output, finals: Output) -> None:
        """Last observations and infos of episodes that ended in this step, in the places of their environments."""
        mask = self._column(output, "final") != 0
        final_obs = np.full(self.num_envs, None, dtype=object)
        full = Output(*(np.zeros_like(values) for values in vars(output).values()))
        for row, i in enumerate(np.flatnonzero(mask)):
            final_obs[i] = observation(self._greeting, finals, row)
            for values, places in zip(vars(finals).values(), vars(full).values()):
                places[i] = values[row]
        final_info: dict[str, Any] = {}
        self._tell(final_info, full, mask)
        infos.update(final_obs=final_obs, _final_obs=mask.copy(), final_info=final_info, _final_info=mask.copy())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
