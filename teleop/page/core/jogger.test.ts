import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import type { CommandOf, Release } from '../../protocol/index.ts';
import { command, RELEASES } from '../../protocol/index.ts';
import { Jogger, type JogSetting } from './jogger.ts';

type Sent = CommandOf<'jog' | 'jog_joints' | 'release'>;
const TOOL: JogSetting = { kind: 'tool', frame: 'base' };
const X = { axis: 0, amount: 1 };

function rig() {
  const sent: Sent[] = [];
  const dropped: string[] = [];
  const jogger = new Jogger({ send: (one) => sent.push(one), sequence: 5, onDrop: (cause) => dropped.push(cause) });
  return { sent, dropped, jogger };
}
const drawn = (tick: number, epoch = 3) => ({ tick, epoch });

describe('held controls', () => {
  it('are told 30 times a second at 60 frames a second, each naming what was drawn, the sequence rising', () => {
    const { jogger, sent } = rig();
    jogger.press('pointer', 'a', X, null);
    for (let frame = 0; frame < 60; frame++) jogger.turn((frame * 1000) / 60, drawn(frame), TOOL, null);
    expect(sent).toHaveLength(30);
    sent.forEach((one, i) => {
      expect(command.safeParse(one).error).toBeUndefined();
      expect(one).toMatchObject({ type: 'jog', tick: 2 * i, epoch: 3, sequence: 5 + i, linear: [1, 0, 0] });
    });
  });

  it('send nothing without a turn, nor while nothing is held', () => {
    const { jogger, sent } = rig();
    jogger.turn(0, drawn(1), TOOL, null);
    jogger.press('pointer', 'a', X, null);
    expect(sent).toEqual([]);
  });

  it.each(RELEASES)('end with %s: told at once, and nothing more until they are pressed anew', (cause) => {
    const { jogger, sent } = rig();
    jogger.press('pointer', 'a', X, null);
    jogger.turn(0, drawn(1), TOOL, null);
    jogger.release(cause);
    expect(sent.at(-1)).toEqual({ type: 'release', epoch: 3, sequence: 6, cause });
    for (let now_ms = 100; now_ms < 1000; now_ms += 16) jogger.turn(now_ms, drawn(2), TOOL, null);
    jogger.lift('a');
    expect(sent).toHaveLength(2);
    jogger.press('pointer', 'a', X, null);
    jogger.turn(2000, drawn(3), TOOL, null);
    expect(sent).toHaveLength(3);
  });

  it('end in the turn in which something refuses them, with its cause', () => {
    const { jogger, sent, dropped } = rig();
    jogger.press('pointer', 'a', X, null);
    jogger.turn(0, drawn(1), TOOL, null);
    jogger.turn(16, drawn(2), TOOL, { cause: 'picture_old', why: 'old' });
    expect(sent.map(({ type }) => type)).toEqual(['jog', 'release']);
    expect(dropped).toEqual(['picture_old']);
  });

  it('do not begin while something refuses them, and say so', () => {
    const { jogger, sent, dropped } = rig();
    expect(jogger.press('pointer', 'a', X, { cause: 'lease_lost', why: 'take control first' })).toBe(false);
    jogger.turn(0, drawn(1), TOOL, null);
    expect([sent, dropped]).toEqual([[], ['lease_lost']]);
  });

  it('end when control changes hands and comes back under another epoch', () => {
    const { jogger, sent } = rig();
    jogger.press('pointer', 'a', X, null);
    jogger.turn(0, drawn(1, 3), TOOL, null);
    jogger.turn(40, drawn(2, 5), TOOL, null);
    expect(sent.at(-1)).toMatchObject({ type: 'release', cause: 'lease_lost', epoch: 3 });
    expect(jogger.active).toBe(false);
  });

  it('of two kinds do not mix, of one kind add up to full speed at most', () => {
    const { jogger, sent } = rig();
    jogger.press('keyboard', 'w', X, null);
    expect(jogger.press('gamepad', 'pad', { axis: 1, amount: 1 }, null)).toBe(false);
    jogger.press('keyboard', 'other', { axis: 0, amount: 0.5 }, null);
    jogger.press('keyboard', 'a', { axis: 4, amount: -1 }, null);
    jogger.turn(0, drawn(1), TOOL, null, 0.5);
    expect(sent[0]).toMatchObject({ linear: [0.5, 0, 0], angular: [0, -0.5, 0] });
  });

  it('joint by joint have one speed for each joint', () => {
    const { jogger, sent } = rig();
    jogger.press('pointer', 'a', { axis: 6, amount: -1 }, null);
    jogger.turn(0, drawn(1), { kind: 'joints', count: 7 }, null);
    expect(sent[0]).toMatchObject({ type: 'jog_joints', velocity: [0, 0, 0, 0, 0, 0, -1] });
    expect(command.safeParse(sent[0]).error).toBeUndefined();
  });

  it('whatever happens in whatever order: every motion is held, and after each end stands its release', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const rng = createRng(seed);
      const { jogger, sent } = rig();
      const down = new Set<string>();
      let now_ms = 0;
      let last = 4;
      for (let i = 0; i < 200; i++) {
        const before = sent.length;
        const what = Math.floor(rng.uniform(0, 5));
        const control = `c${Math.floor(rng.uniform(0, 3))}`;
        now_ms += rng.uniform(1, 40);
        if (what === 0 && jogger.press('keyboard', control, X, null)) down.add(control);
        if (what === 1) {
          jogger.lift(control);
          down.delete(control);
        }
        if (what === 2) {
          jogger.release(RELEASES[Math.floor(rng.uniform(0, RELEASES.length))] satisfies Release);
          down.clear();
        }
        if (what >= 3) jogger.turn(now_ms, drawn(i), TOOL, null);
        const label = `seed ${seed}, act ${i}`;
        expect(jogger.active, label).toBe(down.size > 0);
        for (const one of sent.slice(before)) {
          expect(one.sequence, label).toBe(++last);
          expect(one.type === 'release', label).toBe(down.size === 0);
        }
      }
      if (down.size > 0) continue;
      expect(sent.at(-1)?.type ?? 'release', `seed ${seed}`).toBe('release');
    }
  });
});
