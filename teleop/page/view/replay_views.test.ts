import { expect, it } from 'vitest';
import type { PastMoment } from './past_moment.ts';
import { ReplayScreen } from './replay_views.ts';

const moment = (overview: number | null): PastMoment => ({
  ...{ at_ms: 0, joint_names: [], q: [], commanded: [], gripper_width_m: null, tool: null, separation_m: null },
  ...{ protective_distance_m: null, objects: [], status: null, pictures: { overview, wrist: null } },
});
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function screen() {
  const shown: string[] = [];
  const loads: { at_ms: number; end: () => void }[] = [];
  const replay = (said: { jpeg?: Blob | null; label: string } | null) => {
    shown.push(said === null ? 'live' : said.jpeg === undefined ? said.label : `${said.label} ${said.jpeg?.type}`);
  };
  const views = { robot: null, cameras: { overview: [{ replay }], wrist: [] } };
  const made = new ReplayScreen(
    views,
    (_, at_ms) =>
      new Promise((resolve) => {
        loads.push({ at_ms, end: () => resolve(new Blob([], { type: String(at_ms) })) });
      }),
  );
  return { made, shown, loads };
}

it('loads a picture once while it stays the same, and of many asked for quickly the newest', async () => {
  const { made, loads, shown } = screen();
  for (const at_ms of [1, 1, 2, 3, 3]) made.show(moment(at_ms), 'R');
  await turn();
  expect(loads.map(({ at_ms }) => at_ms)).toEqual([1]);
  loads[0].end();
  await turn();
  expect(loads.map(({ at_ms }) => at_ms)).toEqual([1, 3]);
  loads[1].end();
  await turn();
  expect(shown.filter((said) => said !== 'R')).toEqual(['R 3']);
});

it('shows no picture of the past once it is live again', async () => {
  const { made, loads, shown } = screen();
  made.show(moment(1), 'R');
  made.end();
  loads[0].end();
  await turn();
  expect(shown).toEqual(['R', 'live']);
});

it('clears the picture where there was none', () => {
  const { made, shown } = screen();
  made.show(moment(null), 'R');
  expect(shown).toEqual(['R undefined']);
});
