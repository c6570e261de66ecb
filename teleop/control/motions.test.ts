import { describe, expect, it } from 'vitest';
import { ACTIONS, InProcessBus, type PickPlaceGoal, SERVICES } from '../../contracts/index.ts';
import { ModeSwitch } from './mode_switch.ts';
import { type EndedMotion, Motions } from './motions.ts';

const BOX: PickPlaceGoal = { object: { class: 'box', colour: 'red' }, target: [0.4, 0.2, 0] };
const CYLINDER: PickPlaceGoal = { object: { class: 'cylinder', colour: 'blue' }, target: [0.5, 0.2, 0] };
const CAN: PickPlaceGoal = { object: { class: 'box', colour: 'green' }, target: [0.3, 0.2, 0] };

interface Told {
  ok?: boolean;
  stage?: string;
  /** Neither answers nor comes to an end. */
  mute?: boolean;
}

/** Motions on a bus whose arm does as it is told to. */
function rig(told: Told = {}, objects: readonly PickPlaceGoal[] = []) {
  const bus = new InProcessBus({ validate: true });
  const calls: string[] = [];
  const ended: EndedMotion[] = [];
  const stops: string[] = [];
  const running: (() => void)[] = [];
  let now_ms = 0;
  bus.serve(SERVICES.safety_set_mode, ({ mode }) => {
    calls.push(mode);
    return { success: true, message: '' };
  });
  bus.serve(SERVICES.set_speed, ({ speed }) => {
    calls.push(`speed ${speed}`);
    return { success: true, message: '' };
  });
  bus.serveAction(ACTIONS.pick_place, ({ object }, handle) => {
    calls.push(`pick ${object.colour} ${object.class}`);
    const { ok = true, stage = ok ? 'retreat' : 'plan', mute = false } = told;
    if (mute) return;
    const result = { ok, stage, reason: ok ? '' : 'no grasp', attempts: 1 };
    let is_over = false;
    running.push(() => {
      if (is_over) return;
      is_over = true;
      if (ok) handle.succeed(result);
      else handle.abort(result);
    });
    handle.onCancel(() => {
      is_over = true;
      handle.abort({ ok: false, stage: 'approach', reason: 'canceled', attempts: 1 });
    });
  });
  const motions = new Motions({
    ...{ bus, mode: new ModeSwitch(bus), now_ms: () => now_ms, isJogged: () => false },
    next: (_, tried) => objects.find((goal) => !tried.includes(goal)) ?? null,
    stop: (why) => stops.push(why),
    onEnd: (motion) => ended.push(motion),
  });
  const pass = (ms: number) => {
    for (const until_ms = now_ms + ms; now_ms < until_ms; now_ms += 20) motions.step(now_ms);
  };
  const finish = () => {
    for (const end of running.splice(0)) end();
  };
  return { motions, calls, ended, stops, told, pass, finish, bus };
}

const settled = async () => {
  for (let k = 0; k < 10; k++) await Promise.resolve();
};

describe('a batch', () => {
  it('takes one object after the other until its count is reached', async () => {
    const { motions, calls, ended, pass, finish } = rig({}, [BOX, CYLINDER, CAN]);
    expect(await motions.batch(2, 'bin')).toBe('');
    for (let k = 0; k < 4; k++) {
      pass(1000);
      finish();
    }
    expect(calls).toEqual(['automatic', 'speed 1', 'pick red box', 'pick blue cylinder']);
    expect(ended.map(({ kind, ok }) => `${kind} ${ok}`)).toEqual(['pick true', 'pick true', 'batch true']);
    expect(motions.snapshot()).toMatchObject({ kind: 'none', done: 2, of: 2 });
  });

  it('ends when none is left, and goes on past one that cannot be picked', async () => {
    const { motions, ended, told, pass, finish } = rig({ ok: false }, [BOX, CYLINDER]);
    await motions.batch(5, 'bin');
    pass(100);
    expect(motions.snapshot()).toMatchObject({ kind: 'batch', done: 0, of: 5 });
    finish();
    told.ok = true;
    pass(1000);
    finish();
    pass(6000);
    expect(ended.map(({ kind, ok }) => `${kind} ${ok}`)).toEqual(['pick false', 'pick true', 'batch true']);
    expect(motions.snapshot()).toMatchObject({ kind: 'none', done: 1, of: 5, reason: 'no further object is seen' });
  });

  it('goes on after no safety stop and no cancellation', async () => {
    const stopped = rig({ ok: false, stage: 'safety' }, [BOX, CYLINDER]);
    await stopped.motions.batch(5, 'bin');
    stopped.pass(100);
    stopped.finish();
    stopped.pass(5000);
    expect(stopped.calls.filter((call) => call.startsWith('pick'))).toHaveLength(1);
    const cancelled = rig({}, [BOX, CYLINDER]);
    await cancelled.motions.batch(5, 'bin');
    cancelled.pass(100);
    expect(cancelled.motions.cancel()).toBe('');
    await settled();
    cancelled.pass(5000);
    expect(cancelled.calls.slice(2)).toEqual(['pick red box', 'speed 0', 'reduced', 'speed 1']);
    expect(cancelled.motions.busy).toBe(false);
  });

  it('looks for no further object while it is paused', async () => {
    const { motions, calls, pass, finish } = rig({}, [BOX, CYLINDER]);
    await motions.batch(2, 'bin');
    pass(100);
    await motions.pause();
    finish();
    pass(8000);
    expect(calls.filter((call) => call.startsWith('pick'))).toHaveLength(1);
    await motions.continue();
    pass(1000);
    expect(calls.filter((call) => call.startsWith('pick'))).toHaveLength(2);
  });
});

describe('an automatic motion', () => {
  it('that does not end when it is cancelled is stopped, and its speed stays at none', async () => {
    const { motions, calls, stops, pass } = rig({ mute: true });
    await motions.pick(BOX);
    motions.cancel();
    pass(9900);
    expect(stops).toEqual([]);
    pass(300);
    expect(stops).toHaveLength(1);
    await settled();
    expect(motions.busy).toBe(false);
    expect(calls.slice(2)).toEqual(['pick red box', 'speed 0', 'reduced']);
  });

  it('does not begin once it was cancelled while the mode was being selected', async () => {
    const { motions, calls } = rig();
    const started = motions.pick(BOX);
    motions.hold('control was given up');
    expect(await started).toBe('control was given up');
    await settled();
    expect(calls.filter((call) => call.startsWith('pick'))).toEqual([]);
  });

  it('begins paused when it was paused while the mode was being selected', async () => {
    const { motions, calls } = rig();
    const started = motions.pick(BOX);
    expect(await motions.pause()).toBe('');
    expect(await started).toBe('');
    expect(calls.filter((call) => call.startsWith('speed')).at(-1)).toBe('speed 0');
  });

  it('says why it does not start: no server, a mode that is refused', async () => {
    const { motions, bus } = rig();
    expect(await motions.go('home')).toContain('/arm/go');
    expect(motions.busy).toBe(false);
    const refusing = new InProcessBus();
    refusing.serve(SERVICES.safety_set_mode, () => ({ success: false, message: 'only at rest' }));
    const mode = new ModeSwitch(refusing);
    const none = { isJogged: () => false, next: () => null, stop: () => {}, now_ms: () => 0 };
    expect(await new Motions({ bus, mode, ...none }).pick(BOX)).toBe('only at rest');
  });

  it('keeps the speed that was chosen, also for the next one', async () => {
    const { motions, calls, finish } = rig();
    await motions.setSpeed(0.3);
    await motions.pick(BOX);
    finish();
    await motions.pick(BOX);
    await motions.pause();
    await motions.setSpeed(0.5);
    await motions.continue();
    expect(calls).toEqual([
      'speed 0.3',
      ...['automatic', 'speed 0.3', 'pick red box'],
      ...['automatic', 'speed 0.3', 'pick red box'],
      ...['speed 0', 'speed 0.5'],
    ]);
  });
});
