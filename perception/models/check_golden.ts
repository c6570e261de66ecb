import { openSession } from '../runtime/index.ts';
import { type GoldenResult, type NetworkRun, runGolden } from './golden.ts';
import type { ModelFiles } from './model_files.ts';

export interface GoldenCheck extends GoldenResult {
  /** As the manifest says. */
  readonly tolerance: number;
  readonly holds: boolean;
}

/**
 * Loads a model on the cpu, which checks its inputs and outputs, and runs its golden inputs.
 *
 * @param where  names it in errors
 * @returns null for a model without golden inputs, which then has been loaded only
 * @throws InputError if it cannot be loaded, or takes or gives other than its manifest says
 * @throws InferenceError if a run fails or gives values that are not finite
 */
export async function checkGolden(
  { bytes, manifest, golden }: Pick<ModelFiles, 'bytes' | 'manifest' | 'golden'>,
  where: string,
): Promise<GoldenCheck | null> {
  const network = await openSession(bytes, manifest, where, 'cpu');
  try {
    if (golden === null || manifest.golden === undefined) return null;
    const run: NetworkRun = (inputs, grid) => network.run(inputs, grid);
    const result = await runGolden(golden, manifest, run, `golden.json of ${manifest.name}@${manifest.version}`);
    const { tolerance } = manifest.golden;
    return { ...result, tolerance, holds: result.worst <= tolerance };
  } finally {
    await network.release();
  }
}
