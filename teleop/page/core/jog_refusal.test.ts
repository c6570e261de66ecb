import { describe, expect, it } from 'vitest';
import type { StateFrame, Welcome } from '../../protocol/index.ts';
import { emptyPageState, type PageState } from '../page_state.ts';
import { jogRefusal } from './jog_refusal.ts';

const state = (change: object = {}) =>
  ({ lease: { yours: true }, safety: { mode: 'reduced' }, lost: '', ...change }) as StateFrame;
const welcome = { limits: { picture_ms: 300, tick_ms: 150 } } as Welcome;
const page = (change: Partial<PageState> = {}): PageState => ({
  ...emptyPageState(),
  link: 'open',
  welcome,
  state: { message: state(), at_ms: 0 },
  stateTrueSince_ms: 1000,
  ...change,
});

describe('jogging', () => {
  it('is allowed with the lease, a new state and a new picture, or where no camera has sent one yet', () => {
    expect(jogRefusal(page(), 300, 1150)).toBeNull();
    expect(jogRefusal(page(), null, 1150)).toBeNull();
  });

  it.each([
    ['a state over its age', page(), 20, 1151, 'picture_old'],
    ['a picture over its age', page(), 301, 1000, 'picture_old'],
    ['no connection', page({ link: 'connecting' }), 20, 1000, 'lease_lost'],
    ['a view of the past', page({ replaying: true }), null, 1000, 'picture_old'],
    ['no state', page({ state: null }), 20, 1000, 'lease_lost'],
    ['no lease', page({ state: { message: state({ lease: { yours: false } }), at_ms: 0 } }), 20, 1000, 'lease_lost'],
    [
      'a robot that is not heard',
      page({ state: { message: state({ lost: 'no states' }), at_ms: 0 } }),
      20,
      1000,
      'released',
    ],
    ...['initialising', 'protective_stop', 'fault', 'emergency_stop'].map(
      (mode) =>
        [mode, page({ state: { message: state({ safety: { mode } }), at_ms: 0 } }), 20, 1000, 'released'] as const,
    ),
  ] as const)('is refused with %s', (_, shown, picture_ms, now_ms, cause) => {
    const refusal = jogRefusal(shown, picture_ms, now_ms);
    expect(refusal?.cause).toBe(cause);
    expect(refusal?.why).not.toBe('');
  });
});
