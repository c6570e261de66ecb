import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { compareWithBlend } from '../../test/support/barrier_twins.ts';
import { GateRig } from '../../test/support/gate_rig.ts';
import { BOXED_NUMBER, bytesPerCall } from '../../test/support/heap.ts';
import { sweep } from '../../test/support/sweep.ts';
import type { CommandSourceKind } from '../command_request.ts';
import { envelopeForRobot } from '../envelope.ts';
import type { Obstacle } from '../obstacle.ts';

const PANDA = loadRobot('panda');

function box(
  id: string,
  size: readonly [number, number, number],
  position: readonly [number, number, number],
): Obstacle {
  return {
    ...{ id, shape: { type: 'box', size }, velocity_m_per_s: [0, 0, 0] },
    pose: { position, orientation: [0, 0, 0, 1] },
  };
}

/** How far the first joint turns while the others press the arm against a wall, rad; and the least clearance. */
function pressAndTurn(source: CommandSourceKind): { turned: number; least: number; limited: number } {
  const rig = new GateRig(PANDA, envelopeForRobot(PANDA));
  rig.setObstacles([box('wall', [0.1, 3, 1.4], [0.6, 0, 0.7])]);
  expect(rig.gate.clearanceOf(PANDA.home_q)).toBeGreaterThan(0);
  rig.request.source = source;
  const start = rig.gate.lastCommand.position[0];
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 1500; k++) {
    const { position } = rig.step('velocity', [0.2, 0.5, 0, 0, 0, 0, 0]);
    if (k % 20 === 0) least = Math.min(least, rig.gate.clearanceOf(position));
  }
  return { turned: rig.gate.lastCommand.position[0] - start, least, limited: rig.gate.limited };
}

describe('smallest change to commands', () => {
  it('slides along an obstacle where a trajectory stops before it', () => {
    const servo = pressAndTurn('servo');
    const policy = pressAndTurn('policy');
    const trajectory = pressAndTurn('trajectory');
    expect(servo.least).toBeGreaterThanOrEqual(0);
    expect(servo.limited).toBeGreaterThan(300);
    // In three seconds it turns by 0.6 rad where nothing is in the way.
    expect(servo.turned).toBeGreaterThan(0.5);
    expect(policy).toEqual(servo);
    expect(trajectory.least).toBeGreaterThanOrEqual(0);
    expect(trajectory.turned).toBeLessThan(0.85 * servo.turned);
  });

  it('changes less than the blend with the stop would, from every state', () => {
    let refused = 0;
    let worse = 0;
    for (const [seed, obstacles] of [
      [51, 0],
      [52, 4],
      [53, 12],
      [54, 20],
    ]) {
      const result = compareWithBlend(PANDA, seed, 4000, obstacles);
      const found = `seed ${seed}: ${JSON.stringify(result)}`;
      refused += result.refused;
      worse += result.worse;
      if (result.refused > 20) expect(result.changed, found).toBeLessThan(0.9 * result.blended);
      expect(result.found, found).toBeGreaterThan(0.9 * result.refused);
    }
    expect(refused).toBeGreaterThan(200);
    expect(worse).toBeLessThan(0.05 * refused);
  });

  it('leaves alone what guards allow, to the bit, whoever asks', () => {
    const rng = createRng(55, 'free');
    const envelope = envelopeForRobot(PANDA);
    const rigs = (['trajectory', 'servo'] as const).map((source) => {
      const rig = new GateRig(PANDA, envelope);
      rig.request.source = source;
      return rig;
    });
    const command = new Float64Array(PANDA.arm_joints);
    for (let k = 0; k < sweep(600, 1500); k++) {
      if (k % 50 === 0) for (let i = 0; i < command.length; i++) command[i] = 0.1 * rng.normal();
      const [a, b] = rigs.map((rig) => rig.step('velocity', command));
      expect([...b.position]).toEqual([...a.position]);
    }
    expect(rigs[0].gate.interventions.list().some(({ reasons }) => reasons.includes('self_collision'))).toBe(false);
  });

  it.each(['trajectory', 'servo'] as const)('allocates nothing among obstacles that a %s meets', (source) => {
    const rig = new GateRig(PANDA, envelopeForRobot(PANDA));
    rig.setObstacles([box('wall', [0.1, 3, 1.4], [0.6, 0, 0.7]), box('side', [1, 0.1, 1.4], [0.5, 0.4, 0.7])]);
    const { request, gate } = rig;
    gate.lease.extend(Number.POSITIVE_INFINITY);
    request.kind = 'velocity';
    request.source = source;
    let k = rig.cycle;
    // Whole seconds for times: another number would be boxed on its way into the gate by the test itself.
    const cycles = (steps: number): void => {
      for (let step = 0; step < steps; step++) {
        k++;
        request.stamp_s = k;
        if (k % 60 === 0) for (let i = 0; i < 7; i++) request.values[i] = Math.sin(k * (i + 1)) + (i === 1 ? 0.5 : 0);
        gate.step(k, request);
      }
    };
    cycles(16_384);
    // Collecting by itself leaves a little.
    expect(bytesPerCall(4096, cycles, 40, BOXED_NUMBER + 1)).toBeLessThan(BOXED_NUMBER + 1);
    expect(gate.interventions.list().some(({ reasons }) => reasons.includes('obstacle'))).toBe(true);
    expect(gate.limited).toBeGreaterThan(1000);
  });
});
