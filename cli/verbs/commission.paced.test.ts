import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { COMMISSIONING_STAGES, envelopeForRobot, parseCommissioningRecord, parseEnvelope } from '../../safety/index.ts';
import { cli, startCli } from '../../test/support/cli.ts';
import { hostedCli } from '../../test/support/cli_host.ts';
import { commissionedOf } from '../../test/support/commissioning_rig.ts';

const SIM = ['commission', '--driver', 'sim', '--yes', '--json', '--out', 'record.json'];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-commission-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = async (...args: readonly string[]) => commissionedOf(await hostedCli([...SIM, ...args], folder));
const record = () => parseCommissioningRecord(JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8')), 'record');
const stages = () => record().stages.map(({ stage }) => stage);

describe('surepick commission on a simulated arm', () => {
  it('passes every stage, opens full speed, and writes what stops took into the envelope', async () => {
    const file = join(folder, 'envelope.json');
    writeFileSync(file, JSON.stringify(envelopeForRobot(loadRobot('panda'))));
    const first = commissionedOf(await cli([...SIM, '--trials', '1', '--envelope', 'envelope.json'], folder));
    expect(first, first.stderr).toMatchObject({ end: 'complete', code: 0 });
    expect(first.permit).toEqual({ tool_speed_m_per_s: null, share: 1, reason: '' });
    expect(first.stages.map(({ stage }) => stage)).toEqual(COMMISSIONING_STAGES);
    expect(first.stages.find(({ stage }) => stage === 'hand_eye')?.verdict).toBe('not_applicable');
    const { measured_stop } = parseEnvelope(readFileSync(file, 'utf8'), file);
    expect(measured_stop).toMatchObject({ trials: 1, standstill_s: { most: expect.any(Number) } });
    // The envelope with its measured times is the same arm's.
    const again = await run('--envelope', 'envelope.json');
    expect(again).toMatchObject({ end: 'complete', code: 0 });
    expect(again.stderr).not.toContain('passed');
    const slower = { ...envelopeForRobot(loadRobot('panda')), late_s: 0.01 };
    writeFileSync(file, JSON.stringify(slower));
    const other = await hostedCli([...SIM, '--envelope', 'envelope.json'], folder);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/record.json: envelope_sha256 .*begin anew/);
  });

  it('is stopped by the interrupt key in the middle of a stage, and goes on there', async () => {
    const running = startCli([...SIM, '--trials', '1000'], folder);
    await running.said(/stop 1: slower/);
    running.signal('SIGINT');
    const broken = commissionedOf(await running.ended);
    expect(broken, broken.stderr).toMatchObject({ end: 'interrupted', code: 130 });
    expect(broken.permit.tool_speed_m_per_s).toBe(0.05);
    expect(stages()).toEqual(['read_only', 'shadow']);
    const resumed = await run('--trials', '1', '--stage', 'stop_test');
    expect(resumed, resumed.stderr).toMatchObject({ end: 'complete', code: 0 });
    expect(stages()).toEqual(['read_only', 'shadow', 'stop_test']);
  });

  it('runs a stage alone only where those before it are passed, and asks before anything moves', async () => {
    const early = await hostedCli([...SIM, '--stage', 'payload'], folder);
    expect(early.code).toBe(2);
    expect(early.stderr).toMatch(/stage payload.*read_only is next/);
    const silent = await hostedCli(['commission', '--driver', 'sim'], folder);
    expect(silent.code).toBe(2);
    expect(silent.stderr).toMatch(/nobody can be asked before the arm moves/);
  });

  it('finds a load that was told and is not there', async () => {
    const light = await run('--trials', '1', '--payload', '1');
    expect(light, light.stderr).toMatchObject({ end: 'failed', code: 1 });
    expect(light.findings).toContainEqual(
      expect.objectContaining({
        stage: 'payload',
        severity: 'failure',
        what: expect.stringContaining('less than the 1 kg'),
      }),
    );
    expect(light.permit.reason).toBe('commissioning failed at payload');
    const told = await run('--stage', 'payload');
    expect(told, told.stderr).toMatchObject({ end: 'complete', code: 0 });
  });
});
