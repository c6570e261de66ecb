import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot, parseEnvelope } from '../../safety/index.ts';
import { MADE_UP_TABLE } from '../../test/support/contact_table.ts';
import { addSafety } from './safety.ts';

const SHIPPED = join(PACKAGE_ROOT, 'robots', 'panda', 'panda.envelope.json');
const UR = join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf');
const ENVELOPE = envelopeForRobot(loadRobot('panda'));

const finding = z.strictObject({
  place: z.string(),
  value: z.union([z.number(), z.string()]),
  bound: z.enum(['at least', 'at most', 'only', 'one of']),
  limit: z.union([z.number(), z.string()]),
  reason: z.string(),
});
const report = z.strictObject({
  schema: z.literal('surepick/safety'),
  version: z.literal(1),
  action: z.literal('check-envelope'),
  file: z.string(),
  robot: z.string(),
  hz: z.number(),
  feasible: z.boolean(),
  errors: z.array(finding),
  warnings: z.array(finding),
  joints: z.array(
    z.strictObject({
      name: z.string(),
      stop_time_s: z.number(),
      stop_distance_rad: z.number(),
      cycles: z.number().int(),
      usable_velocity_rad_per_s: z.number(),
      hold_torque_Nm: z.number(),
      stop_torque_Nm: z.number(),
    }),
  ),
  stop_time_s: z.number(),
  tool_reach_m: z.number(),
  stoppable_tool_speed_m_per_s: z.number().nullable(),
  contact: z
    .strictObject({
      speed_m_per_s: z.number(),
      region: z.string(),
      robot_mass_kg: z.number(),
      regions: z.array(
        z.strictObject({
          region: z.string(),
          transient_force_N: z.number(),
          reduced_mass_kg: z.number(),
          speed_m_per_s: z.number(),
        }),
      ),
    })
    .nullable(),
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safety verb '));
  process.exitCode = undefined;
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

async function safety(...args: string[]): Promise<{ stdout: string; stderr: string; code: unknown }> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  }
  const program = new Command('surepick').exitOverride();
  addSafety(program);
  await program.parseAsync(['safety', ...args], { from: 'user' });
  return { ...said, code: process.exitCode };
}

function written(envelope: unknown): string {
  const file = join(folder, 'cell.envelope.json');
  writeFileSync(file, typeof envelope === 'string' ? envelope : JSON.stringify(envelope));
  return file;
}

describe('surepick safety check-envelope', () => {
  test('passes the shipped envelope, with a table for people and an object for programs', async () => {
    const { stdout, stderr, code } = await safety('check-envelope', SHIPPED, '--json');
    const { joints, ...rest } = report.parse(JSON.parse(stdout));
    expect(rest).toMatchObject({ feasible: true, errors: [], robot: 'panda', hz: 500, file: SHIPPED });
    expect(joints).toHaveLength(7);
    expect(rest.stop_time_s).toBeGreaterThan(0.28);
    expect(rest.stop_time_s).toBeLessThan(0.31);
    for (const { name } of joints) expect(stderr).toContain(name);
    expect(stderr).toContain('feasible for panda at 500 Hz: 0 errors');
    expect(code).toBeUndefined();
  });

  test('fails with exit code 1 and a line for each error', async () => {
    const joints = ENVELOPE.joints.map((joint, i) => (i === 1 ? { ...joint, effort_Nm: 20 } : joint));
    const bad: Envelope = { ...ENVELOPE, joints, stale_s: 0.001 };
    const { stdout, stderr, code } = await safety('check-envelope', written(bad), '--json');
    const { feasible, errors } = report.parse(JSON.parse(stdout));
    expect(feasible).toBe(false);
    expect(errors.map(({ place }) => place)).toEqual(['stale_s', 'joints.1.effort_Nm']);
    expect(stderr).toMatch(/^error: stale_s 0\.001: .*; allowed: at least 0\.004$/m);
    expect(stderr).toMatch(/^error: joints\.1\.effort_Nm 20: infeasible: no standstill exists at .*$/m);
    expect(stderr).toMatch(/^infeasible for panda at 500 Hz: 2 errors/m);
    expect(code).toBe(1);
  });

  test('shows how fast a body may be touched by the table, and whose table it is', async () => {
    const separation = {
      ...{ body_speed_m_per_s: 1.6, track_delay_s: 0.1, track_period_s: 0.05, body_error_m: 0.05 },
      ...{ robot_error_m: 0, intrusion_m: 0, contact_speed_m_per_s: 0.2 },
    };
    const touching: Envelope = { ...ENVELOPE, separation, contact_limits: MADE_UP_TABLE };
    const { stdout, stderr } = await safety('check-envelope', written(touching), '--json');
    const { contact, feasible } = report.parse(JSON.parse(stdout));
    expect(feasible).toBe(true);
    expect(contact?.regions.map(({ region }) => region)).toEqual(['hand', 'chest']);
    expect(stderr).toMatch(/0\.200 m\/s of at most 0\.250 m\/s, by the chest \(made up for tests, edition 1\)/);
    const { contact_limits: _table, ...without } = touching;
    const refused = await safety('check-envelope', written(without));
    expect(refused.stderr).toMatch(
      /^error: separation\.contact_speed_m_per_s 0\.2: needs contact_limits .*at most 0$/m,
    );
    expect(refused.code).toBe(1);
  });

  test('at another rate and for another robot', async () => {
    const other: Envelope = { ...ENVELOPE, stale_s: 0.001 };
    expect((await safety('check-envelope', written(other), '--hz', '4000', '--json')).stderr).toContain('at 4000 Hz');
    const ur = written(envelopeForRobot(loadRobot(UR)));
    await expect(safety('check-envelope', ur)).rejects.toThrow(/robot ur_like of .*: say where it is: --robot/);
    const { stdout, stderr } = await safety('check-envelope', ur, '--robot', UR, '--json');
    expect(report.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).robot).toBe('ur_like');
    expect(stderr).toContain('shoulder_pan_joint');
    process.exitCode = undefined;
    const wrong = await safety('check-envelope', ur, '--robot', 'panda');
    expect(wrong.stderr).toContain('error: robot ur_like: made for another robot; allowed: only panda');
    expect(wrong.code).toBe(1);
  });

  test('what is no envelope is refused in one line that names place and what is allowed', async () => {
    const cases: [unknown, RegExp][] = [
      ['{', /cell\.envelope\.json: .*must be JSON/],
      [{ ...ENVELOPE, version: 1 }, /cell\.envelope\.json at version: .*2/],
      [{ ...ENVELOPE, stale_s: -1 }, /at stale_s: .*>0/],
      [{ ...ENVELOPE, joints: [{ ...ENVELOPE.joints[0], effort_Nm: 'much' }] }, /at joints\[0\]\.effort_Nm: .*number/],
      [{ ...ENVELOPE, colour: 'red' }, /Unrecognized key: "colour"/],
      [
        { ...ENVELOPE, tool: { ...ENVELOPE.tool, reduced_speed_m_per_s: 1 } },
        /at tool\.reduced_speed_m_per_s: .*0\.25/,
      ],
    ];
    for (const [document, message] of cases) {
      const attempt = safety('check-envelope', written(document));
      await expect(attempt, String(message)).rejects.toThrow(InputError);
      await expect(attempt).rejects.toThrow(message);
      await expect(attempt).rejects.not.toThrow(/\n/);
    }
    await expect(safety('check-envelope', join(folder, 'none.json'))).rejects.toThrow(/ENOENT.*can be read/);
    await expect(safety('check-envelope', SHIPPED, '--hz', '0')).rejects.toThrow(/Allowed: a number from 1 to 10000/);
    await expect(safety('check-envelope')).rejects.toThrow(/missing required argument/);
  });
});

describe('surepick safety default-envelope', () => {
  test('prints a document that check-envelope takes', async () => {
    expect(parseEnvelope((await safety('default-envelope')).stdout)).toEqual(ENVELOPE);
    vi.restoreAllMocks();
    const { stdout } = await safety('default-envelope', '--robot', UR);
    vi.restoreAllMocks();
    expect((await safety('check-envelope', written(stdout), '--robot', UR)).code).toBeUndefined();
  });

  test('with --json is one line', async () => {
    const { stdout } = await safety('default-envelope', '--json');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'surepick/safety',
      version: 1,
      action: 'default-envelope',
      robot: 'panda',
      envelope: ENVELOPE,
    });
  });
});
