import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits } from '../safety/index.ts';
import { CannonEngine } from '../sim/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { EngineRig, tableScene } from '../test/support/sim_rig.ts';
import { wrongMasses } from '../test/support/wrong_masses.ts';
import { ContactDetector } from './contact_detector.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const HZ = 500;
const LIMITS = envelopeLimits(envelopeForRobot(PANDA));
const TOOL_BODY = 6;

/** The Panda in cannon with masses its model does not know, and a detector that watches it. */
class Watched {
  readonly rig: EngineRig;
  readonly detector = new ContactDetector(PANDA, HZ);
  private from: Float64Array;

  constructor(seed: number, mass_error: number) {
    const robot = wrongMasses(PANDA, mass_error, createRng(seed, 'masses'));
    this.rig = new EngineRig(new CannonEngine(robot, tableScene([])), PANDA.home_q);
    this.from = PANDA.home_q.slice(0, N);
    this.run(200, () => {});
  }

  run(steps: number, each: (k: number) => void): void {
    const { rig, detector } = this;
    for (let k = 0; k < steps; k++) {
      detector.update(rig.arm.read());
      each(k);
      rig.run(1, () => this.push());
    }
  }

  push: () => void = () => {};

  move(to: Float64Array, fraction: number, each: (k: number) => void): void {
    const { position, time_s } = restToRest(
      this.from,
      to,
      LIMITS,
      fraction,
      1 / HZ,
      PANDA.model.joint_names.slice(0, N),
    );
    const { command } = this.rig;
    this.run(time_s.length, (k) => {
      for (let i = 0; i < N; i++) {
        const next = position[k * N + i];
        command.velocity[i] = (next - command.position[i]) * HZ;
        command.position[i] = next;
      }
      each(k);
    });
    this.from = to;
  }
}

describe('contact detection', () => {
  it('gives no false alarm at the limits of motion with every mass wrong by a fifth', () => {
    const rng = createRng(1, 'no false alarm');
    let nearest = 0;
    for (let c = 0; c < 4; c++) {
      const watched = new Watched(c, 0.2);
      for (let m = 0; m < 5; m++) {
        const to = PANDA.home_q.slice(0, N).map((q) => q + rng.range(-0.6, 0.6));
        watched.move(to, 1, (k) => {
          const { detector } = watched;
          for (let i = 0; i < N; i++) {
            const share = Math.abs(detector.observer.residual[i]) / detector.threshold[i];
            if (!(share < 1)) expect(share, `arm ${c}, move ${m}, step ${k}, joint ${i + 1}`).toBeLessThan(1);
            nearest = Math.max(nearest, share);
          }
        });
      }
    }
    expect(nearest, 'of the threshold: it is not just wide').toBeGreaterThan(0.3);
  });

  it('feels 30 N on the hand within 50 ms, in motion too, and tells the link', () => {
    const rng = createRng(2, 'contact');
    const cycles: number[] = [];
    for (let c = 0; c < 12; c++) {
      const watched = new Watched(c, 0.1);
      const direction = [0, 1, 2].map(() => rng.normal());
      const force = direction.map((x) => (30 * x) / Math.hypot(...direction));
      let since = -1;
      let noticed = -1;
      const each = (k: number) => {
        if (k === 150) watched.push = () => watched.rig.engine.pushBody(TOOL_BODY, [...force, 0, 0, 0]);
        if (k >= 150) since++;
        if (noticed < 0 && watched.detector.contact) {
          expect(k, `case ${c}: before the push`).toBeGreaterThan(150);
          noticed = since;
        }
      };
      if (c % 2 === 0) watched.run(200, each);
      else
        watched.move(
          PANDA.home_q.slice(0, N).map((q) => q + rng.range(0.4, 0.6)),
          0.6,
          each,
        );
      expect(noticed, `case ${c}, force ${force}`).toBeGreaterThan(0);
      cycles.push(noticed);
    }
    expect(Math.max(...cycles) / HZ, `cycles ${cycles}`).toBeLessThanOrEqual(0.05);
  });

  it('finds the link that is touched, or one before the next', () => {
    for (const body of [3, 4, 5, 6]) {
      const watched = new Watched(body, 0);
      watched.push = () => watched.rig.engine.pushBody(body, [20, 30, -20, 0, 0, 0]);
      watched.run(100, () => {});
      expect(watched.detector.joint, `body ${body}`).toBeLessThanOrEqual(body);
      expect(watched.detector.link).toMatch(/^panda_link\d$/);
    }
  });

  it('refuses what is no share', () => {
    expect(() => new ContactDetector(PANDA, HZ, { mass_error: -0.1 })).toThrow('mass_error -0.1');
  });

  it('allocates nothing', () => {
    const watched = new Watched(0, 0);
    const state = watched.rig.arm.read();
    const run = (count: number) => {
      for (let k = 0; k < count; k++) watched.detector.update(state);
    };
    run(5000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
