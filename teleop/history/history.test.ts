import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { toldObject, toldSafety, toldState, toldTask } from '../../test/support/told_states.ts';
import type { History } from '../protocol/index.ts';
import { HISTORY_KEPT, type HistoryQuery, LiveHistory } from './history.ts';
import { historyText } from './history_text.ts';

const JOINTS = Array.from({ length: 7 }, (_, i) => `joint_${i + 1}`);
const ALL: HistoryQuery = { from_ms: 0, to_ms: 1e15, most: 1e6 };

function rig(picture_bytes?: number) {
  const clock = { now_ms: 1_000_000 };
  const history = new LiveHistory(JOINTS, () => clock.now_ms, picture_bytes);
  const ask = (query: Partial<HistoryQuery> = {}): History =>
    JSON.parse([...historyText(history.query({ ...ALL, ...query }))].join(''));
  return { clock, history, ask };
}

const line = ({ at_ms, q, stage }: { at_ms: number; q: number; stage: string }) => `${at_ms} ${q} ${stage}`;
const picture = (bytes: number, value = 1) => new Uint8Array(bytes).fill(value);

describe('the last minutes', () => {
  it('are those that were told, no denser than 10 Hz and no older than ten minutes', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const rng = createRng(seed);
      const { clock, history, ask } = rig();
      const told: { at_ms: number; q: number; stage: string }[] = [];
      let next_ms = 0;
      for (let k = 0; k < 7000; k++) {
        clock.now_ms += Math.round(rng.range(5, 240));
        const q = Math.round(rng.range(0, 3) * 1e3) / 1e3;
        const stage = `stage ${Math.floor(k / 37)}`;
        history.take(toldState(clock.now_ms, q, { task: toldTask({ kind: 'pick', stage }) }));
        if (clock.now_ms < next_ms) continue;
        next_ms = clock.now_ms + 95;
        told.push({ at_ms: clock.now_ms, q, stage });
      }
      const newest_ms = told[told.length - 1].at_ms;
      const kept = told.filter(({ at_ms }) => at_ms >= newest_ms - HISTORY_KEPT.ms);
      const all = ask();
      const seen = (history: History) =>
        history.frames.map(({ at_ms, q, status }) => `${at_ms} ${q[0]} ${history.statuses[status].stage}`);
      expect(seen(all), `seed ${seed}`).toEqual(kept.map(line));
      expect(all.kept, `seed ${seed}`).toEqual({ from_ms: kept[0].at_ms, to_ms: newest_ms });
      const from_ms = kept[rng.int(kept.length)].at_ms;
      const to_ms = from_ms + Math.round(rng.range(0, 1e5));
      const within = kept.filter(({ at_ms }) => at_ms >= from_ms && at_ms <= to_ms);
      expect(seen(ask({ from_ms, to_ms })), `seed ${seed}`).toEqual(within.map(line));
    }
  });

  it('give every number back as it was told, to five decimals, and what is not known as such', () => {
    const { clock, history, ask } = rig();
    const safety = toldSafety({ separation_m: 1.25, protective_distance_m: 0.5, mode: 'reduced' });
    const told = toldState(clock.now_ms, 1.23456, { safety, speed: 0.35 });
    history.take(told);
    clock.now_ms += 100;
    history.take(
      toldState(clock.now_ms, 0, {
        ...{ tool: null, wrench: null, safety: null, gripper_width_m: null, effort: [], commanded: [] },
      }),
    );
    const [first, second] = ask().frames;
    const { q, v, effort, commanded, gripper_width_m, tool, wrench, speed } = told;
    expect(first).toEqual({
      ...{ at_ms: told.sent_ms, q, v, effort, commanded, gripper_width_m, tool, wrench, speed },
      ...{ separation_m: 1.25, protective_distance_m: 0.5, status: 0 },
    });
    expect(second).toMatchObject({ tool: null, wrench: null, gripper_width_m: null, effort: [], separation_m: null });
    expect(second.commanded).toEqual([]);
    expect(ask().statuses.map(({ mode }) => mode)).toEqual(['reduced', null]);
  });

  it('thin to what is asked for, with both ends and every change of words', () => {
    const { clock, history, ask } = rig();
    for (let k = 0; k < 5000; k++) {
      clock.now_ms += 100;
      history.take(toldState(clock.now_ms, k / 5000, { task: toldTask({ stage: `s${Math.floor(k / 1111)}` }) }));
    }
    const whole = ask();
    const changes = whole.frames.filter(({ status }, k) => k > 0 && status !== whole.frames[k - 1].status);
    expect(changes).toHaveLength(4);
    for (const most of [1, 2, 10, 11, 600, 4999, 5000, 6000]) {
      const { frames } = ask({ most });
      expect(frames.length, `most ${most}`).toBeLessThanOrEqual(most);
      expect(frames.length, `most ${most}`).toBeGreaterThanOrEqual(Math.min(most, 5000) - 4);
      const times = frames.map(({ at_ms }) => at_ms);
      expect(times, `most ${most}`).toEqual([...new Set(times)].sort((a, b) => a - b));
      expect(times[0], `most ${most}`).toBe(whole.frames[0].at_ms);
      if (most > 1) expect(times.at(-1), `most ${most}`).toBe(whole.frames.at(-1)?.at_ms);
      if (most >= 10) for (const { at_ms } of changes) expect(times, `most ${most}`).toContain(at_ms);
    }
  });

  it('have what happened: each alarm once a time it was raised, each stop, each stage and what people did', () => {
    const { clock, history, ask } = rig();
    const alarm = {
      ...{ id: 'a', priority: 'high' as const, text: 'picture old', remedy: '', raised_ms: clock.now_ms },
      ...{ cleared_ms: null, acknowledged_by: null, count: 1 },
    };
    const say = (mode: 'automatic' | 'protective_stop', stage: string) => {
      clock.now_ms += 33;
      const safety = toldSafety({ mode, reasons: mode === 'automatic' ? [] : ['operator'] });
      history.take(toldState(clock.now_ms, 0, { safety, task: toldTask({ stage }) }));
    };
    for (const stage of ['approach', 'approach', 'grasp']) say('automatic', stage);
    for (let k = 0; k < 3; k++) history.take({ type: 'alarms', alarms: [alarm] });
    history.take({ type: 'alarms', alarms: [{ ...alarm, count: 2 }] });
    say('protective_stop', 'grasp');
    say('protective_stop', 'grasp');
    history.add('mark', 'the box slipped', 'ana');
    say('automatic', 'grasp');
    say('protective_stop', 'grasp');
    const told = ask().events.map(({ kind, text, by }) => `${kind} ${text} ${by}`.trim());
    expect(told).toEqual([
      ...['stage approach', 'stage grasp', 'alarm high: picture old', 'alarm high: picture old'],
      ...['stop protective stop: operator', 'mark the box slipped ana', 'stop protective stop: operator'],
    ]);
  });

  it('have pictures at 2 Hz, give the one that stood at a moment, and never more bytes than they may', () => {
    const most = 400_000;
    const { clock, history, ask } = rig(most);
    const empty = history.bytes;
    for (let k = 0; k < 3000; k++) {
      clock.now_ms += 67;
      history.addPicture('overview', clock.now_ms, picture(20_000, k % 251));
      history.addPicture('wrist', clock.now_ms, picture(3_000, k % 251));
      if (history.bytes - empty > most) expect.fail(`picture ${k}: ${history.bytes - empty} bytes`);
    }
    const { pictures } = ask();
    expect(pictures.overview.length).toBe(Math.floor(most / 2 / 20_100));
    expect(pictures.wrist.length).toBe(Math.floor(most / 2 / 3_100));
    for (const times of [pictures.overview, pictures.wrist])
      for (let k = 1; k < times.length; k++) expect(times[k] - times[k - 1]).toBeGreaterThanOrEqual(495);
    const at = (at_ms: number) => history.picture('wrist', at_ms)?.at_ms;
    expect(at(pictures.wrist[5])).toBe(pictures.wrist[5]);
    expect(at(pictures.wrist[5] + 400)).toBe(pictures.wrist[5]);
    expect(at(0)).toBe(pictures.wrist[0]);
    expect(rig().history.picture('overview', 0)).toBeNull();
  });

  it('come in pieces, none of which holds an event loop', () => {
    const { clock, history } = rig();
    for (let k = 0; k < 6000; k++) {
      clock.now_ms += 100;
      history.take(toldState(clock.now_ms, k));
      history.take({
        type: 'scene',
        objects: [1, 2, 3].map(toldObject),
        outlines: [],
        path: [],
        degraded: '',
        bodies: [],
      });
    }
    for (let round = 0; round < 3; round++) {
      const pieces = historyText(history.query({ ...ALL, most: 6000 }));
      const spent: number[] = [];
      for (let done = false; !done; ) {
        const start = process.cpuUsage();
        done = pieces.next().done === true;
        spent.push(process.cpuUsage(start).user / 1000);
      }
      if (round === 2) expect(Math.max(...spent)).toBeLessThan(20);
    }
  });
});
