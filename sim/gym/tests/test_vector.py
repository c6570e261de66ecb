"""Many environments: the same results whatever the number of processes, and the standard ways to reset."""

import unittest
import warnings

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import surepick_gym

ID = surepick_gym.ENVIRONMENTS["pick-place"]
COUNT = 3


def make(mode=AutoresetMode.NEXT_STEP, workers=2, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return gymnasium.make_vec(ID, COUNT, autoreset_mode=mode, num_workers=workers, policy_hz=5, **kwargs)


def actions(count, shape):
    """Random actions for `count` steps."""
    rng = np.random.default_rng(7)
    return rng.uniform(-1, 1, (count, *shape)).astype(np.float32)


class ManyEnvironments(unittest.TestCase):
    def same(self, a, b, where):
        if isinstance(a, dict):
            self.assertEqual(set(a), set(b), where)
            for key in a:
                self.same(a[key], b[key], f"{where}.{key}")
        elif isinstance(a, np.ndarray) and a.dtype == object:
            for k, (x, y) in enumerate(zip(a, b, strict=True)):
                self.same(x, y, f"{where}[{k}]")
        else:
            np.testing.assert_array_equal(a, b, where)

    def test_results_are_those_of_gymnasiums_own_vector_with_any_number_of_processes(self):
        singles = [gymnasium.make(ID, policy_hz=5) for _ in range(COUNT)]
        for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
            expected = SyncVectorEnv([lambda env=env: env for env in singles], autoreset_mode=mode)
            others = [make(mode, workers) for workers in (1, 2)]
            observations = [env.reset(seed=11) for env in (expected, *others)]
            for k, other in enumerate(observations[1:]):
                self.same(observations[0][0], other[0], f"{mode} reset {k}")
                self.infos(observations[0][1], other[1], f"{mode} reset {k} info")
            # Longer than an episode, so that every environment is reset once.
            ended = 0
            for step, batch in enumerate(actions(108, expected.action_space.shape)):
                results = [env.step(batch) for env in (expected, *others)]
                ended += int((results[0][2] | results[0][3]).sum())
                for k, other in enumerate(results[1:]):
                    for name, a, b in zip(("obs", "reward", "terminated", "truncated"), results[0], other):
                        self.same(a, b, f"{mode} {k} step {step} {name}")
                    self.infos(results[0][4], other[4], f"{mode} {k} step {step} info")
            self.assertGreaterEqual(ended, COUNT)
            for env in others:
                env.close()
        for env in singles:
            env.close()

    def infos(self, expected, got, where):
        """Ours tells of every environment in every step; entries that Gymnasium masks out do not count."""
        for key, values in expected.items():
            if key.startswith("_"):
                np.testing.assert_array_equal(values, got[key], f"{where} {key}")
            elif key == "final_info":
                self.infos(values, got[key], f"{where} {key}")
            else:
                mask = expected[f"_{key}"]
                for i in np.flatnonzero(mask):
                    self.same(values[i], got[key][i], f"{where} {key}[{i}]")

    def test_without_autoreset_the_caller_resets_those_that_have_ended(self):
        env = make(AutoresetMode.DISABLED)
        env.reset(seed=3)
        still = np.zeros(env.action_space.shape, np.float32)
        truncated = np.zeros(COUNT, bool)
        while not truncated.any():
            observation, _, _, truncated, infos = env.step(still)
        self.assertTrue(truncated.all())
        self.assertEqual(list(infos["failure_stage"]), ["timeout"] * COUNT)
        with self.assertRaisesRegex(ValueError, "reset it first"):
            env.step(still)
        mask = np.array([True, False, True])
        after, infos = env.reset(options={"reset_mask": mask})
        np.testing.assert_array_equal(after[1], observation[1])
        self.assertFalse(np.array_equal(after[0], observation[0]))
        np.testing.assert_array_equal(infos["_episode"], mask)
        np.testing.assert_array_equal(infos["episode"][mask], [1, 1])
        with self.assertRaisesRegex(ValueError, "environment 1"):
            env.step(still)
        env.reset(options={"reset_mask": ~mask})
        env.step(still)
        env.close()

    def test_pictures_come_batched_and_each_environment_renders(self):
        env = make(observation="rgbd", image_size=(32, 48), render_mode="rgb_array")
        observation, _ = env.reset(seed=[4, 4, 9])
        self.assertIn(observation, env.observation_space)
        self.assertEqual(observation["wrist_rgb"].shape, (COUNT, 32, 48, 3))
        np.testing.assert_array_equal(observation["overview_rgb"][0], observation["overview_rgb"][1])
        self.assertFalse(np.array_equal(observation["overview_rgb"][0], observation["overview_rgb"][2]))
        frames = env.render()
        self.assertEqual([frame.shape for frame in frames], [(240, 320, 3)] * COUNT)
        env.close()

    def test_wrong_use_is_refused(self):
        for kwargs in ({"num_workers": 4}, {"num_workers": 0}):
            with self.assertRaises(ValueError):
                surepick_gym.SurepickVectorEnv(COUNT, **kwargs)
        env = make()
        for options in ({"reset_mask": np.zeros(COUNT, bool)}, {"reset_mask": [True] * COUNT}, {"mask": 1}):
            with self.assertRaises(ValueError):
                env.reset(options=options)
        with self.assertRaises(ValueError):
            env.reset(seed=[1, 2])
        env.close()


if __name__ == "__main__":
    unittest.main()
