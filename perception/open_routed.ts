import { InputError } from '../contracts/index.ts';
import { DEFAULT_INQUIRIES, type DecisionCosts } from './confidence/index.ts';
import { ConfidentDetector } from './confident_detector.ts';
import { NO_STOPWATCH } from './detector.ts';
import { type DetectorOptions, openDetector } from './open_detector.ts';
import { RoutedDetector } from './routed_detector.ts';

export interface RoutedOptions extends DetectorOptions {
  /** Time from the start of a frame within which its answer must be out, s; 0 for none. Default 0. */
  readonly deadline_s?: number;
  /** Of what the full model could not be asked about. Default: those by which the fast one decides. */
  readonly costs?: DecisionCosts;
}

/**
 * A detector that asks `fast` first and `full` where it doubts; both as `openDetector` opens them.
 * @throws InputError also if `fast` has no calibration: it would never doubt
 */
export async function openRoutedDetector(
  fast: string,
  full: string,
  { deadline_s = 0, costs, ...options }: RoutedOptions = {},
): Promise<RoutedDetector> {
  const { stopwatch = NO_STOPWATCH, inquiries = DEFAULT_INQUIRIES } = options;
  const others = inquiries.filter((one) => one !== 'ask_full');
  const first = await openDetector(fast, { ...options, inquiries: ['ask_full', ...others] });
  try {
    if (!(first instanceof ConfidentDetector)) {
      throw new InputError(`model ${first.model} without a calibration`, `run surepick models calibrate ${fast}`);
    }
    const second = await openDetector(full, { ...options, inquiries: others });
    return new RoutedDetector(first, second, { deadline_s, costs: costs ?? first.costs, inquiries: others, stopwatch });
  } catch (error) {
    await first.close();
    throw error;
  }
}
