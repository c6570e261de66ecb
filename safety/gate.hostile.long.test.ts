import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng, PACKAGE_ROOT } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { ATTACKS } from '../test/support/attacks.ts';
import { attackAll } from '../test/support/hostile.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { randomArm } from '../test/support/random_arm.ts';
import { randomEnvelope } from '../test/support/random_envelope.ts';
import { envelopeForRobot } from './envelope.ts';

const ROBOTS: readonly Robot[] = [
  loadRobot('panda'),
  plainArm(),
  loadRobot(join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf')),
  ...[1, 2, 3, 5, 8].map((bodies) => randomArm(createRng(bodies), bodies)),
];
const KINDS = Object.keys(ATTACKS).length;
const SEED = Number(process.env.SUREPICK_SEED ?? 1);
/** Cycles in all. */
const CYCLES = Number(process.env.SUREPICK_CYCLES ?? 10_000_000);
const ROUNDS = 40;

describe('gate under millions of hostile cycles', () => {
  it.each(ROBOTS.map((robot) => [robot.name, robot] as const))(
    'keeps every limit at every cycle, in the default and in random envelopes: %s',
    (_name, robot) => {
      const rng = createRng(SEED, `hostile ${robot.name}`);
      const each = Math.ceil(CYCLES / ROBOTS.length / ROUNDS / KINDS);
      const total = { cycles: 0, tails: 0, longest_s: 0, passed: 0, limited: 0, stopped: 0, resets: 0, excused: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const hz = [500, 1000, 250, 500][round % 4];
        const envelope = round % 8 === 0 ? envelopeForRobot(robot) : randomEnvelope(rng, robot, hz);
        const collisions = round % 4 === 0;
        const result = attackAll({ robot, envelope, hz, seed: 1000 * SEED + round, cycles: each, collisions });
        total.longest_s = Math.max(total.longest_s, result.longest_s);
        for (const key of ['cycles', 'tails', 'passed', 'limited', 'stopped', 'resets', 'excused'] as const) {
          total[key] += result[key];
        }
      }
      process.stdout.write(`${robot.name}: ${JSON.stringify(total)}\n`);
      expect(total.cycles).toBeGreaterThanOrEqual(CYCLES / ROBOTS.length);
    },
    3_600_000,
  );
});
