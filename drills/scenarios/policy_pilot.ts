import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rng } from '../../contracts/index.ts';
import { ModelledLatency, PolicyRunner, Servo } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CONTROL_HZ, type OnnxPolicy, openOnnxPolicy, type SimCell } from '../../stack/index.ts';
import { writePolicy } from './policy_files.ts';

/** How late answers are, control cycles. */
const LATENCY_CYCLES = [4, 10] as const;

interface Pilot {
  readonly policy: OnnxPolicy;
  readonly latency: ModelledLatency;
  readonly runner: PolicyRunner;
}

/** Lets ONNX policies command a cell: a calm one at first, and another of the same shape, full of noise, once it is swapped. */
export class PolicyPilot {
  private readonly cell: SimCell;
  private readonly folder: string;
  private readonly calm: Pilot;
  private readonly noise: Pilot;
  private flying: Pilot | null = null;
  /** The policies' threads let the process end, also while their answer is all that is waited for. */
  private readonly alive = setInterval(() => {}, 1000);

  private constructor(cell: SimCell, folder: string, calm: Pilot, noise: Pilot) {
    this.cell = cell;
    this.folder = folder;
    this.calm = calm;
    this.noise = noise;
  }

  /** @param worker  program of the policies' threads, for where sources run without a build */
  static async open(cell: SimCell, robot: Robot, rng: Rng, worker?: string): Promise<PolicyPilot> {
    const folder = mkdtempSync(join(tmpdir(), 'surepick-policies-'));
    const pilot = async (kind: 'calm' | 'noise'): Promise<Pilot> => {
      const policy = await openOnnxPolicy(writePolicy(folder, kind, robot, rng.stream(kind)), robot, worker);
      const latency = new ModelledLatency(policy.inference, rng.stream(`latency/${kind}`), ...LATENCY_CYCLES);
      const { manifest } = policy;
      const servo = new Servo(robot, CONTROL_HZ);
      const parts = { robot, hz: CONTROL_HZ, manifest, inference: latency, servo, gripper: null };
      return { policy, latency, runner: new PolicyRunner(parts) };
    };
    return new PolicyPilot(cell, folder, await pilot('calm'), await pilot('noise'));
  }

  start(): void {
    this.fly(this.calm);
  }

  swap(): void {
    this.fly(this.noise);
  }

  /** Leaves the arm to trajectories. */
  stop(): void {
    this.flying?.runner.stop();
    this.flying = null;
    this.cell.loop.source = null;
  }

  /** Why the policy does not command the arm any more; empty while it does. */
  get held(): string {
    const { runner } = this.flying ?? {};
    return runner === undefined || runner.phase === 'held' ? (runner?.describeHold() ?? 'no policy runs') : '';
  }

  /** To be awaited before every cycle; null where nothing is to be waited for. */
  settle(): Promise<void> | null {
    return this.flying?.latency.settle() ?? null;
  }

  async close(): Promise<void> {
    this.stop();
    await this.calm.policy.close();
    await this.noise.policy.close();
    clearInterval(this.alive);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private fly(pilot: Pilot): void {
    this.flying = pilot;
    this.cell.loop.source = pilot.runner;
    pilot.runner.start();
  }
}
