import { SingleBar } from 'cli-progress';

/** Shows how far a batch is; silent unless stderr is a terminal. */
export interface Progress {
  stage(episode: number, stage: string): void;
  episode(success: boolean): void;
  stop(): void;
}

/** Shows how much of something is done; silent unless stderr is a terminal. */
export interface Bar {
  /** @param now  what is being done at the moment */
  update(done: number, total: number, now?: string): void;
  stop(): void;
}

export function createBar(unit: string): Bar {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const bar = new SingleBar({
    format: ` {bar} {value}/{total} ${unit} | {duration_formatted} {now}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 8,
  });
  let started = false;
  return {
    update: (done, total, now = '') => {
      if (!started) bar.start(total, 0, { now });
      started = true;
      bar.setTotal(total);
      bar.update(done, { now });
    },
    stop: () => bar.stop(),
  };
}

const SILENT: Progress = { stage() {}, episode() {}, stop() {} };

export function createProgress(episodes: number): Progress {
  if (!process.stderr.isTTY) return SILENT;
  const bar = new SingleBar({
    format: ' {bar} {value}/{total} | {success} ok | {now} | {duration_formatted}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 8,
  });
  let done = 0;
  let successes = 0;
  const payload = (now: string) => ({ success: done === 0 ? '-' : `${Math.round((100 * successes) / done)} %`, now });
  bar.start(episodes, 0, payload('starting'));
  return {
    stage: (episode, stage) => bar.update(done, payload(`episode ${episode}: ${stage}`)),
    episode: (success) => {
      done++;
      if (success) successes++;
      bar.update(done, payload(''));
    },
    stop: () => bar.stop(),
  };
}
