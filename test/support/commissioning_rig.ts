import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { loadRobot } from '../../robots/index.ts';
import {
  type CommissioningRecord,
  type CommissioningStage,
  commissioningFinding,
  type Envelope,
  envelopeForRobot,
  parseCommissioningRecord,
  parseEnvelope,
} from '../../safety/index.ts';
import { writeApproved } from './approved.ts';
import type { ArmStandInInput } from './arm_stand_in.ts';
import { ArmStandInProcess } from './arm_stand_in_process.ts';
import { type Ended, lastJson, type Running, startCli } from './cli.ts';
import { writeCommissioned } from './commissioned.ts';
import { freshDomain, type RosTestbed } from './ros.ts';

const finding = commissioningFinding.unwrap().extend({ stage: z.string() });
export const commissionJson = z.object({
  schema: z.literal('surepick/commission'),
  end: z.enum(['complete', 'failed', 'declined', 'interrupted']),
  stages: z.array(z.object({ stage: z.string(), verdict: z.string(), measurements: z.record(z.string(), z.json()) })),
  findings: z.array(finding),
  record: z.string(),
  permit: z.object({ tool_speed_m_per_s: z.number().nullable(), share: z.number(), reason: z.string() }),
});
export type Commissioned = z.infer<typeof commissionJson> & { readonly code: number | null; readonly stderr: string };

/** What is tried is not the machine's punctuality. */
const UNHURRIED = { late_s: 0.3, lease_s: 0.4, stale_s: 0.3 };
const SLOWLY = ['--hz', '100', '--delay', '0.1', '--stop-within', '0.3'];
/** Sensors of a real arm. */
const NOISE = { effort_noise_Nm: 0.2, position_noise_rad: 1e-5, velocity_noise_rad_per_s: 1e-3 };

/** An arm under ros2_control as a process of its own, and `surepick commission` on it. */
export class CommissioningRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'surepick-commissioning-'));
  readonly record = join(this.folder, 'record.json');
  readonly envelope = join(this.folder, 'envelope.json');
  private readonly ros: RosTestbed;
  private readonly domain = freshDomain();
  private arm: ArmStandInProcess | null = null;
  private running: Running | null = null;

  constructor(ros: RosTestbed) {
    this.ros = ros;
    writeFileSync(this.envelope, JSON.stringify({ ...envelopeForRobot(loadRobot('panda')), ...UNHURRIED }));
  }

  /** As it stands now: the stop test writes into it. */
  readEnvelope(): Envelope {
    return parseEnvelope(readFileSync(this.envelope, 'utf8'), this.envelope);
  }

  /** Puts an arm with these faults in place of the one before. */
  async connect(faults: ArmStandInInput['faults'] = {}): Promise<void> {
    await this.arm?.close();
    const stand_in = { state_hz: 250, faults: { ...NOISE, ...faults } };
    this.arm = await ArmStandInProcess.start({ ros: this.ros, domain: this.domain, stand_in });
  }

  /** As if all stages before this one had been passed. */
  passedBefore(stage: CommissioningStage): void {
    writeCommissioned(this.folder, 'ros2_control', stage, this.record, this.readEnvelope());
  }

  start(...args: readonly string[]): Running {
    const all = ['commission', '--robot', 'panda', '--driver', 'ros2_control', '--yes', '--json'];
    const files = ['--out', this.record, '--envelope', this.envelope];
    const approved = writeApproved(this.folder, 'ros2_control', { nodes: [], programs: [] }, this.envelope);
    const env = { ...this.ros.env, ROS_DOMAIN_ID: String(this.domain), ...approved.env };
    this.running = startCli([...all, ...files, ...SLOWLY, ...args, ...approved.args], this.folder, env);
    return this.running;
  }

  async commission(...args: readonly string[]): Promise<Commissioned> {
    return commissionedOf(await this.start(...args).ended);
  }

  read(): CommissioningRecord {
    return parseCommissioningRecord(JSON.parse(readFileSync(this.record, 'utf8')), this.record);
  }

  async close(): Promise<void> {
    this.running?.signal('SIGKILL');
    await this.arm?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function commissionedOf(ended: Ended): Commissioned {
  return { ...lastJson(ended, commissionJson), code: ended.code, stderr: ended.stderr };
}

/** What an arm with these faults fails by, found in `stage` and not before. */
export async function failures(arm: CommissioningRig, stage: string, ...args: readonly string[]): Promise<string> {
  const { end, code, findings, permit, stderr } = await arm.commission('--stage', stage, ...args);
  expect({ end, code }, stderr).toEqual({ end: 'failed', code: 1 });
  expect(permit).toMatchObject({ tool_speed_m_per_s: 0.05, reason: `commissioning failed at ${stage}` });
  const failed = findings.filter(({ severity }) => severity === 'failure');
  expect(failed.every((finding) => finding.stage === stage)).toBe(true);
  return failed.map(({ what }) => what).join('; ');
}
