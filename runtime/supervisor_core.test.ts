import { afterEach, describe, expect, it } from 'vitest';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type BeatingProcess, LockStep } from '../test/support/lock_step.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
let rig: LockStep;
afterEach(() => rig.close());

const run = (cycles: number) => {
  for (let i = 0; i < cycles; i++) rig.cycle();
};
const holds = () => rig.supervisor.view().holds;
const missing = () => rig.supervisor.view().missing;
const moving = () => Math.abs(rig.arm.servo.v[0]);

/** Where the arm's tool is (m). */
function toolPoint(): number[] {
  const { model, tcp_frame } = PANDA;
  const data = new RobotData(model);
  const pose = new Float64Array(12);
  forwardKinematics(model, data, Float64Array.of(...rig.arm.servo.q, 0, 0).slice(0, model.nq));
  framePose(model, data, frameIndex(model, tcp_frame), pose);
  return [...pose.slice(9)];
}

/** Asks for a reset and lets a second pass; the refusal, null while there is no answer. */
function reset(): string | null {
  let answer: string | null = null;
  rig.supervisor.reset((refusal) => {
    answer = refusal;
  });
  for (let i = 0; i < 600 && answer === null; i++) rig.cycle();
  return answer;
}

/** Cycles until the gate sends a slower command, from a motion under way. */
function cyclesUntilSlower(): number {
  let before = moving();
  for (let cycles = 1; cycles < 200; cycles++) {
    rig.cycle();
    if (moving() < before * 0.995) return cycles;
    before = moving();
  }
  return 200;
}

describe('the supervisor', () => {
  it('waits for all that is required before it grants anything, and says for what', () => {
    rig = new LockStep();
    expect(rig.state.mode).toBe('automatic');
    rig.close();
    rig = new LockStep(null, false);
    expect(rig.state).toMatchObject({ mode: 'initialising', lease_valid: false });
    expect(missing()).toEqual(['planning has not started']);
    expect(holds()).toEqual([]);
    rig.planning.restart();
    run(10);
    expect(rig.state.mode).toBe('automatic');
    expect(rig.supervisor.view()).toMatchObject({ missing: [], holds: [], warnings: ['recorder has not started'] });
  });

  it('stops the arm in the gate’s next cycle, with the category that is asked for', () => {
    for (const category of [0, 1, 2] as const) {
      rig = new LockStep();
      rig.move();
      expect(moving()).toBeGreaterThan(0.1);
      rig.supervisor.requestStop(category, 'a light curtain');
      rig.cycle();
      expect(rig.state.mode).toBe('protective_stop');
      expect(rig.state).toMatchObject({ stop_category: category, latched_reasons: [`stop_requested_${category}`] });
      expect(rig.state.causes).toContain('supervisor');
      expect(rig.supervisor.view()).toMatchObject({ holds: ['a light curtain'], category });
      rig.rest();
      if (category < 2) rig.close();
    }
  });

  it.each<[string, (process: BeatingProcess) => void, number, string]>([
    [
      'is killed or frozen',
      (process) => {
        process.alive = false;
      },
      0.045,
      'planning does not answer',
    ],
    [
      'hangs in its main thread',
      (process) => {
        process.main_alive = false;
      },
      0.5,
      'planning is busy for over 0.5 s',
    ],
    ['ends by itself', (process) => process.end(), 0, 'planning has ended'],
  ])('stops the arm when a required process %s, and says so', (_, fail, after_s, reason) => {
    rig = new LockStep();
    if (after_s < 0.1) rig.move();
    fail(rig.planning);
    // A beat every 5 cycles; one cycle for the supervisor's look and one for the gate's.
    const least = 500 * after_s - 6;
    run(Math.max(0, Math.floor(least)));
    expect(holds()).toEqual([]);
    run(10);
    expect(holds()).toEqual([reason]);
    expect(rig.state.mode).toBe('protective_stop');
    rig.rest();
    expect(reset()).toBe(reason);
    rig.planning.restart();
    run(10);
    expect(missing()).toEqual([]);
    expect(rig.state.mode).toBe('protective_stop');
    expect(holds()).toEqual(expect.arrayContaining([reason]));
    expect(reset()).toBe('');
    expect(rig.state.mode).toBe('automatic');
    expect(rig.move(700)).toBe('');
    expect(rig.state.follower_outcome).toBe('done');
  });

  it('begins to slow the arm 45 ms and two cycles after the last beat of a required process', () => {
    rig = new LockStep();
    rig.move(250);
    rig.planning.alive = false;
    const cycles = cyclesUntilSlower();
    expect(cycles).toBeGreaterThan(15);
    expect(cycles).toBeLessThanOrEqual(31);
  });

  it('tells of a process that nothing waits for, and lets the arm move', () => {
    rig = new LockStep();
    rig.recorder.alive = false;
    run(60);
    expect(rig.supervisor.view()).toMatchObject({ warnings: ['recorder does not answer'], holds: [], missing: [] });
    expect(rig.state.mode).toBe('automatic');
  });

  it('lets nothing move after control came back, before a reset', () => {
    rig = new LockStep();
    rig.move(250);
    rig.control_alive = false;
    run(200);
    expect(moving()).toBe(0);
    expect(rig.supervisor.view()).toMatchObject({ gate_alive: false, holds: ['the safety gate does not answer'] });
    expect(reset()).toBe('the safety gate does not answer');
    rig.restartControl();
    run(200);
    expect(rig.state).toMatchObject({ mode: 'protective_stop', lease_valid: false });
    expect(holds()).toEqual(['the safety gate does not answer', 'control was restarted']);
    expect(rig.move(300)).toMatch(/^the arm does not follow commands; reset it first$/);
    expect(moving()).toBe(0);
    expect(reset()).toBe('');
    expect(rig.move(700)).toBe('');
    expect(rig.state.follower_outcome).toBe('done');
  });

  it('lets nothing move after another supervisor came, before a reset', () => {
    rig = new LockStep();
    rig.move(250);
    rig.supervisor_alive = false;
    run(200);
    expect(rig.state.latched_reasons).toEqual(['lease_lost']);
    rig.restartSupervisor();
    run(100);
    expect(holds()).toEqual(['the supervisor was restarted']);
    expect(rig.state.mode).toBe('protective_stop');
    expect(reset()).toBe('');
    expect(rig.state.mode).toBe('automatic');
  });

  it('refuses a reset in motion with the gate’s own reason, and keeps holding', () => {
    rig = new LockStep();
    rig.move(250);
    rig.supervisor.requestStop(1, 'asked for');
    rig.cycle();
    expect(reset()).toBe('the arm is still in motion');
    expect(holds()).toEqual(['asked for']);
    rig.rest();
    expect(reset()).toBe('');
  });

  it('counts a stop that comes with a reset', () => {
    rig = new LockStep();
    rig.supervisor.requestStop(1, 'first');
    run(5);
    let answer: string | null = null;
    rig.supervisor.reset((refusal) => {
      answer = refusal;
    });
    rig.supervisor.requestStop(1, 'second');
    for (let i = 0; i < 600 && answer === null; i++) rig.cycle();
    expect(answer).toBe('second');
    expect(rig.state.mode).toBe('protective_stop');
    expect(reset()).toBe('');
  });

  it('selects modes, and passes the enabling device on', () => {
    rig = new LockStep();
    const ask = (mode: 'reduced' | 'guided' | 'automatic', enabled: boolean) => {
      let answer: string | null = null;
      rig.supervisor.setMode(mode, enabled, (refusal) => {
        answer = refusal;
      });
      run(3);
      return answer;
    };
    expect(ask('guided', false)).toBe('');
    expect(rig.state.selected_mode).toBe('guided');
    rig.move(20);
    expect(rig.state.follower_outcome).toBe('stopped_by_safety');
    expect(ask('guided', true)).toBe('');
    rig.rest();
    expect(rig.move(250)).toBe('');
    expect(moving()).toBeGreaterThan(0.1);
    expect(ask('automatic', true)).toBe('mode automatic can be selected only when the arm is at rest');
    rig.rest();
  });

  it('obeys the enabling device of sources that have one at once, and what is said with a mode only without', () => {
    rig = new LockStep();
    const select = (mode: 'guided' | 'automatic', enabled: boolean) => {
      rig.supervisor.setMode(mode, enabled, () => {});
      run(3);
    };
    const trial = () => {
      rig.move(20);
      const speed = moving();
      rig.rest();
      return speed > 0.01;
    };
    rig.supervisor.setEnablingDevice('released');
    select('guided', true);
    expect(trial()).toBe(false);
    rig.supervisor.setEnablingDevice('held');
    run(2);
    rig.move(250);
    expect(moving()).toBeGreaterThan(0.1);
    rig.supervisor.releaseEnablingDevice();
    run(1);
    expect(rig.state).toMatchObject({ mode: 'protective_stop', stop_category: 2 });
    rig.rest();
    rig.supervisor.setEnablingDevice('held');
    run(3);
    expect(rig.state.mode).toBe('guided');
    // A device that is gone is not held, until somebody says otherwise.
    rig.supervisor.setEnablingDevice('none');
    run(2);
    expect(trial()).toBe(false);
    select('guided', true);
    rig.move(60);
    expect(moving()).toBeGreaterThan(0.01);
  });

  it('stops for what speaks against motion outside, and waits for what has never been there', () => {
    rig = new LockStep();
    rig.supervisor.setConditions([{ reason: 'cell: a safeguard is open', category: 1, awaited: false }]);
    run(3);
    expect(holds()).toEqual(['cell: a safeguard is open']);
    expect(reset()).toBe('cell: a safeguard is open');
    rig.supervisor.setConditions([{ reason: 'cell has not started', category: 1, awaited: true }]);
    expect(reset()).toBe('cell has not started');
    rig.supervisor.setConditions([]);
    expect(reset()).toBe('');
  });

  it('holds the tool to the speed it is told, at rest at once, and grants nothing before', () => {
    rig = new LockStep();
    rig.supervisor.setLimits(0.05, 1);
    run(30);
    expect(rig.state.mode).toBe('automatic');
    rig.move(0);
    let fastest_m_per_s = 0;
    for (let cycle = 0; cycle < 300; cycle++) {
      const before = toolPoint();
      rig.cycle();
      fastest_m_per_s = Math.max(fastest_m_per_s, 500 * Math.hypot(...toolPoint().map((x, k) => x - before[k])));
    }
    expect(fastest_m_per_s).toBeGreaterThan(0.02);
    // The arm's servo makes up for what is left with up to 2 % and 0.008 rad/s more.
    expect(fastest_m_per_s).toBeLessThan(0.056);
    expect(rig.state.limited).toBeGreaterThan(0);
  });

  it('does not take its own lateness for the silence of others', () => {
    rig = new LockStep();
    run(20);
    rig.supervisor.step(1000);
    rig.supervisor.step(1001);
    expect(holds()).toEqual([]);
  });
});
