import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng, PACKAGE_ROOT } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { ATTACKS } from '../test/support/attacks.ts';
import { tableEnvelope } from '../test/support/gate_rig.ts';
import { attackAll } from '../test/support/hostile.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { randomEnvelope } from '../test/support/random_envelope.ts';
import { sweep } from '../test/support/sweep.ts';
import { envelopeForRobot } from './envelope.ts';

const PLAIN = plainArm();
const PANDA = loadRobot('panda');
const UR = loadRobot(join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf'));
const KINDS = Object.keys(ATTACKS).length;

describe('gate under hostile commands', () => {
  it('keeps every limit at every cycle, and every stop ends at rest inside them when it was promised', () => {
    const run = {
      robot: PLAIN,
      envelope: tableEnvelope(PLAIN),
      hz: 500,
      seed: 21,
      cycles: Math.ceil(sweep(24_000, 100_000) / KINDS),
    };
    const { tails, longest_s, passed, limited } = attackAll(run);
    expect(tails).toBeGreaterThan(sweep(60, 250));
    expect(longest_s).toBeLessThan(1);
    expect(passed).toBeGreaterThan(sweep(240, 1000));
    expect(limited).toBeGreaterThan(sweep(4800, 20_000));
  });

  it('does so for the Panda, clear of itself and of obstacles', () => {
    const envelope = envelopeForRobot(PANDA);
    const run = {
      robot: PANDA,
      envelope,
      hz: 500,
      seed: 22,
      cycles: Math.ceil(sweep(5_000, 20_000) / KINDS),
      collisions: true,
    };
    expect(attackAll(run).tails).toBeGreaterThan(sweep(10, 40));
  });

  it('does so without a workspace, where the joint limits are reached', () => {
    const envelope = { ...tableEnvelope(PLAIN), workspace: null };
    attackAll({ robot: PLAIN, envelope, hz: 500, seed: 23, cycles: Math.ceil(sweep(5_000, 20_000) / KINDS) });
  });

  it('does so in a small workspace around the tool', () => {
    const workspace = { lower_m: [0.25, -0.1, 0.3], upper_m: [0.4, 0.15, 0.7] } as const;
    attackAll({
      robot: PLAIN,
      envelope: { ...tableEnvelope(PLAIN), workspace },
      hz: 500,
      seed: 24,
      cycles: sweep(300, 700),
    });
  });

  it.each([PLAIN, PANDA, UR].map((robot) => [robot.name, robot] as const))(
    'does so in random envelopes, at several rates: %s',
    (_name, robot) => {
      const rng = createRng(25, robot.name);
      for (let round = 0; round < sweep(3, 6); round++) {
        const hz = [250, 500, 1000][round % 3];
        attackAll({ robot, envelope: randomEnvelope(rng, robot, hz), hz, seed: 100 + round, cycles: 120 });
      }
    },
  );
});
