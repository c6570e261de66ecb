import { expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { PANDA, SimRig, toolDown } from '../../test/support/sim_rig.ts';
import { createTask } from '../tasks/index.ts';
import { CannonEngine } from './engine.ts';

/** Pokes about in the world of a task: goes down, closes, lifts, at random. */
function poke(rig: SimRig, rng: Rng, until: number, each: () => void): void {
  while (rig.engine.steps < until) {
    rig.grip(rng.uniform() < 0.5 ? 0 : 0.08, rng.range(5, 70));
    const place = [rng.range(0.42, 0.62), rng.range(-0.25, 0.25), rng.range(0.03, 0.15)] as const;
    const q = toolDown(place, rng.range(-1, 1));
    rig.move(q, Math.min(250, until - rig.engine.steps), each);
  }
}

it('branches and goes on with the same bytes from any step of any task', () => {
  for (const task of ['clutter', 'sort', 'pick-place'] as const) {
    for (let seed = 0; seed < 12; seed++) {
      const rng = createRng(seed).stream(task);
      const { scene } = createTask(task).reset(rng.stream('task'));
      const rig = new SimRig(scene);
      poke(rig, rng.stream('before'), 300 + rng.int(900), () => {});
      const world = rig.engine.saveState();
      const inputs: Float64Array[] = [];
      const states: Buffer[] = [];
      poke(rig, rng.stream('after'), rig.engine.steps + 400, () => {
        const { engine } = rig;
        if (inputs.length > 0) states.push(Buffer.from(engine.saveState().buffer).subarray(8 * 12));
        inputs.push(Float64Array.of(...engine.tau, ...engine.implicit_damping, ...engine.implicit_stiffness));
      });
      const fresh = new CannonEngine(PANDA, scene);
      fresh.loadState(world);
      inputs.forEach((input, k) => {
        fresh.tau.set(input.subarray(0, 8));
        fresh.implicit_damping.set(input.subarray(8, 16));
        fresh.implicit_stiffness.set(input.subarray(16));
        // Both have the same inputs now, and have taken the same steps.
        if (k > 0) {
          const bytes = Buffer.from(fresh.saveState().buffer).subarray(8 * 12);
          expect(bytes.equals(states[k - 1]), `${task}, seed ${seed}, step ${k}`).toBe(true);
        }
        fresh.step();
      });
      expect(inputs.length).toBe(400);
    }
  }
});
