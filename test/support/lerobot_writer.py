"""Writes a LeRobot set with lerobot itself: two episodes, two tasks, pictures and numbers that can be told apart."""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset

FEATURES = {
    "observation.state": {"dtype": "float32", "shape": (3,), "names": ["a.pos", "b.pos", "c.pos"]},
    "observation.load": {"dtype": "float64", "shape": (2,), "names": ["left", "right"]},
    "action": {"dtype": "float32", "shape": (2,), "names": None},
    "observation.images.top": {"dtype": "image", "shape": (24, 32, 3), "names": ["height", "width", "channels"]},
}


def main(root):
    dataset = LeRobotDataset.create("local/any", fps=20, features=FEATURES, root=root, robot_type="other", use_videos=False)
    for episode in range(2):
        for row in range(6 + episode):
            k = 10 * episode + row
            dataset.add_frame(
                {
                    "observation.state": np.array([k, 0.1 * k, -k], dtype=np.float32),
                    "observation.load": np.array([k / 3, k / 7]),
                    "action": np.array([k + 0.5, k], dtype=np.float32),
                    "observation.images.top": np.full((24, 32, 3), 10 * k, dtype=np.uint8),
                    "task": f"task {episode}",
                }
            )
        dataset.save_episode()
    if hasattr(dataset, "finalize"):
        dataset.finalize()


main(sys.argv[1])
