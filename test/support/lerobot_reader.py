"""Reads a LeRobot set with lerobot itself, every frame: prints one JSON object of what it saw."""

import hashlib
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset


def main(root):
    dataset = LeRobotDataset("local/any", root=root)
    digest = hashlib.sha256()
    sums, shapes, tasks, lowest, highest = {}, {}, set(), {}, {}
    for k in range(len(dataset)):
        row = dataset[k]
        assert int(row["index"]) == k, (k, int(row["index"]))
        tasks.add(row["task"])
        for key, value in row.items():
            if not hasattr(value, "numpy"):
                continue
            array = value.numpy().astype(np.float64)
            shapes[key] = list(array.shape)
            sums[key] = sums.get(key, 0.0) + float(array.sum())
            lowest[key] = min(lowest.get(key, np.inf), float(array.min()))
            highest[key] = max(highest.get(key, -np.inf), float(array.max()))
            digest.update(array.tobytes())
    meta = dataset.meta
    print(
        json.dumps(
            {
                "frames": len(dataset),
                "episodes": meta.total_episodes,
                "fps": meta.fps,
                "robot": meta.robot_type,
                "cameras": meta.camera_keys,
                "depth": getattr(meta, "depth_keys", []),
                "tasks": sorted(tasks),
                "names": meta.names.get("observation.state"),
                "stats": sorted(meta.stats),
                "sums": sums,
                "shapes": shapes,
                "lowest": lowest,
                "highest": highest,
                "sha256": digest.hexdigest(),
            }
        )
    )


main(sys.argv[1])
