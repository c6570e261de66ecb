import {
  CameraModel,
  CROWDED,
  type Detector,
  FEATURE_TESTS,
  FEATURES,
  OBJECT_TESTS,
  objectResidual,
  PictureFeatures,
  type RgbdFrame,
} from '../../perception/index.ts';
import type { TestValues } from './picture_fit.ts';

/** What every test of a picture monitor measures in a picture; of objects the worst. NaN for what it does not show. */
export class PictureValues {
  private readonly detector: Detector;
  private readonly features = new PictureFeatures();

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
    const none = { surface: Number.NaN, outline: Number.NaN };
    const { surface, outline } = objects ? await this.worstObject(frame) : none;
    const [by_surface, by_outline] = OBJECT_TESTS;
    values[by_surface.name] = surface;
    values[by_outline.name] = outline;
    return values;
  }

  private async worstObject(frame: RgbdFrame): Promise<{ surface: number; outline: number }> {
    const { detections } = await this.detector.detect(frame);
    const camera = new CameraModel(frame.info);
    let [surface, outline] = [Number.NaN, Number.NaN];
    detections.forEach((detection, k) => {
      const residual = objectResidual(frame, camera, detection, this.detector.masks[k]);
      if (residual.crowded > CROWDED) return;
      if (!(residual.surface_m <= surface)) surface = residual.surface_m;
      if (!(residual.outline_px <= outline)) outline = residual.outline_px;
    });
    return { surface, outline };
  }
}
