import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { cli, lastJson } from '../../test/support/cli.ts';
import { freshDomain, requireRos, runRclpy } from '../../test/support/ros.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-cli-ros-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bare = { SUREPICK_ROS_HOME: join(folder, 'home'), AMENT_PREFIX_PATH: '', ROS_DISTRO: '' };
const doctorJson = z.object({
  usable: z.boolean(),
  findings: z.array(z.object({ id: z.string(), state: z.string(), found: z.string(), remedy: z.string() })),
});

/** All there is on standard error, when it has to be one line. */
function oneLine(stderr: string): string {
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  return stderr;
}

describe('surepick ros without a ROS 2', () => {
  it('setup fetches nothing unasked: exit code 2 and a line with whose build it is, how much, and what to say', async () => {
    const { code, stdout, stderr } = await cli(['ros', 'setup'], folder, bare);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(oneLine(stderr)).toMatch(/third party's build, \d+ packages, \d+ MB to fetch.*--yes/);
  });

  it('setup says how to get Python 3.12 or build tools where they are missing', async () => {
    const nothing = { ...bare, PATH: join(folder, 'empty'), HOME: folder, PYENV_ROOT: '', UV_PYTHON_INSTALL_DIR: '' };
    const ended = await cli(['ros', 'setup', '--yes'], folder, nothing);
    expect(ended.code).toBe(2);
    expect(oneLine(ended.stderr)).toMatch(/g\+\+ and make and cmake are missing: apt-get install g\+\+ make cmake/);
  });

  it('setup refuses a folder that make cannot work in', async () => {
    const ended = await cli(['ros', 'setup', '--yes'], folder, { ...bare, SUREPICK_ROS_HOME: join(folder, 'a b') });
    expect(ended.code).toBe(2);
    expect(oneLine(ended.stderr)).toContain('without spaces');
  });

  it('doctor names a remedy for everything that is missing, env has nothing to print', async () => {
    const doctor = await cli(['ros', 'doctor', '--json'], folder, bare);
    expect(doctor.code).toBe(1);
    const { usable, findings } = lastJson(doctor, doctorJson);
    expect(usable).toBe(false);
    const missing = findings.filter(({ state }) => state === 'missing');
    expect(missing.map(({ id }) => id)).toEqual(['ros2', 'rclnodejs', 'interfaces']);
    expect(missing.filter(({ remedy }) => !remedy.includes('surepick ros setup'))).toEqual([]);
    const env = await cli(['ros', 'env'], folder, bare);
    expect({ code: env.code, stdout: env.stdout }).toEqual({ code: 2, stdout: '' });
    expect(oneLine(env.stderr)).toContain('surepick ros setup');
  });
});

describe('surepick ros with a ROS 2', () => {
  it('setup finds all done, and doctor exchanges words with rclpy', async (ctx) => {
    await requireRos(ctx);
    const setup = await cli(['ros', 'setup', '--json'], folder);
    expect(setup.code, setup.stderr).toBe(0);
    expect(lastJson(setup, z.object({ steps: z.array(z.unknown()) })).steps).toEqual([]);
    const doctor = await cli(['ros', 'doctor', '--json'], folder, { ROS_DOMAIN_ID: String(freshDomain()) });
    const { usable, findings } = lastJson(doctor, doctorJson);
    expect({ code: doctor.code, usable }, JSON.stringify(findings)).toEqual({ code: 0, usable: true });
    expect(findings.find(({ id }) => id === 'exchange')?.found).toContain('with rclpy, both ways');
  });

  it('env makes a shell in which Python has every interface package and Node loads rclnodejs', async (ctx) => {
    await requireRos(ctx);
    const { stdout } = await cli(['ros', 'env'], folder);
    const python = 'import rclpy, control_msgs.action, surepick_msgs.msg, simulation_interfaces.srv; print("python")';
    const node = "require(process.env.SUREPICK_RCLNODEJS); console.log('node'); process.exit()";
    const script = `${stdout}\npython3 -c '${python}' && "${process.execPath}" -e "${node}"`;
    const shell = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8', cwd: PACKAGE_ROOT });
    expect(shell.stdout, shell.stderr).toBe('python\nnode\n');
  });

  it('lets rclpy keep what it wants: every library of every message type can be loaded', async (ctx) => {
    const ros = await requireRos(ctx);
    const printed = await runRclpy(ros, LOAD_ALL, [], { domain: freshDomain() });
    expect(Number(printed)).toBeGreaterThan(200);
  });
});

/** Imports the type support of each message, service and action in the index and prints how many there were. */
const LOAD_ALL = `
import importlib
from ament_index_python import get_resources, get_resource
count = 0
for package in get_resources("rosidl_interfaces"):
    for line in get_resource("rosidl_interfaces", package)[0].splitlines():
        kind, _, name = line.rpartition(".")[0].partition("/")
        if not line.endswith((".msg", ".srv", ".action")) or name.endswith(("_Request", "_Response", "_Event")):
            continue
        cls = getattr(importlib.import_module(f"{package}.{kind}"), name)
        cls.__class__.__import_type_support__()
        assert cls.__class__._TYPE_SUPPORT is not None, line
        count += 1
print(count)
`;
