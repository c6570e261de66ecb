import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { requestStops, type StopReply } from '../runtime/index.ts';
import { runEmbedded } from './embedded.ts';
import type { LaunchEvents } from './launch_events.ts';
import { loadGraph } from './load_graph.ts';
import type { LogLine } from './log_line.ts';

const NAMESPACE = '/embedded';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-'));
  vi.stubEnv('XDG_RUNTIME_DIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Runs a small cell and asks it to stop as soon as it is up. */
async function launched(): Promise<{ replies: readonly StopReply[]; lines: readonly LogLine[]; stopped: boolean }> {
  const file = join(folder, 'graph.yaml');
  const nodes = { sim: { kind: 'sim' }, safety: { kind: 'safety' }, control: { kind: 'control' } };
  writeFileSync(file, stringify({ schema: 'surepick/graph', version: 1, nodes }));
  const graph = loadGraph(file, { namespace: NAMESPACE });
  const lines: LogLine[] = [];
  const stop = new AbortController();
  let replies: readonly StopReply[] = [];
  const events: LaunchEvents = {
    onState: () => {},
    onLine: (line) => lines.push(line),
    onReady: () => {
      void requestStops({ stop: 'a test', namespace: NAMESPACE }, [join(folder, 'surepick')]).then((answers) => {
        replies = answers;
        stop.abort();
      });
    },
    onReport: () => {},
    onError: (where, error) => {
      throw new Error(where, { cause: error });
    },
  };
  const options = { log_level: 'info', out_dir: folder, pace: 1, duration_s: 60 } as const;
  const { interrupted } = await runEmbedded(graph, options, events, stop.signal);
  return { replies, lines, stopped: interrupted };
}

it('a cell in one process is stopped through a socket, which is gone when it has ended', async () => {
  const { replies, stopped } = await launched();
  expect(stopped).toBe(true);
  expect(replies.map(({ answer }) => answer)).toEqual([
    { stopped: true, robot: 'panda', namespace: NAMESPACE, pid: process.pid, message: expect.any(String) },
  ]);
  expect(existsSync(replies[0].path)).toBe(false);
});

it('runs without one where no folder is its own, and says so', async () => {
  writeFileSync(join(folder, 'surepick'), 'a file');
  vi.stubEnv('TMPDIR', join(folder, 'surepick'));
  const { replies, lines } = await launched();
  expect(replies).toEqual([]);
  expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringContaining('surepick safety stop does not reach it')]),
  );
});
