import { expect, it } from 'vitest';
import { measureRecording } from './recording.ts';
import { countCpu } from './thread_cpu.ts';

it('records 1 kHz of states and two cameras without missing a message, and has measured what it says', async () => {
  const { rows, checks } = await measureRecording({ episodes: 2, episode_s: 1, reference_s: 0.3 }, () => {});
  const pass = (start: string) => checks.find(({ name }) => name.startsWith(start));
  expect(pass('every message')).toMatchObject({ pass: true });
  expect(checks).toHaveLength(4);
  for (const { name, value } of rows.filter((one) => !one.name.startsWith('memory')))
    expect(value, name).toBeGreaterThan(0);
});

it('tells what the loop takes from what other threads do', async () => {
  const count = countCpu();
  const until_ms = performance.now() + 100;
  while (performance.now() < until_ms);
  const { loop_s, others_s } = count();
  expect(loop_s).toBeGreaterThan(others_s);
});
