import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JointTrajectory } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, type Obstacle } from '../safety/index.ts';
import { compiledProgram } from '../test/support/programs.ts';
import type { RealTimeControl, SimulatedArmProcess } from './index.ts';

const robot = loadRobot('panda');
const N = robot.arm_joints;
const NAMES = robot.model.joint_names.slice(0, N);
const HZ = 500;

/** What was to be seen did not come about, on a machine too busy for it. */
class Spoilt extends Error {}

describe('control in real time', () => {
  let arm: SimulatedArmProcess;
  let control: RealTimeControl;
  beforeAll(async () => {
    const program = await compiledProgram('control_host');
    // Threads and processes need compiled code, so what starts them is loaded compiled as well.
    const url = pathToFileURL(join(dirname(program), '..', '..', 'runtime', 'index.js')).href;
    const runtime: typeof import('./index.ts') = await import(url);
    arm = await runtime.SimulatedArmProcess.start({ robot, hz: HZ, log_file: null });
    // What is tried here is not the machine's punctuality.
    const envelope = { ...envelopeForRobot(robot), late_s: 0.2, lease_s: 0.3 };
    control = await runtime.RealTimeControl.start({
      robot: robot.name,
      hz: HZ,
      arm: arm.link,
      envelope,
      contact: { stop: true },
    });
  });
  afterAll(async () => {
    await control?.close();
    await arm?.close();
  });

  async function until(condition: () => boolean, within_ms = 3000): Promise<void> {
    for (const end = performance.now() + within_ms; !condition(); await sleep(2)) {
      if (performance.now() > end) throw new Error(`not so after ${within_ms} ms: ${JSON.stringify(control.state())}`);
    }
  }

  /** Brings everything to where motion is allowed; a busy machine may have stopped it. */
  async function ready(): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      await until(() => control.state().at_rest);
      await control.selectMode('automatic');
      const { mode, arm_phase } = control.state();
      if (mode === 'automatic' && arm_phase === 'following') return;
      await control.reset().catch(() => {});
    }
    throw new Error(`not ready: ${JSON.stringify(control.state())}`);
  }

  /** Tries again what a machine too busy for it has spoilt. */
  async function undisturbed(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      await ready();
      try {
        return await work();
      } catch (error) {
        const { latched_reasons, causes } = control.state();
        const busy = latched_reasons.some((reason) => reason === 'late_cycle' || reason === 'lease_lost');
        if (
          !(error instanceof Spoilt || busy || causes.includes('arm_braked') || causes.includes('arm_silent')) ||
          tries > 8
        )
          throw error;
      }
    }
  }

  /** Joint 1 to `goal` (rad) in two seconds. */
  function turn(goal: number): JointTrajectory {
    const from = control.state().reference;
    const still = new Float64Array(2 * N);
    const position = Float64Array.of(...from, ...from.map((q, i) => (i === 0 ? goal : q)));
    return { joint_names: NAMES, time_s: Float64Array.of(0, 2), position, velocity: still, acceleration: still };
  }

  it('stops by category while the arm moves, with the supervisor on its side, and goes on after a reset', async () => {
    await undisturbed(async () => {
      await control.startTrajectory(turn(0.4));
      await until(() => Math.abs(control.state().velocity[0]) > 0.1);
      control.requestStop(0);
      await until(() => control.state().mode === 'protective_stop' && control.state().arm_phase === 'holding');
      expect(control.state()).toMatchObject({ stop_category: 0, drives_on: false });
      expect(control.state().latched_reasons).toContain('stop_requested_0');
      await ready();
      expect(control.state()).toMatchObject({ stop_category: -1, drives_on: true, latched_reasons: [] });
    });
  });

  it('says in one line why a request is refused', async () => {
    await ready();
    const far = turn(0);
    far.position.fill(1);
    await expect(control.startTrajectory(far)).rejects.toThrow(/^trajectory starts [\d.]+ rad from where/);
    await expect(control.startTrajectory({ ...far, joint_names: ['x'] })).rejects.toThrow(
      /^trajectory of joints x: must be/,
    );
  });

  it('answers requests in their order, however many are sent at once', async () => {
    await undisturbed(async () => {
      const [first, second] = [control.selectMode('reduced'), control.startTrajectory(turn(0.1))];
      await Promise.all([first, second, control.cancelTrajectory()]);
      await until(() => control.state().at_rest);
      expect(control.state()).toMatchObject({ selected_mode: 'reduced', mode: 'reduced' });
      await control.selectMode('automatic');
    });
  });

  it('moves at the speed and by the tolerances it is told', async () => {
    await undisturbed(async () => {
      await control.setSpeed(0.5);
      await control.startTrajectory(turn(control.state().reference[0] + 0.2), { path_rad: { [NAMES[0]]: 0.2 } });
      const { t_s } = control.state();
      expect(control.state().speed).toBe(0.5);
      await until(() => control.state().at_rest && control.state().follower_outcome !== 'none', 8000);
      expect(control.state()).toMatchObject({ follower_outcome: 'done', contact_joint: -1 });
      expect(control.state().t_s - t_s).toBeGreaterThan(3.9);
    });
    await control.setSpeed(1);
    await expect(control.setSpeed(2)).rejects.toThrow('speed 2: must be from 0 to 1');
    await expect(control.startTrajectory(turn(0), { goal_rad: { x: 1 } })).rejects.toThrow(/^tolerance goal_rad of x/);
  });

  it('keeps the arm clear of obstacles it is told of', async () => {
    await undisturbed(async () => {
      // A wall beside the arm, in the way of joint 1.
      const wall: Obstacle = {
        id: 'wall',
        shape: { type: 'box', size: [1.2, 0.05, 1.5] },
        pose: { position: [0.5, 0.25, 0.75], orientation: [0, 0, 0, 1] },
        velocity_m_per_s: [0, 0, 0],
      };
      await control.setObstacles([wall]);
      await control.startTrajectory(turn(0.9));
      await until(() => control.state().follower_outcome !== 'none' && control.state().at_rest, 8000);
      if (control.state().position[0] < 0.1) throw new Spoilt('the lease was lost before the arm came near');
      expect(control.state().follower_outcome).not.toBe('done');
      expect(control.state().position[0]).toBeLessThan(0.8);
      expect(control.state().limited).toBeGreaterThan(0);
      await control.setObstacles([]);
    });
  });

  it('restarts a supervisor that was killed', async () => {
    await ready();
    const { pid } = control.supervisor;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, 'SIGKILL');
    await until(() => control.state().latched_reasons.includes('lease_lost'));
    expect(control.supervisor.pid).toBe(0);
    await control.supervisor.start();
    await ready();
  });
});
