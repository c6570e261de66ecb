import { expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { ClockOffset } from './clock_offset.ts';

const OTHER_CLOCK_MS = 7_000_000;

it('never takes a message for older than it is by more than the quickest way takes, nor for younger', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const rng = createRng(seed);
    const offset = new ClockOffset();
    const quickest_ms = 2;
    offset.sentAt_ms(OTHER_CLOCK_MS, quickest_ms);
    for (let i = 1; i < 300; i++) {
      const sent_ms = i * 33;
      const late_ms = quickest_ms + rng.uniform(0, 400);
      const age_ms = sent_ms + late_ms - offset.sentAt_ms(OTHER_CLOCK_MS + sent_ms, sent_ms + late_ms);
      expect(age_ms, `seed ${seed}, message ${i}`).toBeGreaterThanOrEqual(late_ms - quickest_ms - 6);
      expect(age_ms, `seed ${seed}, message ${i}`).toBeLessThanOrEqual(late_ms);
    }
  }
});

it('sees a whole burst that waited as old, though it comes now', () => {
  const offset = new ClockOffset();
  for (let i = 0; i < 30; i++) offset.sentAt_ms(i * 33, i * 33 + 5);
  const ages = Array.from({ length: 10 }, (_, i) => 2000 - offset.sentAt_ms(990 + i * 33, 2000));
  expect(Math.min(...ages)).toBeGreaterThan(700);
});

it('follows clocks that drift apart', () => {
  const offset = new ClockOffset();
  let age_ms = 0;
  for (let i = 0; i < 100_000; i++) {
    const now_ms = i * 33;
    age_ms = now_ms - offset.sentAt_ms(now_ms * (1 - 1e-4), now_ms);
  }
  expect(age_ms).toBeLessThan(1);
});
