import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_MODEL, type Detector, openDetector } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { physicallyBasedPainter } from '../../test/support/physically_based.ts';
import type { AccuracyRow, Share, Spread } from './accuracy_summary.ts';
import { HeldOutJudge, type HeldOutReport } from './evaluate_held_out.ts';
import { HeldOutSet } from './held_out.ts';
import { uncertaintyOf } from './known_camera.ts';

const MODEL = process.env.SUREPICK_MODEL ?? DEFAULT_MODEL;
const OBJECTS = Number(process.env.SUREPICK_OBJECTS ?? 400);
const SEED = 900_005;
/** What another renderer may cost, points, and what poses must keep whoever paints. */
const POINTS = 3;
const KEPT = { position_median_mm: 3, position_p95_mm: 8, yaw_median_deg: 2, yaw_p95_deg: 6 } as const;

let detector: Detector;
let painter: Awaited<ReturnType<typeof physicallyBasedPainter>>;
let ours: HeldOutReport;
let theirs: HeldOutReport;

/** The same worlds, noise and cameras, painted by our rasteriser and by three.js with physically based materials. */
beforeAll(async () => {
  painter = await physicallyBasedPainter();
  detector = await openDetector(MODEL, { fallback: false, cameras: uncertaintyOf('calibrated') });
  const set = new HeldOutSet(loadRobot('panda'), SEED, { known: 'calibrated' });
  const judges = [new HeldOutJudge(), new HeldOutJudge()];
  for (let k = 0; judges[0].objects < OBJECTS; k++) {
    const pictures = [set.world(k), await set.painted(k, painter.paint)];
    for (const [i, judge] of judges.entries()) {
      for (const picture of pictures[i]) {
        const { detections } = await detector.detect(picture.frame);
        judge.add(picture, { detections, masks: detector.masks });
      }
    }
  }
  [ours, theirs] = judges.map((judge) => judge.report());
  process.stdout.write(`${paired(ours.rows, theirs.rows)}\n`);
}, 14_400_000);

afterAll(async () => {
  await detector?.close();
  await painter?.close();
});

describe(`${MODEL} on ${OBJECTS} objects (seed ${SEED}) in another renderer's shading`, () => {
  it('is asked for the same objects', () => {
    expect(theirs.objects).toBe(ours.objects);
    expect(theirs.pictures).toBe(ours.pictures);
  });

  it.each(['recall', 'precision', 'class_accuracy', 'position_covered', 'yaw_covered'] as const)(
    `has a %s at most ${POINTS} points lower`,
    (name) => {
      const [a, b] = [ours.rows[0][name], theirs.rows[0][name]];
      expect(100 * (a.share - b.share), `${name} ${told(a)} against ${told(b)}`).toBeLessThanOrEqual(POINTS);
    },
  );

  it.each(Object.entries(KEPT))('keeps its %s within %f', (name, most) => {
    const { value } = theirs.rows[0][name as keyof typeof KEPT];
    expect(value, name).toBeLessThanOrEqual(most);
  });
});

const told = ({ share, of }: Share) => `${(100 * share).toFixed(1)} % of ${of}`;
const both = ({ value }: Spread) => value.toFixed(2);

/** One line a group: our shading's figure, then the other's. */
function paired(ours_rows: readonly AccuracyRow[], theirs_rows: readonly AccuracyRow[]): string {
  const lines = ours_rows.map((a) => {
    const b = theirs_rows.find(({ by, group }) => by === a.by && group === a.group) ?? a;
    const shares = (['recall', 'precision', 'class_accuracy'] as const).map(
      (name) => `${name} ${told(a[name])} / ${told(b[name])}`,
    );
    const mm = `mm ${both(a.position_median_mm)}, ${both(a.position_p95_mm)} / ${both(b.position_median_mm)}, ${both(b.position_p95_mm)}`;
    const deg = `° ${both(a.yaw_median_deg)}, ${both(a.yaw_p95_deg)} / ${both(b.yaw_median_deg)}, ${both(b.yaw_p95_deg)}`;
    return `${a.group}: ${[...shares, mm, deg].join('; ')}`;
  });
  return ['ours / the other renderer', ...lines].join('\n');
}
