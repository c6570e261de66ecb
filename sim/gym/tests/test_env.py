"""One environment by Gymnasium's own rules."""

import pickle
import unittest
import warnings

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

import surepick_gym

IDS = surepick_gym.ENVIRONMENTS


def play(env, steps, seed=None, options=None):
    """Observations and rewards of random actions, the same for the same action seed."""
    rng = np.random.default_rng(1)
    trace = [env.reset(seed=seed, options=options)[0]]
    for _ in range(steps):
        action = rng.uniform(-1, 1, env.action_space.shape).astype(np.float32)
        observation, reward, terminated, truncated, _ = env.step(action)
        trace.append((observation, reward))
        if terminated or truncated:
            break
    return pickle.dumps(trace)


class OneEnvironment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.env = gymnasium.make(IDS["pick-place"])

    @classmethod
    def tearDownClass(cls):
        cls.env.close()

    def test_check_env_finds_nothing_and_warns_of_nothing(self):
        cases = [
            (IDS["pick-place"], {"render_mode": "rgb_array"}),
            (IDS["pick-place"], {"action": "joint", "observation": "rgbd", "image_size": (48, 64)}),
            (IDS["clutter"], {"reward": "sparse"}),
        ]
        for id, kwargs in cases:
            with self.subTest(id=id, **kwargs), warnings.catch_warnings():
                warnings.simplefilter("error")
                env = gymnasium.make(id, **kwargs)
                once = "render_mode" not in kwargs
                check_env(env.unwrapped, skip_render_check=once, skip_close_check=once)
                env.close()

    def test_every_task_is_there(self):
        self.assertEqual({name for name in gymnasium.registry if name.startswith("surepick/")}, set(IDS.values()))
        for task in IDS:
            for action in ("joint", "ee_delta"):
                with self.subTest(task=task, action=action):
                    env = surepick_gym.SurepickEnv(task, action=action, randomize="train", objects="train")
                    observation, info = env.reset(seed=1)
                    self.assertIn(observation, env.observation_space)
                    first = info["expert_action"]
                    self.assertTrue(env.action_space.contains(first))
                    self.assertGreater(np.abs(first[:-1]).max(), 0.1)
                    _, _, terminated, truncated, info = env.step(first)
                    self.assertFalse(terminated or truncated)
                    self.assertTrue(env.action_space.contains(info["expert_action"]))
                    self.assertEqual(info["failure_stage"], "")
                    env.close()
        env = surepick_gym.SurepickEnv("inspect", expert=False)
        self.assertNotIn("expert_action", env.reset(seed=1)[1])
        env.close()

    def test_seed_and_episode_fix_every_byte(self):
        a, b = self.env, gymnasium.make(IDS["pick-place"])
        first = play(a, 30, seed=5)
        self.assertEqual(first, play(b, 30, seed=5))
        second = play(a, 30)
        self.assertNotEqual(first, second)
        self.assertEqual(second, play(b, 30, seed=5, options={"episode": 1}))
        self.assertNotEqual(first, play(b, 30, seed=6))
        self.assertEqual(first, play(b, 30, seed=5))
        b.close()

    def test_environments_that_are_never_seeded_differ(self):
        env = surepick_gym.SurepickVectorEnv(3, num_workers=1)
        self.assertEqual(len(set(env.reset()[1]["seed"])), 3)
        env.close()

    def test_the_expert_in_info_solves_it(self):
        joints = gymnasium.make(IDS["pick-place"], action="joint")
        for env in (self.env, joints):
            with self.subTest(action_space=env.action_space):
                successes = 0
                for episode in range(6):
                    _, info = env.reset(seed=40, options={"episode": episode})
                    ended = False
                    while not ended:
                        action = info["expert_action"]
                        self.assertTrue(env.action_space.contains(action))
                        _, reward, terminated, truncated, info = env.step(action)
                        ended = terminated or truncated
                    self.assertEqual(info["success"], info["is_success"])
                    self.assertEqual(info["success"], info["failure_stage"] == "")
                    self.assertEqual(info["success"], reward == 1)
                    successes += info["success"]
                self.assertGreaterEqual(successes, 5)
        joints.close()

    def test_pictures_have_content_and_depth_in_metres(self):
        env = gymnasium.make(IDS["pick-place"], observation="rgbd", render_mode="rgb_array", render_size=(60, 80))
        observation, _ = env.reset(seed=1)
        self.assertIn(observation, env.observation_space)
        for camera in ("overview", "wrist"):
            rgb, depth = observation[f"{camera}_rgb"], observation[f"{camera}_depth"]
            self.assertEqual((rgb.shape, rgb.dtype), ((84, 84, 3), np.uint8))
            self.assertEqual((depth.shape, depth.dtype), ((84, 84, 1), np.float32))
            self.assertGreater(rgb.std(), 10)
            self.assertGreater((depth > 0).mean(), 0.9)
        self.assertTrue(0.5 < np.median(observation["overview_depth"]) < 1.5)
        self.assertEqual(env.render().shape, (60, 80, 3))
        env.close()

    def test_fields_name_the_observation(self):
        env = self.env
        observation, _ = env.reset(seed=2)
        fields = env.unwrapped.fields
        covered = sorted((field.at.start, field.at.stop) for field in fields.values())
        self.assertEqual([0, *(stop for _, stop in covered)], [*(start for start, _ in covered), observation.size])
        x, y, z = observation[fields["tool_position"].at]
        self.assertTrue(0.2 < x < 0.8 and abs(y) < 0.1 and 0.2 < z < 0.8)
        self.assertIn("world", fields["tool_position"].describe)

    def test_specs_survive_pickling(self):
        env = gymnasium.make(IDS["pick-place"], action="joint", policy_hz=50)
        again = gymnasium.make(pickle.loads(pickle.dumps(env.spec)))
        self.assertEqual(again.action_space, env.action_space)
        self.assertEqual(again.metadata["render_fps"], 50)
        self.assertEqual(play(again, 5, seed=3), play(env, 5, seed=3))
        env.close()
        again.close()

    def test_wrong_use_is_refused_with_what_is_allowed(self):
        for kwargs, words in [
            ({"task": "juggle"}, "pick-place"),
            ({"action": "fly"}, "ee_delta"),
            ({"policy_hz": 30}, "divide 500"),
            ({"image_size": (8, 84)}, "16"),
            ({"render_mode": "human"}, "rgb_array"),
        ]:
            with self.subTest(**kwargs), self.assertRaisesRegex(ValueError, words):
                surepick_gym.SurepickEnv(**kwargs)
        env = surepick_gym.SurepickEnv()
        with self.assertRaises(ResetNeeded):
            env.step(np.zeros(5, np.float32))
        env.reset(seed=0)
        with self.assertRaisesRegex(ValueError, "shape"):
            env.step(np.zeros(4, np.float32))
        with self.assertRaisesRegex(ValueError, "finite"):
            env.step(np.full(5, np.nan, np.float32))
        with self.assertRaisesRegex(ValueError, "episode"):
            env.reset(options={"world": 3})
        env.step(np.full(5, 9, np.float32))
        env.close()
        env.close()


if __name__ == "__main__":
    unittest.main()
