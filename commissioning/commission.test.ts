import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import {
  COMMISSIONING_STAGES,
  type CommissionedAs,
  type CommissioningStage,
  envelopeForRobot,
  parseCommissioningRecord,
} from '../safety/index.ts';
import { ArmOnBus } from './arm_on_bus.ts';
import { type CommissionEnd, commission } from './commission.ts';
import { readRecord } from './record_file.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { failure, Interrupted, outcomeOf, type Stage, type StageRig } from './stage.ts';

const ROBOT = loadRobot('panda', { visualMeshes: false });
const AS: CommissionedAs = {
  ...{ robot: 'panda', driver: 'sim', serial: '', urdf_sha256: 'a'.repeat(64), envelope_sha256: 'b'.repeat(64) },
};
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-commission-'));
  file = join(folder, 'record.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const context = { bus: new InProcessBus(), clock: new SimClock(), log: SILENT_LOG };
const rig: StageRig = {
  arm: new ArmOnBus(context, ROBOT),
  robot: ROBOT,
  envelope: envelopeForRobot(ROBOT),
  settings: DEFAULT_SETTINGS,
  say: () => {},
  progress: () => {},
  interrupted: () => false,
};

/** Runs stages that pass, but for one, which does what it is told; the names of those that were run. */
async function run(
  special: string,
  how: 'fail' | 'interrupt' | 'decline',
  more: { readonly only?: CommissioningStage } = {},
): Promise<{ end: CommissionEnd; ran: string[] }> {
  const ran: string[] = [];
  const stages = COMMISSIONING_STAGES.map(
    (name): Stage => ({
      ...{ name, purpose: name, moves: false },
      async run() {
        ran.push(name);
        if (name === special && how === 'interrupt') throw new Interrupted();
        return outcomeOf(name === special && how === 'fail' ? [failure('it is loose', 'tighten it')] : [], {
          n: ran.length,
        });
      },
    }),
  );
  const end = await commission({
    ...{ record: readRecord(file, AS), file, stages, run: (stage: Stage) => stage.run(rig), ...more },
    confirm: async (stage) => !(stage.name === special && how === 'decline'),
    onRecorded: async () => {},
    now: () => '2026-01-01T00:00:00Z',
  });
  return { end, ran };
}

const recorded = () => parseCommissioningRecord(JSON.parse(readFileSync(file, 'utf8')), file).stages;

describe('commissioning', () => {
  it('runs every stage in order and writes a record that holds', async () => {
    expect(await run('', 'fail')).toEqual({ end: 'complete', ran: [...COMMISSIONING_STAGES] });
    expect(recorded().map(({ stage }) => stage)).toEqual([...COMMISSIONING_STAGES]);
    expect(await run('', 'fail')).toEqual({ end: 'complete', ran: [] });
  });

  it('goes on where it was interrupted or declined', async () => {
    expect(await run('payload', 'interrupt')).toEqual({ end: 'interrupted', ran: COMMISSIONING_STAGES.slice(0, 4) });
    expect(recorded()).toHaveLength(3);
    expect(await run('payload', 'decline')).toEqual({ end: 'declined', ran: [] });
    expect((await run('', 'fail')).ran).toEqual(COMMISSIONING_STAGES.slice(3));
  });

  it('ends at a failure, records it, and begins with that stage again', async () => {
    expect((await run('stop_test', 'fail')).end).toBe('failed');
    expect(recorded().at(-1)).toMatchObject({
      stage: 'stop_test',
      verdict: 'failed',
      findings: [{ what: 'it is loose' }],
    });
    expect((await run('', 'fail')).ran).toEqual(COMMISSIONING_STAGES.slice(2));
    expect(recorded().every(({ verdict }) => verdict === 'passed')).toBe(true);
  });

  it('runs one stage alone where those before it are passed, and forgets what came after it', async () => {
    await expect(run('', 'fail', { only: 'payload' })).rejects.toThrow(/stage payload.*read_only is next/);
    await run('', 'fail');
    expect(await run('', 'fail', { only: 'payload' })).toEqual({ end: 'complete', ran: ['payload'] });
    expect(recorded().map(({ stage }) => stage)).toEqual(COMMISSIONING_STAGES.slice(0, 4));
    expect((await run('', 'fail')).ran).toEqual(COMMISSIONING_STAGES.slice(4));
    expect((await run('speed_25', 'fail')).ran).toEqual([]);
    await run('speed_25', 'interrupt', { only: 'speed_25' });
    expect(recorded().map(({ stage }) => stage)).toEqual(COMMISSIONING_STAGES.slice(0, 6));
  });

  it('refuses the record of another arm, one that was changed, and rubbish', async () => {
    await run('', 'fail');
    expect(() => readRecord(file, { ...AS, serial: '12' })).toThrow(/serial : this arm has 12/);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"n": 2', '"n": 3'));
    expect(() => readRecord(file, AS)).toThrow(/stages.1 \(shadow\): was changed/);
    writeFileSync(file, text.slice(0, 100));
    expect(() => readRecord(file, AS)).toThrow(/is not JSON/);
  });
});
