import { expect, it } from 'vitest';
import { measureRecording } from './recording.ts';
import { countCpu } from './thread_cpu.ts';

const TRIES = 3;

it('records 1 kHz of states and two cameras without missing a message, and has measured what it says', async () => {
  for (let attempt = 1; ; attempt++) {
    const { rows, checks } = await measureRecording({ episodes: 2, episode_s: 1, reference_s: 0.3 }, () => {});
    const check = (start: string) => checks.find(({ name }) => name.startsWith(start));
    expect(check('what is missing')).toMatchObject({ pass: true });
    expect(rows.filter(({ name, value }) => !name.startsWith('memory') && !(value > 0))).toEqual([]);
    const whole = check('every message');
    // Encoders that get no time on a busy machine have pictures left out.
    if (whole?.pass !== true && attempt < TRIES) continue;
    expect(whole).toMatchObject({ pass: true });
    break;
  }
});

it('tells what the loop takes from what other threads do', async () => {
  const count = countCpu();
  const until_ms = performance.now() + 100;
  while (performance.now() < until_ms);
  const { loop_s, others_s } = count();
  expect(loop_s).toBeGreaterThan(others_s);
});
