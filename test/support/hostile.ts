import { expect } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { Envelope } from '../../safety/index.ts';
import { ATTACKS } from './attacks.ts';
import { Judge } from './gate_judge.ts';
import { GateRig } from './gate_rig.ts';

export interface HostileRun {
  readonly robot: Robot;
  readonly envelope: Envelope;
  readonly hz: number;
  readonly seed: number;
  /** Cycles of each attack. */
  readonly cycles: number;
  /** Measure clearances too. */
  readonly collisions?: boolean;
  readonly attacks?: readonly string[];
}

export interface HostileResult {
  cycles: number;
  /** Stops that were run out, and the longest of them. */
  tails: number;
  longest_s: number;
  passed: number;
  limited: number;
  stopped: number;
  resets: number;
  /** Cycles near an obstacle that had come too near by itself. */
  excused: number;
}

/** How often a stop is asked for and run to its end. */
const TAIL_SHARE = 1 / 250;
const RESET_SHARE = 0.02;
/** After how many cycles somebody else asks. */
const SOURCE_CYCLES = 50;
const SOURCES = ['trajectory', 'servo', 'policy'] as const;

/** Runs attacks on a gate and judges every cycle; throws an assertion error that names attack, seed and cycle. */
export function attackAll(run: HostileRun): HostileResult {
  const result: HostileResult = {
    ...{ cycles: 0, tails: 0, longest_s: 0, passed: 0, limited: 0, stopped: 0, resets: 0, excused: 0 },
  };
  for (const name of run.attacks ?? Object.keys(ATTACKS)) attack(name, run, result);
  return result;
}

function attack(name: string, run: HostileRun, result: HostileResult): void {
  const { robot, envelope, hz, seed } = run;
  const rng = createRng(seed, name);
  const sources = createRng(seed, `${name}: source`);
  const rig = new GateRig(robot, envelope, hz);
  const judge = new Judge(rig, run.collisions);
  for (let k = 0; k < run.cycles; k++) {
    prepare(rig, robot);
    if (k % SOURCE_CYCLES === 0) rig.request.source = SOURCES[sources.int(SOURCES.length)];
    ATTACKS[name](rng, rig, k);
    judge.look(rig.cycleOnly(), `${name}, seed ${seed}, cycle ${k}`);
    if (judge.worst !== '') break;
    if (rng.uniform() < RESET_SHARE && rig.gate.latched && rig.gate.acknowledge() === '') {
      rig.leased = true;
      result.resets++;
    }
    if (rng.uniform() < TAIL_SHARE) runOut(rig, judge, rng, `${name}, seed ${seed}, cycle ${k}`, result);
  }
  expect(judge.worst, `envelope ${JSON.stringify(envelope.joints)}, ${hz} Hz`).toBe('');
  result.cycles += rig.cycle;
  result.passed += rig.gate.passed;
  result.limited += rig.gate.limited;
  result.stopped += rig.gate.stopped;
  result.excused += judge.excused;
}

function prepare(rig: GateRig, robot: Robot): void {
  rig.request.stamp_s = (rig.cycle + 1) / rig.hz + rig.late_s;
  if (rig.request.values.length !== robot.arm_joints) rig.request.values = new Float64Array(robot.arm_joints);
  for (let i = 0; i < robot.arm_joints; i++) if (!Number.isFinite(rig.request.values[i])) rig.request.values[i] = 0;
}

/** Asks for a stop and runs it to its end, which must come when it was promised. */
function runOut(rig: GateRig, judge: Judge, rng: Rng, label: string, result: HostileResult): void {
  const promised = Math.round(rig.gate.lastCommand.stop_time_s * rig.hz);
  rig.gate.requestStop();
  for (let i = 0; i < promised; i++) judge.look(rig.cycleOnly(), `${label}, stop ${i}`);
  const { velocity, acceleration } = rig.gate.lastCommand;
  const rests = [...velocity, ...acceleration].every((x) => x === 0);
  expect(rests, `${label}: at rest after ${promised} cycles`).toBe(true);
  result.tails++;
  result.longest_s = Math.max(result.longest_s, promised / rig.hz);
  if (rng.uniform() < 0.1) return;
  rig.emergency = false;
  judge.look(rig.cycleOnly(), label);
  expect(rig.gate.acknowledge(), label).toBe('');
  result.resets++;
  rig.leased = true;
  for (let i = 0; i < 3; i++) judge.look(rig.step(), label);
}
