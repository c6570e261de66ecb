import { describe, expect, it } from 'vitest';
import {
  ACTIONS,
  type GoalHandle,
  InProcessBus,
  type OperatorJog,
  type PickPlaceFeedback,
  type PickPlaceResult,
  type RunPolicyFeedback,
  type RunPolicyGoal,
  type RunPolicyResult,
  type SafetyState,
  SERVICES,
  TOPICS,
} from '../../contracts/index.ts';
import type { Command, CommandOf, Reply } from '../protocol/index.ts';
import { ControlDesk } from './control_desk.ts';
import type { Operator } from './control_lease.ts';
import type { DeskCommand, DeskEvent } from './desk_types.ts';
import { TickRing } from './tick_ring.ts';

const ADA: Operator = { session: 's-ada', tab: 'tab-ada-1', user: 'ada' };
const BOB: Operator = { session: 's-bob', tab: 'tab-bob-1', user: 'bob' };
const LINEAR = {
  ...{ name: 'linear', version: '1', model_sha256: 'ab'.repeat(32), task: 'pick-place', rate_hz: 25 },
  ...{ told: 'state' as const, ask_below: 0.5 },
};
const STEP_MS = 10;

/** A desk beside an arm that follows jogs at once and slows down when it is told to, unless it is `deaf`. */
class Rig {
  readonly bus = new InProcessBus({ validate: true });
  readonly ticks = new TickRing();
  readonly events: DeskEvent[] = [];
  readonly jogs: OperatorJog[] = [];
  readonly modes: string[] = [];
  readonly speeds: number[] = [];
  now_ms = 1000;
  tick = 0;
  deaf = false;
  speed_rad_s = 0;
  picture_ms: number | null = 40;
  is_silent = false;
  is_full = false;
  stops = 0;
  mode: SafetyState['mode'] = 'automatic';
  latched = false;
  reasons: string[] = [];
  goal: GoalHandle<PickPlaceFeedback, PickPlaceResult> | null = null;
  policy: { readonly goal: RunPolicyGoal; readonly handle: GoalHandle<RunPolicyFeedback, RunPolicyResult> } | null =
    null;
  private wanted = false;
  private epoch = 100;
  private sequence = 0;
  private id = 0;
  readonly desk: ControlDesk;

  constructor() {
    this.serve();
    this.desk = new ControlDesk({
      bus: this.bus,
      now_ms: () => this.now_ms,
      robot_ns: () => BigInt(Math.round(this.now_ms * 1e6)),
      scope: 'panda',
      epochs: { next: () => ++this.epoch },
      ticks: this.ticks,
      limits: { linear_m_s: 0.25, angular_rad_s: 0.5, joint_rad_s: [0.5, 0.5] },
      joint_names: ['j1', 'j2'],
      frames: { base: '', tool: 'tool', camera: 'camera' },
      robot: {
        safety: () => (this.is_silent ? null : this.safety()),
        arm: () => ({ speed_rad_s: this.speed_rad_s, age_ms: this.is_silent ? 1000 : 5 }),
        picture_ms: () => this.picture_ms,
      },
      targetOf: (place) => (place === 'bin' ? [0.4, 0.2, 0] : null),
      next: () => null,
      isFull: () => this.is_full,
      policyOf: (hash) => (hash === LINEAR.model_sha256 ? LINEAR : 'no such policy is offered'),
      onEvent: (event) => this.events.push(event),
    });
  }

  safety(): SafetyState {
    const { mode, latched, reasons } = this;
    return {
      ...{
        stamp_ns: BigInt(Math.round(this.now_ms * 1e6)),
        mode,
        latched,
        reasons,
        stop_category: -1,
        drives_on: true,
      },
      ...{ stop_time_s: 0.2, lease_valid: true, passed: 0, limited: 0, stopped: 0, degradation: 'none', pace: 1 },
      ...{ separation_m: null, protective_distance_m: null },
    };
  }

  private serve(): void {
    const { bus } = this;
    bus.subscribe(TOPICS.operator_jog, 'arm', (jog) => {
      this.jogs.push(jog);
      this.wanted = jog.kind !== 'release';
      if (this.wanted) this.speed_rad_s = 0.3;
    });
    bus.serve(SERVICES.safety_set_mode, ({ mode, enabled }) => {
      this.modes.push(`${mode}${enabled ? ' enabled' : ''}`);
      if (!this.latched) this.mode = mode;
      return { success: true, message: '' };
    });
    bus.serve(SERVICES.set_speed, ({ speed }) => {
      this.speeds.push(speed);
      if (speed === 0) this.wanted = false;
      return { success: true, message: '' };
    });
    bus.serve(SERVICES.safety_stop, () => {
      this.stops++;
      this.latched = true;
      this.mode = 'protective_stop';
      this.reasons = ['stop_requested_1'];
      this.wanted = false;
      this.deaf = false;
      this.goal?.abort({ ok: false, stage: 'safety', reason: 'stopped', attempts: 1 });
      this.goal = null;
      return { success: true, message: '' };
    });
    bus.serve(SERVICES.safety_reset, () => {
      if (this.speed_rad_s > 0) return { success: false, message: 'the arm is still in motion' };
      this.latched = false;
      this.reasons = [];
      this.mode = 'reduced';
      setImmediate(() => {
        this.now_ms += 1;
        bus.publish(TOPICS.safety_state, this.safety());
      });
      return { success: true, message: '' };
    });
    bus.serveAction(ACTIONS.pick_place, (_, handle) => {
      this.goal = handle;
      this.wanted = true;
      this.speed_rad_s = 1;
      handle.onCancel(() => {
        this.wanted = false;
        this.goal = null;
        handle.abort({ ok: false, stage: 'transfer', reason: 'canceled', attempts: 1 });
      });
    });
    bus.serveAction(ACTIONS.run_policy, (goal, handle) => {
      this.policy = { goal, handle };
      this.wanted = true;
      this.speed_rad_s = 1;
      handle.onCancel(() => {
        this.wanted = false;
        handle.abort({ ok: false, stage: 'lift', reason: 'cancelled', time_s: 1 });
      });
    });
  }

  /** Lets time pass; the pages of `alive` go on telling that they are there. */
  async pass(ms: number, ...alive: readonly Operator[]): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.now_ms += STEP_MS;
      if (!this.wanted && !this.deaf) this.speed_rad_s = Math.max(0, this.speed_rad_s - 0.05);
      this.ticks.note(++this.tick, this.now_ms, BigInt(Math.round(this.now_ms * 1e6)));
      for (const page of alive) await this.desk.take(page, { type: 'alive', tick: this.tick, epoch: this.epoch });
      this.desk.step();
      for (let k = 0; k < 4; k++) await Promise.resolve();
    }
  }

  async ask(from: Operator, asked: DeskCommand): Promise<Reply> {
    const answer = await this.desk.take(from, asked);
    if (answer === null) throw new Error(`no answer to ${asked.type}`);
    return answer;
  }

  async control(from: Operator): Promise<void> {
    await this.pass(300, from);
    expect(await this.ask(from, { type: 'lease', id: ++this.id, want: 'take' })).toMatchObject({ ok: true });
    await this.pass(50, from);
    expect(this.desk.snapshot(from).lease.yours).toBe(true);
  }

  pressed<T extends 'pause' | 'continue' | 'cancel'>(type: T): { type: T; id: number; epoch: number; tick: number } {
    return { type, id: ++this.id, epoch: this.epoch, tick: this.tick };
  }

  jog(fields: Partial<CommandOf<'jog'>> = {}): CommandOf<'jog'> {
    const { epoch, tick } = this;
    const turn = { linear: [1, 0, 0], angular: [0, 0, 0] } as const;
    return { type: 'jog', epoch, tick, sequence: ++this.sequence, frame: 'base', ...turn, ...fields };
  }

  let(cause: CommandOf<'release'>['cause'] = 'released'): CommandOf<'release'> {
    return { type: 'release', epoch: this.epoch, sequence: ++this.sequence, cause };
  }

  pick(): Extract<Command, { type: 'pick' }> {
    const object = { class: 'box', colour: 'red' } as const;
    return { type: 'pick', id: ++this.id, epoch: this.epoch, tick: this.tick, object, place: 'bin' };
  }

  runPolicy(fields: Partial<CommandOf<'policy'>> = {}): CommandOf<'policy'> {
    const { model_sha256 } = LINEAR;
    return { ...this.pick(), type: 'policy', model_sha256, ...fields };
  }

  /** Holds a control down for a while. */
  async hold(from: Operator, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 30) {
      await this.desk.take(from, this.jog());
      await this.pass(30);
    }
  }

  get moving(): readonly OperatorJog[] {
    return this.jogs.filter(({ kind }) => kind !== 'release');
  }
}

async function inControl(): Promise<Rig> {
  const rig = new Rig();
  await rig.control(ADA);
  return rig;
}

describe('jogging', () => {
  it('selects reduced mode, enabled, before the arm moves, and disables it at standstill', async () => {
    const rig = await inControl();
    await rig.desk.take(ADA, rig.jog());
    expect(rig.moving).toEqual([]);
    await rig.pass(30);
    await rig.hold(ADA, 300);
    expect(rig.modes).toEqual(['reduced enabled']);
    expect(rig.moving.at(-1)).toMatchObject({ kind: 'twist', frame_id: '', linear: [0.25, 0, 0], session: 's-ada' });
    await rig.desk.take(ADA, rig.let());
    expect(rig.jogs.at(-1)?.kind).toBe('release');
    await rig.pass(400, ADA);
    expect(rig.modes).toEqual(['reduced enabled', 'reduced']);
    expect(rig.stops).toBe(0);
    const sequences = rig.jogs.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(sequences.length);
  });

  it('is refused to others, without the lease, by old pictures and while the robot is stopped', async () => {
    const rig = await inControl();
    await rig.hold(BOB, 100);
    expect(rig.jogs).toEqual([]);
    expect(Object.keys(rig.desk.takeRefused(BOB)?.reasons ?? {})).toEqual([
      'this page is not in control of the robot, or was given control anew since',
    ]);
    expect(rig.desk.takeRefused(BOB)).toBeNull();
    rig.picture_ms = 301;
    await rig.hold(ADA, 100);
    rig.picture_ms = null;
    await rig.hold(ADA, 100);
    rig.picture_ms = 40;
    rig.latched = true;
    rig.mode = 'protective_stop';
    await rig.hold(ADA, 100);
    expect(rig.jogs).toEqual([]);
    expect(rig.desk.guard.dropped).toMatchObject({ picture_old: 8, stopped: 4, not_in_control: 4 });
  });

  it.each([
    ['the picture gets old', (rig: Rig) => void Object.assign(rig, { picture_ms: 350 })],
    ['the robot stops', (rig: Rig) => void Object.assign(rig, { mode: 'protective_stop', latched: true })],
    ['the robot falls silent', (rig: Rig) => void Object.assign(rig, { is_silent: true })],
  ])('is let go when %s, and only a new press moves the arm again', async (_, happen) => {
    const rig = await inControl();
    await rig.hold(ADA, 200);
    const before = rig.moving.length;
    expect(before).toBeGreaterThan(0);
    happen(rig);
    await rig.hold(ADA, 30);
    expect(rig.jogs.at(-1)?.kind).toBe('release');
    Object.assign(rig, { picture_ms: 40, mode: 'reduced', latched: false, is_silent: false });
    await rig.hold(ADA, 500);
    expect(rig.moving.length).toBe(before);
    await rig.desk.take(ADA, rig.let());
    await rig.hold(ADA, 200);
    expect(rig.moving.length).toBeGreaterThan(before);
  });

  it('counts as let go after a reconnection once the page is there without it, and not before', async () => {
    for (const still_held of [true, false]) {
      const rig = await inControl();
      await rig.hold(ADA, 200);
      rig.desk.closed(ADA);
      expect(rig.jogs.at(-1)?.kind).toBe('release');
      const before = rig.moving.length;
      await rig.pass(600);
      if (still_held) {
        for (let k = 0; k < 30; k++) {
          await rig.desk.take(ADA, { type: 'alive', tick: rig.tick, epoch: 0 });
          await rig.hold(ADA, 30);
        }
        expect(rig.moving.length).toBe(before);
      } else {
        await rig.pass(300, ADA);
        await rig.hold(ADA, 200);
        expect(rig.moving.length).toBeGreaterThan(before);
      }
    }
  });

  it('ends by itself when its messages stop coming', async () => {
    const rig = await inControl();
    await rig.hold(ADA, 200);
    await rig.pass(170, ADA);
    expect(rig.jogs.at(-1)?.kind).toBe('release');
    await rig.pass(600);
    const before = rig.moving.length;
    await rig.hold(ADA, 100);
    expect(rig.moving.length).toBe(before);
  });

  it('stops the robot, latched, when the arm does not slow down after it was let go', async () => {
    const rig = await inControl();
    await rig.hold(ADA, 200);
    rig.deaf = true;
    await rig.desk.take(ADA, rig.let());
    await rig.pass(200, ADA);
    expect(rig.stops).toBe(0);
    await rig.pass(100, ADA);
    expect(rig.stops).toBe(1);
    expect(rig.events).toContainEqual({ kind: 'stopped', why: expect.stringContaining('has not slowed down') });
  });
});

describe('automatic motion', () => {
  it('starts with one press in automatic mode, and excludes jogging and other motions', async () => {
    const rig = await inControl();
    expect(await rig.ask(ADA, rig.pick())).toMatchObject({ ok: true });
    expect(rig.modes).toEqual(['automatic']);
    expect(rig.speeds).toEqual([1]);
    await rig.pass(50, ADA);
    expect(rig.desk.snapshot(null).task.kind).toBe('pick');
    await rig.hold(ADA, 60);
    expect(rig.jogs).toEqual([]);
    expect(Object.keys(rig.desk.takeRefused(ADA)?.reasons ?? {})[0]).toMatch(/automatic pick is under way; cancel/);
    expect(await rig.ask(ADA, rig.pick())).toMatchObject({ ok: false, reason: expect.stringContaining('under way') });
  });

  it('is taken over: rest at once, reduced mode, speed as before', async () => {
    const rig = await inControl();
    await rig.ask(ADA, rig.pick());
    await rig.pass(100, ADA);
    expect(await rig.ask(ADA, rig.pressed('cancel'))).toMatchObject({ ok: true });
    await rig.pass(600, ADA);
    expect(rig.modes).toEqual(['automatic', 'reduced']);
    expect(rig.speeds).toEqual([1, 0, 1]);
    expect(rig.events.at(-1)).toMatchObject({ kind: 'taken_over', what: 'cancel' });
    await rig.hold(ADA, 120);
    expect(rig.moving.length).toBeGreaterThan(0);
  });

  it('is paused and goes on only by a press', async () => {
    const rig = await inControl();
    await rig.ask(ADA, rig.pick());
    expect(await rig.ask(ADA, rig.pressed('pause'))).toMatchObject({ ok: true });
    expect(rig.desk.snapshot(null).task).toMatchObject({ kind: 'pick', paused: true });
    expect(await rig.ask(ADA, rig.pressed('pause'))).toMatchObject({ ok: false });
    await rig.pass(200, ADA);
    expect(rig.speeds).toEqual([1, 0]);
    expect(await rig.ask(ADA, rig.pressed('continue'))).toMatchObject({ ok: true });
    expect(rig.speeds).toEqual([1, 0, 1]);
  });

  it('needs a page that is up to date, but comes to rest for any page in control', async () => {
    const rig = await inControl();
    const old = rig.tick;
    await rig.pass(200, ADA);
    expect(await rig.ask(ADA, { ...rig.pick(), tick: old })).toMatchObject({ ok: false });
    expect(await rig.ask(ADA, { ...rig.pick(), tick: rig.tick + 1 })).toMatchObject({ ok: false });
    await rig.ask(ADA, rig.pick());
    expect(await rig.ask(ADA, { ...rig.pressed('cancel'), tick: old })).toMatchObject({ ok: true });
  });
});

describe('a policy', () => {
  it('starts with one press in automatic mode, tells how it goes, and excludes every other motion', async () => {
    const rig = await inControl();
    expect(await rig.ask(ADA, rig.runPolicy())).toMatchObject({ ok: true });
    expect(rig.modes).toEqual(['automatic']);
    expect(rig.policy?.goal).toEqual({
      ...{ object: { class: 'box', colour: 'red' }, target: [0.4, 0.2, 0], model_sha256: LINEAR.model_sha256 },
    });
    const progress = { stage: 'lift', reason: '', confidence: 0.8, time_s: 2.5 };
    rig.policy?.handle.feedback({ phase: 'running', ...progress });
    const shown = { kind: 'policy', stage: 'lift', policy: { name: 'linear', confidence: 0.8, time_s: 2.5 } };
    expect(rig.desk.snapshot(null).task).toMatchObject(shown);
    rig.policy?.handle.feedback({ phase: 'asking', ...progress, reason: 'it is unsure' });
    expect(rig.desk.snapshot(null).task).toMatchObject({ stage: 'ask', reason: 'it is unsure' });
    for (const other of [rig.pick(), rig.runPolicy()])
      expect((await rig.ask(ADA, other)).reason).toContain('a policy is under way');
    await rig.desk.take(ADA, rig.jog());
    await rig.pass(50, ADA);
    expect(rig.moving).toEqual([]);
    rig.speed_rad_s = 0;
    rig.policy?.handle.succeed({ ok: true, stage: 'done', reason: '', time_s: 4 });
    await rig.pass(100, ADA);
    const { object, target } = rig.policy?.goal ?? {};
    expect(rig.events.at(-1)).toMatchObject({
      kind: 'ended',
      motion: { kind: 'policy', ok: true, goal: { object, target } },
    });
    expect(rig.desk.snapshot(null).task).toMatchObject({ kind: 'none', stage: 'done' });
  });

  it('is started by nobody else, by no old state, where it is not offered or the robot is stopped', async () => {
    const rig = await inControl();
    const refused = async (from: Operator, asked: DeskCommand) => (await rig.ask(from, asked)).reason;
    expect(await refused(BOB, rig.runPolicy())).not.toBe('');
    const old = rig.runPolicy();
    await rig.pass(300, ADA);
    expect(await refused(ADA, old)).not.toBe('');
    expect(await refused(ADA, rig.runPolicy({ model_sha256: 'f'.repeat(64) }))).toBe('no such policy is offered');
    expect(await refused(ADA, rig.runPolicy({ place: 'moon' }))).toContain('moon');
    rig.is_full = true;
    expect(await refused(ADA, rig.runPolicy())).toBe('nothing is free in bin; choose another place');
    rig.is_full = false;
    rig.latched = true;
    rig.mode = 'protective_stop';
    expect(await refused(ADA, rig.runPolicy())).not.toBe('');
    expect(rig.policy).toBeNull();
  });

  it('is paused, goes on by a press, and is taken over: rest at once, reduced mode', async () => {
    const rig = await inControl();
    await rig.ask(ADA, rig.runPolicy());
    await rig.ask(ADA, rig.pressed('pause'));
    expect(rig.desk.snapshot(null).task).toMatchObject({ kind: 'policy', paused: true });
    await rig.ask(ADA, rig.pressed('continue'));
    expect(await rig.ask(ADA, rig.pressed('cancel'))).toMatchObject({ ok: true });
    await rig.pass(500, ADA);
    expect(rig.speeds).toEqual([1, 0, 1, 0, 1]);
    expect(rig.modes).toEqual(['automatic', 'reduced']);
    expect(rig.events).toContainEqual(expect.objectContaining({ kind: 'taken_over', what: 'cancel' }));
    expect(rig.stops).toBe(0);
  });

  it('is stopped, latched, when the session that started it falls silent', async () => {
    const rig = await inControl();
    await rig.ask(ADA, rig.runPolicy());
    await rig.pass(1500);
    expect(rig.stops).toBe(0);
    await rig.pass(1000);
    expect(rig.stops).toBe(1);
    expect(rig.desk.snapshot(ADA).lease.yours).toBe(false);
  });
});

describe('a silent session', () => {
  it('stops the robot, latched, after 2 s while anything moves', async () => {
    const rig = await inControl();
    await rig.ask(ADA, rig.pick());
    await rig.pass(1900);
    expect(rig.stops).toBe(0);
    await rig.pass(200);
    expect(rig.stops).toBe(1);
    expect(rig.desk.lease.lease).toBeNull();
  });

  it('only loses the lease while nothing moves', async () => {
    const rig = await inControl();
    await rig.pass(2200);
    expect(rig.stops).toBe(0);
    expect(rig.desk.lease.lease).toBeNull();
  });

  it('is one that no longer draws what it is sent', async () => {
    const rig = await inControl();
    const old = rig.tick;
    for (let k = 0; k < 30; k++) {
      await rig.desk.take(ADA, { type: 'alive', tick: old, epoch: 0 });
      await rig.pass(100);
    }
    expect(rig.desk.lease.lease).toBeNull();
  });
});

describe('handing over', () => {
  it('brings the arm to a standstill before anybody else is in control', async () => {
    const rig = await inControl();
    await rig.ask(ADA, rig.pick());
    await rig.pass(100, ADA, BOB);
    expect(await rig.ask(BOB, { type: 'lease', id: 1, want: 'request' })).toMatchObject({ ok: true });
    await rig.pass(4900, ADA, BOB);
    expect(rig.desk.snapshot(ADA).lease.yours).toBe(true);
    let fastest_rad_s = 0;
    for (let k = 0; k < 100 && !rig.desk.snapshot(BOB).lease.yours; k++) {
      fastest_rad_s = rig.speed_rad_s;
      await rig.pass(10, ADA, BOB);
    }
    expect(rig.desk.snapshot(BOB).lease.yours).toBe(true);
    expect(fastest_rad_s).toBe(0);
    expect(rig.stops).toBe(0);
    await rig.hold(ADA, 60);
    expect(rig.jogs).toEqual([]);
  });
});

describe('a reset', () => {
  it('lists what the robot was stopped for, and moves nothing', async () => {
    const rig = await inControl();
    await rig.ask(ADA, rig.pick());
    await rig.pass(100, ADA);
    await rig.bus.call(SERVICES.safety_stop, {});
    await rig.pass(20, ADA);
    expect(await rig.ask(ADA, { type: 'reset', id: 50 })).toMatchObject({
      ok: false,
      causes: [
        { cause: 'the arm is still in motion', fixed: false },
        { cause: 'A protective stop was asked for', fixed: true },
      ],
    });
    await rig.pass(500, ADA);
    expect(await rig.ask(ADA, { type: 'reset', id: 51 })).toEqual({
      ...{ type: 'reply', to: 51, ok: true, reason: '' },
      causes: [{ cause: 'A protective stop was asked for', fixed: true }],
    });
    await rig.pass(1000, ADA);
    expect(rig.mode).toBe('reduced');
    expect(rig.speed_rad_s).toBe(0);
    expect(rig.goal).toBeNull();
    expect(rig.desk.snapshot(null).task.kind).toBe('none');
  });

  it('is not for others than the one in control', async () => {
    const rig = await inControl();
    expect(await rig.ask(BOB, { type: 'reset', id: 1 })).toMatchObject({ ok: false });
  });
});
