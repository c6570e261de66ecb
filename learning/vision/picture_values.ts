import {
  type Detector,
  FEATURE_TESTS,
  FEATURES,
  OBJECT_TESTS,
  ObjectMeter,
  PictureFeatures,
  type RgbdFrame,
} from '../../perception/index.ts';
import type { TestValues } from './picture_fit.ts';

/** What every test of a picture monitor measures in a picture; of objects the worst. NaN for what it does not show. */
export class PictureValues {
  private readonly detector: Detector;
  private readonly features = new PictureFeatures();
  private readonly things = new ObjectMeter();

  constructor(detector: Detector) {
    this.detector = detector;
  }

  /**
   * @param before  the picture before it; null to leave out what only two can show
   * @param objects  whether objects are looked for, too
   */
  async of(before: RgbdFrame | null, frame: RgbdFrame, age_s: number, objects = true): Promise<TestValues> {
    this.features.reset();
    if (before !== null) this.features.arrive({ ...before, request_id: 'before' });
    const measured = this.features.measure({ ...frame, request_id: 'now' }, age_s);
    const values: Record<string, number> = {};
    for (const { name, feature } of FEATURE_TESTS) {
      const alone = before === null && feature.startsWith('repeat');
      values[name] = alone ? Number.NaN : measured[FEATURES.indexOf(feature)];
    }
    const of_objects = objects ? await this.ofObjects(frame) : [Number.NaN, Number.NaN, Number.NaN];
    OBJECT_TESTS.forEach(({ name }, k) => {
      values[name] = of_objects[k];
    });
    return values;
  }

  /** The worst of every test of objects, in their order. */
  private async ofObjects(frame: RgbdFrame): Promise<readonly number[]> {
    const { detections } = await this.detector.detect(frame);
    const { residuals, unclaimed_m2 } = this.things.measure(frame, detections, this.detector.masks);
    const told = residuals.filter((residual) => residual !== null);
    const worst = (values: readonly number[]) => (values.length === 0 ? Number.NaN : Math.max(...values));
    return [worst(told.map((one) => one.surface_m)), worst(told.map((one) => one.outline_px)), unclaimed_m2];
  }
}
