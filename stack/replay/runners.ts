import type { CalibrationFile } from '../../perception/index.ts';
import { EpisodeRunner } from '../episode.ts';
import type { EpisodeOptions } from '../options.ts';

/** Runners by options; those of one policy, model and calibration share what is loaded. */
export class Runners {
  private readonly loaded = new Map<string, Promise<EpisodeRunner>>();

  /** Throws an InputError where the model that was used is not there. */
  async runnerFor(options: EpisodeOptions, calibration: CalibrationFile | null = null): Promise<EpisodeRunner> {
    const key = JSON.stringify([options.policy, options.policy_sha256, options.model, calibration]);
    const loading = this.loaded.get(key) ?? EpisodeRunner.create(options, 'silent', {}, calibration);
    this.loaded.set(key, loading);
    return (await loading).sharing(options);
  }

  async close(): Promise<void> {
    for (const loading of this.loaded.values()) {
      await loading.then(
        (runner) => runner.close(),
        () => {},
      );
    }
    this.loaded.clear();
  }
}
