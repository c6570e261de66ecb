import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { type LifecycleCallbacks, LifecycleMachine } from './lifecycle_machine.ts';
import {
  isTransitional,
  LIFECYCLE_STATES,
  LIFECYCLE_TRANSITIONS,
  type LifecycleState,
  type LifecycleTransition,
  REQUESTS,
  type TransitionOutcome,
} from './states.ts';

type Answer = () => TransitionOutcome | Promise<TransitionOutcome>;

function machineOf(answer: Answer) {
  const seen: LifecycleTransition[] = [];
  const errors: unknown[] = [];
  const each: LifecycleCallbacks = {
    configure: answer,
    cleanup: answer,
    activate: answer,
    deactivate: answer,
    shutdown: answer,
    error: answer,
  };
  const machine = new LifecycleMachine(each, {
    onTransition: (transition) => seen.push(transition),
    onError: (error) => errors.push(error),
  });
  return { machine, seen, errors };
}

describe('table of the state machine', () => {
  it('has one arrow for each start and label, and unique ids', () => {
    const keys = LIFECYCLE_TRANSITIONS.map(({ start, label }) => `${start} ${label}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(LIFECYCLE_TRANSITIONS.map(({ id }) => id)).size).toBe(keys.length);
  });

  it('answers every outcome in every transitional state', () => {
    for (const state of Object.keys(LIFECYCLE_STATES) as LifecycleState[]) {
      const ends = LIFECYCLE_TRANSITIONS.filter(
        ({ start, label }) => start === state && label.startsWith('transition_'),
      );
      expect(ends).toHaveLength(isTransitional(state) ? 3 : 0);
    }
  });
});

describe('lifecycle machine', () => {
  it('goes the whole way and back', async () => {
    const { machine, seen } = machineOf(() => 'success');
    for (const request of ['configure', 'activate', 'deactivate', 'cleanup', 'shutdown'] as const) {
      expect(await machine.change(request)).toEqual({ success: true, refused: '' });
    }
    expect(machine.state).toBe('finalized');
    expect(seen.map(({ id }) => id)).toEqual([1, 10, 3, 30, 4, 40, 2, 20, 5, 50]);
  });

  it('takes a request by number, by name, and the name before the number', async () => {
    const { machine } = machineOf(() => 'success');
    expect((await machine.changeBy(1, '')).success).toBe(true);
    expect((await machine.changeBy(99, 'activate')).success).toBe(true);
    expect((await machine.changeBy(0, 'shutdown')).success).toBe(true);
    expect(machine.state).toBe('finalized');
  });

  it('refuses what the state does not allow, and says what it does', async () => {
    const { machine } = machineOf(() => 'success');
    expect(await machine.change('activate')).toEqual({
      success: false,
      refused: 'activate: not from unconfigured, which allows configure (1), shutdown (5)',
    });
    expect((await machine.changeBy(10, '')).refused).toContain('transition 10: not from unconfigured');
    expect((await machine.changeBy(0, 'fly')).refused).toContain('fly: not from unconfigured');
    await machine.change('shutdown');
    expect((await machine.change('configure')).refused).toContain('which allows nothing');
  });

  it('refuses all while a transition is under way, its own ends too, and answers when it has ended', async () => {
    const gate: { open?: (outcome: TransitionOutcome) => void } = {};
    const { machine } = machineOf(
      () =>
        new Promise((resolve) => {
          gate.open = resolve;
        }),
    );
    const configure = machine.change('configure');
    expect(machine.state).toBe('configuring');
    expect(machine.available()).toEqual([]);
    expect((await machine.changeBy(10, 'transition_success')).success).toBe(false);
    expect((await machine.change('shutdown')).refused).toContain('the node is configuring');
    gate.open?.('success');
    expect((await configure).success).toBe(true);
    expect(machine.state).toBe('inactive');
  });

  it('shuts down after the transition under way', async () => {
    const { machine, seen } = machineOf(async (): Promise<TransitionOutcome> => 'success');
    const configure = machine.change('configure');
    await machine.shutDown();
    expect((await configure).success).toBe(true);
    expect(seen.map(({ id }) => id)).toEqual([1, 10, 6, 50]);
    await machine.shutDown();
    expect(machine.state).toBe('finalized');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ] as const)(
    'an exception (%s) leads to error processing and, if that fails as well, to finalized',
    async (_, fail) => {
      const { machine, seen, errors } = machineOf(fail);
      expect((await machine.change('configure')).success).toBe(false);
      expect(machine.state).toBe('finalized');
      expect(seen.map(({ id }) => id)).toEqual([1, 12, 62]);
      expect(errors).toHaveLength(2);
    },
  );

  it('survives an observer that throws', async () => {
    const machine = new LifecycleMachine(
      { configure: () => 'success', cleanup: never, activate: never, deactivate: never, shutdown: never, error: never },
      {
        onTransition() {
          throw new Error('observer');
        },
        onError: never,
      },
    );
    expect((await machine.change('configure')).success).toBe(true);
    expect(machine.state).toBe('inactive');
  });

  it('always rests in a primary state and walks only arrows of the table, whatever is asked and answered', async () => {
    for (let seed = 0; seed < 300; seed++) {
      const rng = createRng(seed, 'lifecycle');
      const { machine, seen } = machineOf(() => {
        const draw = rng.uniform();
        if (draw < 0.1) throw new Error('drawn');
        return draw < 0.2
          ? Promise.reject<TransitionOutcome>(new Error('drawn'))
          : draw < 0.35
            ? 'failure'
            : draw < 0.4
              ? 'error'
              : 'success';
      });
      for (let step = 0; step < 20; step++) {
        const before = machine.state;
        const request = REQUESTS[rng.int(REQUESTS.length)];
        const allowed = machine.available().some(({ label }) => label === request);
        const { success, refused } = await machine.change(request);
        expect(isTransitional(machine.state), `seed ${seed} step ${step}`).toBe(false);
        expect(refused === '', `seed ${seed} step ${step}`).toBe(allowed);
        if (!allowed) expect(machine.state).toBe(before);
        if (success && request !== 'shutdown') expect(seen.at(-1)?.label).toBe('transition_success');
      }
      for (let i = 1; i < seen.length; i++) expect(seen[i].start, `seed ${seed}`).toBe(seen[i - 1].goal);
    }
  });
});

function never(): never {
  throw new Error('not asked for');
}
