"""What a policy that was trained elsewhere needs so that `surepick sim --policy onnx:FILE` plays it: features and a manifest."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .pool import Field

#: Units of fields as manifests name them, those of any object by the wanted one's; the others have none.
_UNITS = {
    "joint_position": "rad",
    "joint_velocity": "rad/s",
    "joint_target_offset": "rad",
    "gripper_width": "m",
    "gripper_speed": "m/s",
    "tool_position": "m",
    "tool_velocity": "m/s, rad/s",
    "tool_wrench": "N, Nm",
    "wanted_size": "m",
    "wanted_offset": "m",
    "wanted_velocity": "m/s",
    "wanted_rate": "rad/s",
    "wanted_to_goal": "m",
}


def _unit_of(name: str) -> str:
    if name.startswith("goal_"):
        return "m"
    return _UNITS.get(re.sub(r"^object\d+_", "wanted_", name), "1")


class Features:
    """Takes features by name out of observation vectors of task pick-place.

    ``wanted_offset`` and the like are those of the object that the goal asks for, whichever of the scene's it is. Features
    that only surepick itself works out (``grasp_offset``, ...; docs/policies.md) are not in the vector.

    Args:
        fields: of the environment, ``env.unwrapped.fields``.
        names: in the order in which the policy is told them.
    """

    def __init__(self, fields: Mapping[str, Field], names: Sequence[str]) -> None:
        self._fields = fields
        self.names = tuple(names)
        self._objects = [name[: -len("_wanted")] for name in fields if name.endswith("_wanted")]
        self._parts = [self._columns(name) for name in self.names]
        self.sizes = tuple(part.shape[1] for part in self._parts)
        self.size = sum(self.sizes)

    def __call__(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of features for rows of observations, rows × size."""
        flags = [vectors[:, self._fields[f"{name}_wanted"].at.start] for name in self._objects]
        wanted = np.argmax(np.stack(flags, axis=1), axis=1)
        rows = np.arange(len(vectors))[:, np.newaxis]
        parts = [vectors[rows, part[wanted if len(part) > 1 else np.zeros_like(wanted)]] for part in self._parts]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def _columns(self, name: str) -> NDArray[np.int64]:
        """Columns of a feature; a row for each object where it is of the wanted one."""
        own = [name] if name in self._fields else []
        if name.startswith("wanted_"):
            own = [f"{one}_{name[len('wanted_'):]}" for one in self._objects]
        if not own or any(one not in self._fields for one in own):
            raise ValueError(f"feature {name!r}: must be one of {', '.join(self._known())}")
        return np.array([np.arange(self._fields[one].at.start, self._fields[one].at.stop) for one in own])

    def _known(self) -> list[str]:
        first = f"{self._objects[0]}_" if self._objects else ""
        of_wanted = [f"wanted_{name[len(first):]}" for name in self._fields if first and name.startswith(first)]
        return [name for name in self._fields if not name.startswith("object")] + of_wanted


def save_manifest(
    model: str | Path,
    features: Features,
    actions: Sequence[str],
    *,
    chunk: int,
    normalisation: Mapping[str, NDArray[Any]],
    training: Mapping[str, Any],
    task: str = "pick-place",
    robot: str = "panda",
    rate_hz: int = 25,
    ensembling_decay: float = 0.05,
    licence: str = "Apache-2.0",
) -> Path:
    """Writes ``NAME.manifest.json`` beside ``NAME.onnx`` and returns its path.

    Args:
        model: network with input ``observation`` [batch, features] and output ``actions`` [batch, chunk, actions], float32.
        actions: names of the actions in order, ``env.unwrapped.actions``.
        normalisation: ``observation_mean``, ``observation_scale``, ``action_mean`` and ``action_scale``; the network is given
            (observation - mean) / scale, and its output times scale plus mean is done.
        training: ``method``, ``seed``, ``episodes``, ``steps``, ``randomize``, ``command``.
    """
    model = Path(model)
    observation = [
        {"name": name, "size": size, "unit": _unit_of(name)}
        for name, size in zip(features.names, features.sizes)
    ]
    kind = "ee_delta" if "dx" in actions else "joint"
    manifest = {
        "schema": "surepick.task_policy",
        "version": 1,
        "name": model.stem,
        "version_of_policy": "1.0.0",
        "model": model.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "licence": licence,
        "robot": robot,
        "task": task,
        "rate_hz": rate_hz,
        "input": {"name": "observation", "shape": ["batch", features.size]},
        "output": {"name": "actions", "shape": ["batch", chunk, len(actions)]},
        "observation": observation,
        "action": {"kind": kind, "names": list(actions)},
        "chunk": chunk,
        "ensembling_decay": ensembling_decay,
        **{name: np.asarray(values, np.float64).tolist() for name, values in normalisation.items()},
        "envelope_sha256": None,
        "training": {"data": [], **training},
        "metrics": {},
    }
    path = model.with_suffix(".manifest.json")
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return path
