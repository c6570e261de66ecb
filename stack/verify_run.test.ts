import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EpisodeRecord, ManifestWriter, renderSafetyReport } from '../datasets/index.ts';
import { loadRobot } from '../robots/index.ts';
import { EpisodeRunner } from './episode.ts';
import { DEFAULT_EPISODE_OPTIONS } from './options.ts';
import { replayRecording } from './replay_recording.ts';
import { RunAudit } from './run_audit.ts';
import { safetyReportOf } from './safety_report.ts';
import { verifyLogFile, verifyRun } from './verify_run.ts';

const EPISODE = { ...DEFAULT_EPISODE_OPTIONS, policy: 'expert', observation: 'state', seed: 3 } as const;
const FACTS = { run_id: 'test', command: 'surepick run', options: {}, versions: {}, machine: {} };
const LOG = 'episodes/episode-0001.audit.jsonl';
const RECORDING = 'episodes/episode-0001.mcap';
const PANDA = loadRobot('panda');
/** How often an episode asks whether to go on before it ends: 1.4 s of it. */
const ASKED = 14;

const scratch = mkdtempSync(join(tmpdir(), 'surepick-audit-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let runner: EpisodeRunner;
/** A run of two episodes, each broken off on its way, which end in the order given. */
async function record(folder: string, order: readonly number[]): Promise<readonly string[]> {
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  const manifest = new ManifestWriter(join(folder, 'manifest.json'), FACTS);
  const audit = new RunAudit(folder, EPISODE, 0, 2);
  const outcomes: string[] = [];
  for (const index of order) {
    let asked = 0;
    const { recorded, trace } = await runner.run(index, {
      pace: Number.POSITIVE_INFINITY,
      recording: { folder: join(folder, 'episodes'), metadata: {} },
      trace_file: null,
      stopped: () => ++asked > ASKED,
      onStage: () => {},
    });
    const episode = recorded as EpisodeRecord;
    manifest.add(episode, folder);
    audit.add(episode);
    outcomes.push(trace.outcome);
  }
  const digest = '0'.repeat(64);
  manifest.finish({ digest, interrupted: false, model: null, audit: await audit.end(digest, false) });
  return outcomes;
}

const run = join(scratch, 'run');
beforeAll(async () => {
  runner = await EpisodeRunner.create(EPISODE);
  await record(run, [0, 1]);
});
afterAll(() => runner?.close());

/** A copy of the run in which one file was changed. */
function changed(name: string, file: string, change: (content: Buffer) => Buffer | string): string {
  const copy = join(scratch, name);
  cpSync(run, copy, { recursive: true });
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file))));
  return copy;
}

const linesOf = (content: Buffer) => content.toString().split('\n').slice(0, -1);
const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

describe('the audit of a run', () => {
  it('holds, and says what began, what changed and how each episode ended', async () => {
    const { ok, logs, findings } = await verifyRun(run, []);
    expect({ ok, findings, found: logs.map(({ verdict }) => verdict.findings) }).toEqual({
      ok: true,
      findings: [],
      found: [[], [], []],
    });
    const [whole, first] = logs.map(({ verdict }) => verdict.entries.map(({ kind, rule }) => `${kind} ${rule}`));
    expect(whole).toEqual(['start run', 'end episode', 'end episode', 'end run']);
    expect(first[0]).toBe('start episode');
    expect(first.at(-1)).toBe('end episode');
    expect(first).toContain('mode mode.automatic');
    expect(logs[1].verdict.checkpoints).toBeGreaterThan(3);
  });

  it('has the same bytes whatever order episodes end in', async () => {
    const other = join(scratch, 'other');
    await record(other, [1, 0]);
    for (const file of ['audit.jsonl', LOG, 'episodes/episode-0000.audit.jsonl']) {
      expect(readFileSync(join(other, file)).equals(readFileSync(join(run, file))), file).toBe(true);
    }
  });

  it.each<[string, string, (content: Buffer) => Buffer | string, RegExp]>([
    ['an edited entry', LOG, (content) => content.toString().replace('"passed":', '"passed":1'), /was edited/],
    ['a missing entry', LOG, (content) => textOf(linesOf(content).toSpliced(1, 1)), /entry 2 is missing/],
    [
      'a cut tail',
      LOG,
      (content) => textOf(linesOf(content).slice(0, -1)),
      /tail was cut: the run's log knows of entry/,
    ],
    ['a log that is emptied', LOG, () => '', /tail was cut/],
    [
      'a cut tail of the run',
      'audit.jsonl',
      (content) => textOf(linesOf(content).slice(0, -1)),
      /tail was cut: the manifest/,
    ],
    [
      'a recording that is not the one',
      RECORDING,
      () => readFileSync(join(run, 'episodes/episode-0000.mcap')),
      /its hash differs/,
    ],
  ])('notices %s', async (name, file, change, reason) => {
    const { ok, logs, findings } = await verifyRun(changed(name.replaceAll(' ', '_'), file, change), []);
    const said = [...findings, ...logs.flatMap(({ verdict }) => verdict.findings.map(({ what }) => what))];
    expect({ ok, said: said.join('\n') }).toEqual({ ok: false, said: expect.stringMatching(reason) });
  });

  it('compares a log by itself with the checkpoints of a recording', async () => {
    const cut = changed('alone', LOG, (content) => textOf(linesOf(content).slice(0, -1)));
    const recording = join(run, RECORDING);
    expect((await verifyLogFile(join(run, LOG), [recording], [])).verdict.ok).toBe(true);
    expect((await verifyLogFile(join(cut, LOG), [], [])).verdict.ok).toBe(true);
    expect((await verifyLogFile(join(cut, LOG), [recording], [])).verdict.ok).toBe(false);
    await expect(verifyLogFile(join(run, 'none.jsonl'), [], [])).rejects.toThrow('cannot be read');
  });

  it('replays every recording to the same decisions', async () => {
    for (const name of ['episode-0000', 'episode-0001']) {
      const modes = new Set<string>();
      const result = await replayRecording(
        join(run, 'episodes', `${name}.mcap`),
        () => PANDA,
        ({ mode }) => modes.add(mode),
      );
      expect(result).toMatchObject({ robot: 'panda', hz: 500, difference: null, differing: 0, ended: '' });
      expect(result.cycles).toBeGreaterThan(600);
      expect([...modes]).toContain('automatic');
    }
  });

  it('becomes a page that holds every entry and escapes what they say', async () => {
    const { logs } = await verifyRun(run, []);
    const report = await safetyReportOf('<b>run</b>', logs, [join(run, RECORDING)]);
    const page = renderSafetyReport(report);
    expect(page).toContain('&lt;b&gt;run&lt;/b&gt;');
    expect(page).not.toMatch(/<b>run|(?:src|href)="https?:/);
    expect(page.match(/<tr class="[a-z]*" id="entry-/g)?.length).toBe(
      logs.flatMap(({ verdict }) => verdict.entries).length,
    );
    expect(report.series[0].log).toBe('episode-0001');
    expect(report.series[0].t_s.length).toBe(report.series[0].pace.length);
  });
});
