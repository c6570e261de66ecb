"""Policies trained elsewhere: features from observations, and manifests that surepick takes."""

import json
import os
import pathlib
import sys
import tempfile
import unittest

import gymnasium
import numpy as np
import onnx
from onnx import TensorProto, helper

import surepick_gym
from surepick_gym.task_policy import Features, save_manifest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "examples"))
import train_torch as example


def linear_policy(file, weights, bias, chunk):
    """A network whose every action of a chunk is the same linear function of the observation."""
    size, actions = weights.shape
    make = lambda name, array: helper.make_tensor(name, TensorProto.FLOAT, array.shape, array.astype(np.float32).ravel())
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["observation", "w", "b"], ["flat"]),
            helper.make_node("Reshape", ["flat", "shape"], ["actions"]),
        ],
        "linear",
        [helper.make_tensor_value_info("observation", TensorProto.FLOAT, ["batch", size])],
        [helper.make_tensor_value_info("actions", TensorProto.FLOAT, ["batch", chunk, actions])],
        [
            make("w", np.tile(weights, chunk)),
            make("b", np.tile(bias, chunk)),
            helper.make_tensor("shape", TensorProto.INT64, [3], [-1, chunk, actions]),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)


class TaskPolicies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.envs = gymnasium.make_vec(surepick_gym.ENVIRONMENTS["pick-place"], num_envs=3, num_workers=1)

    @classmethod
    def tearDownClass(cls):
        cls.envs.close()

    def test_features_are_those_of_the_object_that_is_wanted(self):
        fields = self.envs.unwrapped.fields
        observation, _ = self.envs.reset(seed=[4, 5, 6])
        features = Features(fields, ["gripper_width", "wanted_offset", "wanted_wanted", "tool_position"])
        rows = features(observation)
        self.assertEqual((rows.shape, features.sizes), ((3, 8), (1, 3, 1, 3)))
        np.testing.assert_array_equal(rows[:, 4], 1)
        for row, vector in zip(rows, observation):
            wanted = [name for name in fields if name.endswith("_wanted") and vector[fields[name].at][0] == 1]
            self.assertEqual(len(wanted), 1)
            np.testing.assert_array_equal(row[1:4], vector[fields[wanted[0].replace("wanted", "offset")].at])
            np.testing.assert_array_equal(row[5:8], vector[fields["tool_position"].at])

    def test_what_is_no_feature_is_named_beside_those_that_are(self):
        for name in ("wanted_weight", "grasp_offset", "object0_offset "):
            with self.subTest(name), self.assertRaisesRegex(ValueError, f"feature '{name}'.*wanted_offset"):
                Features(self.envs.unwrapped.fields, ["tool_position", name])

    def test_the_example_keeps_what_the_expert_wanted_and_cuts_it_into_chunks(self):
        features = Features(self.envs.unwrapped.fields, example.NAMES)
        kept = example.demonstrate(self.envs, features, 3, 0.1, np.random.default_rng(0))
        self.assertGreater(len(kept), 0)
        told, chunks = example.samples(kept)
        self.assertEqual(told.shape, (sum(len(rows) for rows, _ in kept), features.size))
        self.assertEqual(chunks.shape, (len(told), example.CHUNK, 5))
        actions = kept[0][1]
        np.testing.assert_array_equal(chunks[0], actions[: example.CHUNK])
        np.testing.assert_array_equal(chunks[len(actions) - 1], np.repeat(actions[-1:], example.CHUNK, axis=0))

    def test_a_manifest_names_what_goes_in_and_comes_out(self):
        names = [*example.NAMES, "object1_size", "object1_offset"]
        features = Features(self.envs.unwrapped.fields, names)
        actions = self.envs.unwrapped.actions
        with tempfile.TemporaryDirectory() as folder:
            # whoever wants to play it says where it is to be
            model = pathlib.Path(os.environ.get("SUREPICK_TEST_POLICY", f"{folder}/reach.onnx"))
            reach = np.zeros((features.size, len(actions)))
            at = dict(zip(features.names, np.cumsum((0, *features.sizes))))["wanted_offset"]
            reach[at : at + 3, :3] = 5 * np.eye(3)
            linear_policy(model, reach, np.array([0, 0, 0, 0, 1.0]), 4)
            identity = {"mean": np.zeros, "scale": np.ones}
            normalisation = {
                f"{what}_{name}": make(size)
                for what, size in (("observation", features.size), ("action", len(actions)))
                for name, make in identity.items()
            }
            training = {"method": "by hand", "seed": 0, "episodes": 0, "steps": 0, "randomize": "none", "command": ""}
            path = save_manifest(model, features, actions, chunk=4, normalisation=normalisation, training=training)
            manifest = json.loads(path.read_text())
            self.assertEqual(manifest["input"]["shape"], ["batch", features.size])
            self.assertEqual([one["name"] for one in manifest["observation"]], names)
            self.assertEqual(manifest["action"], {"kind": "ee_delta", "names": list(actions)})


if __name__ == "__main__":
    unittest.main()
