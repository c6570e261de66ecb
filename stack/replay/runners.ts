import { EpisodeRunner } from '../episode.ts';
import type { EpisodeOptions } from '../options.ts';

/** Runners by options; those of one policy and model share what is loaded. */
export class Runners {
  private readonly loaded = new Map<string, Promise<EpisodeRunner>>();

  /** Throws an InputError where the model that was used is not there. */
  async runnerFor(options: EpisodeOptions): Promise<EpisodeRunner> {
    const key = JSON.stringify([options.policy, options.model]);
    const loading = this.loaded.get(key) ?? EpisodeRunner.create(options);
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
