import { beforeEach, describe, expect, it } from 'vitest';
import { SAFETY_MODES, type SafetyState } from '../../contracts/index.ts';
import { REASONS } from '../../safety/index.ts';
import type { CommandOf } from '../protocol/index.ts';
import { CommandGuard, type GuardView, mayMove, PICTURE_MS, TICK_MS } from './command_guard.ts';
import { ControlLease, type Operator } from './control_lease.ts';
import { TickRing } from './tick_ring.ts';

const ADA: Operator = { session: 's-ada', tab: 'tab-ada-1', user: 'ada' };
const EPOCH = 7;
const MADE_MS = 1000;

let guard: CommandGuard;
let ticks: TickRing;

beforeEach(() => {
  let epoch = EPOCH - 2;
  const lease = new ControlLease({ scope: 'panda', epochs: { next: () => ++epoch } });
  lease.take(ADA, MADE_MS);
  lease.step(MADE_MS, true);
  ticks = new TickRing();
  ticks.note(40, MADE_MS, 123n);
  guard = new CommandGuard(lease, ticks);
});

const jog = (fields: Partial<CommandOf<'jog'>> = {}): CommandOf<'jog'> => {
  const turn = { linear: [1, 0, 0], angular: [0, 0, 0] } as const;
  return { type: 'jog', epoch: EPOCH, tick: 40, sequence: 3, frame: 'base', ...turn, ...fields };
};
const view = (fields: Partial<GuardView> = {}): GuardView => {
  return { now_ms: MADE_MS + 50, safety: { mode: 'reduced', latched: false, reasons: [] }, picture_ms: 40, ...fields };
};

describe('a held command', () => {
  it('passes up to the very limits', () => {
    expect(guard.checkHeld(jog(), ADA, view({ now_ms: MADE_MS + TICK_MS, picture_ms: PICTURE_MS }))).toBeNull();
  });

  it.each([
    ['another session', jog(), { ...ADA, session: 's-bob' }, {}, 'not_in_control'],
    ['a duplicated tab', jog(), { ...ADA, tab: 'tab-ada-2' }, {}, 'not_in_control'],
    ['an older epoch', jog({ epoch: EPOCH - 1 }), ADA, {}, 'not_in_control'],
    ['an epoch not given out', jog({ epoch: EPOCH + 1 }), ADA, {}, 'not_in_control'],
    ['a page that is silent', jog(), ADA, { now_ms: MADE_MS + 2000 }, 'not_in_control'],
    ['a tick not made', jog({ tick: 41 }), ADA, {}, 'tick_unknown'],
    ['a tick that is forgotten', jog({ tick: 40 - 256 }), ADA, {}, 'tick_unknown'],
    ['an old tick', jog(), ADA, { now_ms: MADE_MS + TICK_MS + 1 }, 'tick_old'],
    ['a robot that is silent', jog(), ADA, { safety: null }, 'robot_silent'],
    ['an old picture', jog(), ADA, { picture_ms: PICTURE_MS + 1 }, 'picture_old'],
    ['no picture', jog(), ADA, { picture_ms: null }, 'picture_old'],
  ] as const)('is dropped and counted: %s', (_, command, from, fields, drop) => {
    expect(guard.checkHeld(command, from, view(fields))).toBe(drop);
    const counted = Object.entries(guard.dropped).filter(([, count]) => count > 0);
    expect(counted).toEqual([[drop, 1]]);
  });

  it('passes once, and never after a newer one or a newer release', () => {
    expect(guard.checkHeld(jog({ sequence: 5 }), ADA, view())).toBeNull();
    for (const sequence of [5, 4, 0]) expect(guard.checkHeld(jog({ sequence }), ADA, view())).toBe('replayed');
    const release = { type: 'release', epoch: EPOCH, sequence: 9, cause: 'blur' } as const;
    expect(guard.checkRelease(release, ADA, view({ picture_ms: null, safety: null }))).toBeNull();
    expect(guard.checkHeld(jog({ sequence: 8 }), ADA, view())).toBe('replayed');
    expect(guard.checkHeld(jog({ sequence: 10 }), ADA, view())).toBeNull();
  });

  it('that was dropped for its age cannot come again either', () => {
    const late = view({ now_ms: MADE_MS + 500 });
    expect(guard.checkHeld(jog({ sequence: 5 }), ADA, late)).toBe('tick_old');
    ticks.note(41, MADE_MS + 500, 0n);
    expect(guard.checkHeld(jog({ sequence: 5, tick: 41 }), ADA, late)).toBe('replayed');
  });

  it('comes no faster than a hand and a screen can', () => {
    const drops = Array.from({ length: 100 }, (_, k) => guard.checkHeld(jog({ sequence: 10 + k }), ADA, view()));
    expect(drops.filter((drop) => drop === 'too_fast').length).toBeGreaterThan(50);
  });
});

describe('a press', () => {
  it('passes once, by a page that is up to date; what halts, by any page in control', () => {
    const press = { id: 4, epoch: EPOCH, tick: 40 };
    const late = view({ now_ms: MADE_MS + 500 });
    expect(guard.checkPressed(press, ADA, view())).toBeNull();
    expect(guard.checkPressed(press, ADA, view())).toBe('replayed');
    expect(guard.checkPressed({ ...press, id: 5 }, ADA, late)).toBe('tick_old');
    expect(guard.checkHalting({ ...press, id: 6 }, ADA, late)).toBeNull();
    expect(guard.checkHalting({ ...press, id: 7 }, { ...ADA, tab: 'x' }, late)).toBe('not_in_control');
  });
});

describe('whether the arm may move', () => {
  it('is yes in operating modes, and where only a held control is missing; never while anything is latched', () => {
    const reasons: readonly string[][] = [[], ['not_enabled'], ...REASONS.map(({ name }) => ['not_enabled', name])];
    for (const mode of SAFETY_MODES)
      for (const latched of [false, true])
        for (const some of reasons) {
          const state: Pick<SafetyState, 'mode' | 'latched' | 'reasons'> = { mode, latched, reasons: some };
          const operating = mode === 'automatic' || mode === 'reduced' || mode === 'guided';
          const waits = mode === 'protective_stop' && some.every((reason) => reason === 'not_enabled');
          expect(mayMove(state), JSON.stringify(state)).toBe(!latched && (operating || waits));
        }
  });
});
