"""Gymnasium environments of surepick. Importing registers surepick/PickPlace-v0, Sort-v0, Clutter-v0 and Inspect-v0."""

from __future__ import annotations

import gymnasium

from .env import SurepickEnv
from .errors import InstallationError, ServerError, ServerTimeout
from .vector_env import SurepickVectorEnv

__version__ = "0.1.0"
__all__ = [
    "ENVIRONMENTS",
    "InstallationError",
    "ServerError",
    "ServerTimeout",
    "SurepickEnv",
    "SurepickVectorEnv",
]

#: Environment id by the task that it is.
ENVIRONMENTS = {
    "pick-place": "surepick/PickPlace-v0",
    "sort": "surepick/Sort-v0",
    "clutter": "surepick/Clutter-v0",
    "inspect": "surepick/Inspect-v0",
}

for _task, _id in ENVIRONMENTS.items():
    if _id not in gymnasium.registry:
        gymnasium.register(
            id=_id,
            entry_point="surepick_gym.env:SurepickEnv",
            vector_entry_point="surepick_gym.vector_env:SurepickVectorEnv",
            kwargs={"task": _task},
        )
