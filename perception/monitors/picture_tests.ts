import type { PictureFault } from '../../contracts/index.ts';
import { FEATURES, type Feature } from './picture_features.ts';

/** One feature that is too low or too high says one thing of a picture. */
export interface PictureTest {
  readonly name: string;
  readonly side: 'low' | 'high';
  readonly fault: PictureFault;
}

interface FeatureTest extends PictureTest {
  readonly feature: Feature;
}

function test(feature: Feature, side: PictureTest['side'], fault: PictureFault): FeatureTest {
  return { name: `${feature}_${side}`, feature, side, fault };
}

/** What pictures are tested for, of the picture as a whole. */
export const FEATURE_TESTS: readonly FeatureTest[] = [
  test('spread', 'low', 'covered'),
  test('dark', 'high', 'covered'),
  test('patch_dark', 'high', 'covered'),
  test('table_dark', 'high', 'covered'),
  test('table_tint', 'high', 'covered'),
  test('agree', 'low', 'covered'),
  test('patch_agree', 'low', 'covered'),
  test('near', 'high', 'covered'),
  test('depth', 'low', 'no_depth'),
  test('lost', 'high', 'no_depth'),
  test('blown', 'high', 'glare'),
  test('white', 'high', 'glare'),
  test('white_jumps', 'high', 'glare'),
  test('haze', 'high', 'glare'),
  test('haze_things', 'high', 'glare'),
  test('table_light', 'high', 'glare'),
  test('halo', 'high', 'glare'),
  test('soft_wide', 'high', 'glare'),
  test('soft', 'high', 'glare'),
  test('soft_narrow', 'high', 'blur'),
  test('edge', 'low', 'blur'),
  test('edges', 'low', 'blur'),
  test('repeat_colour', 'high', 'frozen'),
  test('repeat_depth', 'high', 'frozen'),
  test('age_s', 'high', 'delayed'),
  test('age_s', 'low', 'delayed'),
];

/** Of the things in it: the detections' two residuals, and the surface of what was not detected (m²). */
export const OBJECT_TESTS: readonly PictureTest[] = [
  { name: 'surface_high', side: 'high', fault: 'unfamiliar' },
  { name: 'outline_high', side: 'high', fault: 'unfamiliar' },
  { name: 'unclaimed_high', side: 'high', fault: 'unfamiliar' },
];

export const FEATURE_INDEX: readonly number[] = FEATURE_TESTS.map(({ feature }) => FEATURES.indexOf(feature));

/** Where a test's value lies in sound pictures, and how far it may be. */
export interface TestLimit {
  readonly middle: number;
  readonly limit: number;
}

/** 0 in the middle of sound pictures, 1 at the limit, more beyond it; 0 for a value that is not there or no limit. */
export function scoreOf(value: number, limit: TestLimit | undefined): number {
  if (limit === undefined || Number.isNaN(value)) return 0;
  return Math.max(0, (value - limit.middle) / (limit.limit - limit.middle));
}
