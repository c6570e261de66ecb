import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError, prepareOutputFolder } from '../../contracts/index.ts';
import { EPISODES_FOLDER, readManifest, renderSafetyReport } from '../../datasets/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type LogVerdict, parsePublicKey, publicKeyFile } from '../../safety/index.ts';
import { replayRecording, safetyReportOf, verifyLogFile, verifyRun } from '../../stack/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { readTextFile } from '../json_files.ts';

const flagsOf = z.object({
  recording: z.array(z.string()).default([]),
  key: z.array(z.string()).default([]),
  episode: z.number().optional(),
  robot: z.string().optional(),
  package: z.string().optional(),
  out: z.string().default('safety-report'),
  json: z.boolean().optional(),
});

const collect = (value: string, before: readonly string[] = []) => [...before, value];

/** Verbs of `surepick safety` that read what was written down. */
export function addSafetyLog(safety: Command): void {
  const verb = (usage: string, description: string, example: string): Command =>
    safety
      .command(usage)
      .description(description)
      .option('--json', 'print one JSON object as the last line of stdout')
      .addHelpText('after', `\nExample: ${example}`);
  verb(
    'verify <log|run>',
    'Whether an audit log, or the logs of a run, are as they were written; exit code 1 if not.',
    'surepick safety verify runs/first',
  )
    .option('--recording <file|run>', 'checkpoints in recordings are compared too', collect)
    .option(
      '--key <file>',
      'public key that must have signed every checkpoint: PEM, or what surepick keys export-public prints',
      collect,
    )
    .action(async (path: string, raw: Record<string, unknown>) => {
      const { recording, key, json } = flagsOf.parse(raw);
      const keys = key.map(publicKeyOf);
      const run = isFolder(path);
      const { ok, logs, findings } = run
        ? await verifyRun(path, keys)
        : await verifyLogFile(path, recording.flatMap(recordingsOf), keys).then((log) => ({
            ok: log.verdict.ok,
            logs: [log],
            findings: [],
          }));
      for (const { file, verdict } of logs) {
        say(`${file}: ${summaryOf(verdict)}`);
        for (const { line, what } of verdict.findings)
          say(line === 0 ? `error: ${what}` : `error: line ${line}: ${what}`);
      }
      for (const finding of findings) say(`error: ${finding}`);
      say(ok ? 'nothing was changed' : 'not as it was written');
      const found = logs.map(({ file, verdict: { entries, findings: at, ...rest } }) => {
        const { head, torn_bytes, checkpoints, signed } = rest;
        return { file, entries: entries.length, hash: head.hash, torn_bytes, checkpoints, signed, findings: at };
      });
      if (json) emitJson('safety', { action: 'verify', ok, logs: found, findings });
      if (!ok) process.exitCode = 1;
    });
  verb(
    'replay <recording|run>',
    'Runs recordings through the gate again; exit code 1 where it decides otherwise, with the first cycle and how.',
    'surepick safety replay runs/first --episode 2',
  )
    .option('--episode <n>', 'only this one of a run', integerFrom(0))
    .option('--robot <file>', 'URDF file of the robot, where it is not panda')
    .option('--package <dir>', 'where meshes of package://NAME/… are looked for first')
    .action(async (path: string, raw: Record<string, unknown>) => {
      const { episode, robot, package: packageDir, json } = flagsOf.parse(raw);
      const robotOf = (name: string) => {
        if (robot === undefined && name !== 'panda')
          throw new InputError(`robot ${name}`, 'say where it is: --robot FILE.urdf');
        return loadRobot(robot ?? name, { ...(packageDir === undefined ? {} : { packageDir }), visualMeshes: false });
      };
      const replays = [];
      for (const file of recordingsOf(path, episode)) {
        const result = await replayRecording(file, robotOf);
        replays.push({ file, ...result });
        const { cycles, differing, difference, ended } = result;
        if (cycles === 0) say(`error: ${file}: ${ended === '' ? 'has no journal of the gate' : ended}`);
        else if (difference === null) say(`${file}: ${cycles} cycles, the same decisions to the byte`);
        else {
          const { cycle, t_s, what } = difference;
          say(`error: ${file}: cycle ${cycle} (${t_s.toFixed(3)} s) and ${differing - 1} more differ: ${what}`);
        }
        if (cycles > 0 && ended !== '') say(`warning: ${file}: only these cycles could be replayed: ${ended}`);
      }
      const ok = replays.length > 0 && replays.every(({ cycles, difference }) => cycles > 0 && difference === null);
      if (json) emitJson('safety', { action: 'replay', ok, replays });
      if (!ok) process.exitCode = 1;
    });
  verb(
    'report <log|run>',
    'A page of what the gate and its supervisor did, with plots; needs no network to be read.',
    'surepick safety report runs/first --out runs/first/safety',
  )
    .option('--recording <file|run>', 'states in recordings are plotted too', collect)
    .option('--out <dir>', 'folder of the page (default: safety-report)')
    .action(async (path: string, raw: Record<string, unknown>) => {
      const { recording, out, json } = flagsOf.parse(raw);
      const folder = prepareOutputFolder(out, '--out');
      const run = isFolder(path);
      const logs = run
        ? (await verifyRun(path, [])).logs
        : [await verifyLogFile(path, recording.flatMap(recordingsOf), [])];
      const recordings = run ? recordingsOf(path) : recording.flatMap((file) => recordingsOf(file));
      const report = await safetyReportOf(path, logs, recordings);
      const file = join(folder, 'index.html');
      writeFileSync(file, renderSafetyReport(report));
      say(`report: ${file}`);
      if (json) emitJson('safety', { action: 'report', file, logs: logs.length });
    });
}

function summaryOf({ entries, torn_bytes, checkpoints, signed }: LogVerdict): string {
  const torn = torn_bytes === 0 ? '' : `, a last line of ${torn_bytes} bytes that was not written whole`;
  return `${entries.length} entries, ${checkpoints} checkpoints, ${signed} of them signed by a given key${torn}`;
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The recordings of a run in order, or the one file. */
function recordingsOf(path: string, episode?: number): string[] {
  if (!isFolder(path)) return [path];
  if (existsSync(join(path, 'manifest.json'))) {
    const wanted = readManifest(path).episodes.filter(({ index }) => episode === undefined || index === episode);
    if (wanted.length > 0) return wanted.map(({ file }) => join(path, file));
    throw new InputError(`--episode ${episode} of ${path}`, 'is not in its manifest');
  }
  const inside = existsSync(join(path, EPISODES_FOLDER)) ? join(path, EPISODES_FOLDER) : path;
  const files = readdirSync(inside).filter((name) => /\.mcap(\.part)?$/.test(name));
  if (files.length === 0) throw new InputError(`folder ${path}`, 'holds no recording');
  return files.sort().map((name) => join(inside, name));
}

function publicKeyOf(file: string): KeyObject {
  const text = readTextFile(file);
  try {
    if (!text.trimStart().startsWith('{')) return createPublicKey(text);
    return parsePublicKey(publicKeyFile.parse(JSON.parse(text)).public_key);
  } catch (error) {
    throw new InputError(`--key ${file}`, 'must be a public key: PEM, or as surepick keys export-public prints it', {
      cause: error,
    });
  }
}
