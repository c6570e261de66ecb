import { afterEach, describe, expect, it, vi } from 'vitest';
import { PANDA, sceneObject, tableScene } from '../../test/support/sim_rig.ts';
import { ConjugateStep } from './conjugate_step.ts';
import { CannonEngine } from './engine.ts';

const BOX = { type: 'box', size: [0.05, 0.05, 0.05] } as const;

/** A box of 3 kg on one of 3 g, for 2 s: sweeps a step, and heights at the end. */
function heavyOnLight(): { readonly sweeps: number; readonly heights: number[] } {
  const engine = new CannonEngine(
    PANDA,
    tableScene([
      sceneObject(BOX, [0.6, 0.2, 0.025], { mass_kg: 0.003 }),
      sceneObject(BOX, [0.6, 0.2, 0.075], { mass_kg: 3 }),
    ]),
    { contact: { most_iterations: 100 } },
  );
  let sweeps = 0;
  for (let k = 0; k < 1000; k++) {
    engine.step();
    sweeps += engine.solver.sweeps / 1000;
  }
  return { sweeps, heights: engine.objects.map(({ position }) => position.z) };
}

describe('conjugate steps', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('bring a heavy body on a light one to rest in a fraction of the sweeps', () => {
    const ours = heavyOnLight();
    vi.spyOn(ConjugateStep.prototype, 'after').mockImplementation(() => {});
    const plain = heavyOnLight();
    expect(ours.sweeps).toBeLessThan(0.5 * plain.sweeps);
    // As deep as the contacts' stiffness says.
    const sunk = ((3 + 0.003) * 9.81) / (4 * 5e4);
    expect(ours.heights[0]).toBeCloseTo(0.025 - sunk, 5);
    expect(ours.heights[1]).toBeCloseTo(0.075 - 2 * sunk, 5);
  });
});
