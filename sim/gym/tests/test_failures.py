"""What dies, lies or hangs becomes an exception that says so, soon, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

import numpy as np

import surepick_gym
from surepick_gym import InstallationError, ServerError, ServerTimeout
from surepick_gym.server import Server


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A process that has ended and waits for its parent counts as gone.
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_gone(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return gone(pid)


class Environment:
    """Environment variables for a while."""

    def __init__(self, **variables):
        self.variables = variables

    def __enter__(self):
        self.before = {name: os.environ.get(name) for name in self.variables}
        os.environ.update(self.variables)

    def __exit__(self, *_):
        for name, value in self.before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def impostor(folder, script):
    """A stand-in for Node.js that runs a Python script in place of the simulator."""
    program = Path(folder) / "node"
    program.write_text(f"#!{sys.executable}\n" + textwrap.dedent(script))
    program.chmod(0o755)
    return Environment(SUREPICK_NODE=str(program))


class Failures(unittest.TestCase):
    def test_a_killed_process_is_told_with_its_signal_and_the_others_end(self):
        env = surepick_gym.SurepickVectorEnv(2, num_workers=2)
        env.reset(seed=0)
        pids = [server.pid for server in env._pool.servers]
        os.kill(pids[0], signal.SIGKILL)
        started = time.monotonic()
        with self.assertRaisesRegex(ServerError, f"process {pids[0]}.*killed by SIGKILL"):
            for _ in range(3):
                env.step(np.zeros(env.action_space.shape, np.float32))
        self.assertLess(time.monotonic() - started, 20)
        with self.assertRaises(ServerError):
            env.step(np.zeros(env.action_space.shape, np.float32))
        env.close()
        self.assertTrue(all(wait_gone(pid) for pid in pids))

    def test_a_process_that_ends_by_itself_is_told_with_its_code_and_last_words(self):
        script = """
        import sys
        print("first", file=sys.stderr)
        print("Error: no space left", file=sys.stderr)
        sys.exit(7)
        """
        with tempfile.TemporaryDirectory() as folder, impostor(folder, script):
            with self.assertRaisesRegex(ServerError, "(?s)exit code 7.*Error: no space left"):
                surepick_gym.SurepickEnv()

    def test_rubbish_is_told_for_what_it_is(self):
        cases = {
            'b"Warning: something!"': "no frame",
            "struct.pack('<IHHII', 0x4B505253, 9, 129, 1, 2) + b'{}'": "protocol version 9",
            "struct.pack('<IHHII', 0x4B505253, 1, 129, 5, 2) + b'{}'": "reply 5 to request 1",
            "struct.pack('<IHHII', 0x4B505253, 1, 131, 1, 2) + b'{}'": "kind 131",
            "struct.pack('<IHHII', 0x4B505253, 1, 129, 1, 2) + b'{}'": "greeting",
            "struct.pack('<IHHII', 0x4B505253, 1, 129, 1, 1 << 31)": "message of",
        }
        for answer, words in cases.items():
            script = f"""
            import os, struct, sys
            os.read(0, 1 << 16)
            os.write(1, {answer})
            os.read(0, 1)
            """
            with self.subTest(words), tempfile.TemporaryDirectory() as folder, impostor(folder, script):
                with self.assertRaisesRegex(ServerError, words):
                    surepick_gym.SurepickEnv(timeout_s=20)

    def test_silence_ends_in_time(self):
        with tempfile.TemporaryDirectory() as folder, impostor(folder, "import time; time.sleep(600)"):
            started = time.monotonic()
            with self.assertRaisesRegex(ServerTimeout, "did not answer within 0.5 s"):
                surepick_gym.SurepickEnv(timeout_s=0.5)
            self.assertLess(time.monotonic() - started, 20)

    def test_a_stopped_process_does_not_hang_its_caller(self):
        env = surepick_gym.SurepickEnv()
        env.reset(seed=0)
        server = env._pool.servers[0]
        server._timeout_s = 0.5
        os.kill(server.pid, signal.SIGSTOP)
        with self.assertRaises(ServerTimeout):
            env.step(np.zeros(5, np.float32))
        self.assertTrue(wait_gone(server.pid))
        env.close()

    def test_a_missing_installation_says_where_it_looked(self):
        with tempfile.TemporaryDirectory() as folder:
            with Environment(SUREPICK_HOME=folder), self.assertRaisesRegex(InstallationError, "SUREPICK_HOME"):
                surepick_gym.SurepickEnv()
            Path(folder, "package.json").write_text("{}")
            with Environment(SUREPICK_HOME=folder), self.assertRaisesRegex(InstallationError, "npm run build"):
                surepick_gym.SurepickEnv()
        with Environment(SUREPICK_NODE="no-such-node"), self.assertRaisesRegex(InstallationError, "no-such-node"):
            surepick_gym.SurepickEnv()

    def test_closing_and_forgetting_leave_no_process(self):
        env = surepick_gym.SurepickEnv()
        pid = env._pool.servers[0].pid
        env.close()
        self.assertTrue(gone(pid))
        forgotten = Server(20)
        pid = forgotten.pid
        del forgotten
        self.assertTrue(wait_gone(pid))

    def run_program(self, end):
        """Starts a program that steps for ever, ends it in a way, and returns the simulator's process and how it ended."""
        program = """
        import numpy as np, surepick_gym
        env = surepick_gym.SurepickVectorEnv(2, num_workers=2)
        env.reset(seed=0)
        print(*(server.pid for server in env._pool.servers), flush=True)
        while True:
            env.step(np.zeros(env.action_space.shape, np.float32))
        """
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        pids = [int(word) for word in child.stdout.readline().split()]
        time.sleep(0.2)
        child.send_signal(end)
        _, errors = child.communicate(timeout=30)
        self.assertEqual(len(pids), 2, errors)
        self.assertTrue(all(wait_gone(pid) for pid in pids))
        return errors

    def test_ctrl_c_leaves_no_process(self):
        self.assertIn(b"KeyboardInterrupt", self.run_program(signal.SIGINT))

    def test_a_killed_program_leaves_no_process(self):
        self.run_program(signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
