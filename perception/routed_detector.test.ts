import { describe, expect, it } from 'vitest';
import { createRng, type Detection, InputError, type Verdict } from '../contracts/index.ts';
import { AnsweringDetector, answeredBox, smallFrame } from '../test/support/answering_detector.ts';
import { DEFAULT_COSTS } from './confidence/index.ts';
import { RoutedDetector } from './routed_detector.ts';

const FAST_S = 0.002;
const FULL_S = 0.02;

function withVerdict(verdict: Verdict, score = 0.95): Detection {
  return { ...answeredBox(1).detection, score, confidence: { visible: 1, possible: ['box'], verdict, reason: 'why' } };
}

/** Two detectors that take their time on a clock of their own. */
function pair(verdict: () => Verdict, deadline_s = 0, score = 0.95) {
  let now_s = 0;
  const { evidence } = answeredBox(1);
  const fast = new AnsweringDetector('fast', () => {
    now_s += FAST_S;
    return [{ detection: withVerdict(verdict(), score), evidence }];
  });
  const full = new AnsweringDetector('full', () => {
    now_s += FULL_S;
    return [{ detection: withVerdict('accept', 0.99), evidence }];
  });
  const routed = new RoutedDetector(fast, full, { deadline_s, costs: DEFAULT_COSTS, stopwatch: () => now_s });
  return { fast, full, routed };
}

describe('routed detector', () => {
  it('asks the full model exactly where the fast one says so', async () => {
    const rng = createRng(71, 'routes');
    let wanted: Verdict = 'accept';
    const { full, routed } = pair(() => wanted);
    let doubts = 0;
    for (let k = 0; k < 300; k++) {
      wanted = (['accept', 'look_again', 'ask_full', 'escalate'] as const)[rng.int(4)];
      if (wanted === 'ask_full') doubts++;
      const { model, detections } = await routed.detect(smallFrame());
      expect(model).toBe(wanted === 'ask_full' ? 'full' : 'fast');
      expect(detections[0].confidence?.verdict).not.toBe('ask_full');
      expect(full.asked).toBe(doubts);
    }
    const { frames, fast, doubted, fast_s, full_s } = routed.counts;
    expect({ frames, fast, doubted }).toEqual({ frames: 300, fast: 300 - doubts, doubted: doubts });
    expect(fast_s).toBeCloseTo(300 * FAST_S, 9);
    expect(full_s).toBeCloseTo(doubts * FULL_S, 9);
  });

  it('leaves the full model alone once it is known to take longer than the deadline leaves', async () => {
    const { full, routed } = pair(() => 'ask_full', 0.01, 0.95);
    const first = await routed.detect(smallFrame());
    expect(first.model).toBe('full');
    for (let k = 0; k < 5; k++) {
      const { model, detections } = await routed.detect(smallFrame());
      expect(model).toBe('fast');
      // Without the full model 0.95 suffices.
      expect(detections[0].confidence).toMatchObject({ verdict: 'accept', reason: '' });
    }
    expect(full.asked).toBe(1);
    expect(routed.counts.no_time).toBe(5);
  });

  it('asks another way where there is no time and too much doubt', async () => {
    const { routed } = pair(() => 'ask_full', 0.01, 0.8);
    await routed.detect(smallFrame());
    const { detections } = await routed.detect(smallFrame());
    expect(detections[0].confidence?.verdict).toBe('look_again');
    expect(detections[0].confidence?.reason).toMatch(/probability of 0\.800/);
  });

  it('answers by the full model where the fast one fails, and by the fast one where the full one does', async () => {
    const { full, fast, routed } = pair(() => 'ask_full');
    const fails = async () => {
      throw new Error('no memory');
    };
    const detect = full.detect.bind(full);
    Object.assign(full, { detect: fails });
    expect((await routed.detect(smallFrame())).model).toBe('fast');
    Object.assign(full, { detect });
    Object.assign(fast, { detect: fails });
    expect((await routed.detect(smallFrame())).model).toBe('full');
    Object.assign(full, { detect: fails });
    await expect(routed.detect(smallFrame())).rejects.toThrow('no memory');
    expect(routed.counts).toMatchObject({ frames: 3, failed: 2, full_failed: 1 });
  });

  it('shows the parts of whoever answered, and the time of both', async () => {
    const { full, routed } = pair(() => 'ask_full');
    await routed.detect(smallFrame());
    expect(routed.masks).toBe(full.masks);
    expect(routed.timing.model_s).toBeCloseTo(0.004, 12);
    expect(routed.diagnostics()).toMatchObject({ full_model: 'full', routed_doubted: 1 });
    await routed.close();
    expect(full.closed).toBe(true);
  });

  it('refuses a frame that contradicts itself, and a deadline that is none', async () => {
    const { fast, full, routed } = pair(() => 'accept');
    Object.assign(fast, {
      detect: async () => {
        throw new InputError('frame', 'whole');
      },
    });
    await expect(routed.detect(smallFrame())).rejects.toThrow(InputError);
    expect(full.asked).toBe(0);
    const options = { deadline_s: -1, costs: DEFAULT_COSTS, stopwatch: () => 0 };
    expect(() => new RoutedDetector(fast, full, options)).toThrow(InputError);
  });
});
