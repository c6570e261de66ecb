import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '../../contracts/index.ts';
import { type RepairReport, readRecording, repairRecording, summarizeRecording } from '../../datasets/index.ts';
import { messagesOf } from './mcap.ts';
import { compiledProgram } from './programs.ts';

export interface LiveKill {
  readonly what: string;
  readonly report: RepairReport;
  /** From the last message that is in the file to the last that was published, s. */
  readonly lost_s: number;
}

export interface LiveKillOptions {
  /** Processes that are killed, by SIGKILL, each at a random moment. */
  readonly processes: number;
  /** Of each, begun at random moments. */
  readonly recordings: number;
  /** Processes that run side by side. */
  readonly beside: number;
  readonly seed: number;
}

/**
 * Kills recording processes and repairs what they leave. Throws where something that was repaired is not valid, by our reader
 * and by the format's own.
 */
export async function killLiveRecordings(folder: string, options: LiveKillOptions): Promise<LiveKill[]> {
  const { processes, recordings, beside, seed } = options;
  const program = await compiledProgram('record_live_until_killed');
  const rng = createRng(seed, 'live kills');
  const done: LiveKill[] = [];
  for (let first = 0; first < processes; first += beside) {
    const some = Array.from({ length: Math.min(beside, processes - first) }, async (_, k) => {
      const after_ms = rng.range(20, 2500);
      const begin = (first + k) * recordings;
      const stamps = await runAndKill([program, folder, String(begin), String(recordings)], after_ms);
      for (const [name, told] of stamps) {
        const what = `recording ${name}, killed ${Math.round(after_ms)} ms after the first message of its process`;
        done.push(await judge(join(folder, `live-${name}.mcap`), told, what));
      }
    });
    await Promise.all(some);
  }
  return done;
}

interface Told {
  readonly first_ns: bigint;
  last_ns: bigint;
}

async function judge(file: string, { first_ns, last_ns }: Told, what: string): Promise<LiveKill> {
  const report = await repairRecording(existsSync(file) ? file : `${file}.part`);
  const end_ns = report.result === null ? first_ns : await validEnd(report, what);
  return { what, report, lost_s: Number(last_ns - end_ns) / 1e9 };
}

async function validEnd({ result, kept }: RepairReport, what: string): Promise<bigint> {
  const file = result ?? '';
  const reader = readRecording(file);
  let messages = 0;
  for await (const _ of reader) messages++;
  const theirs = [...(await messagesOf(file)).values()].reduce((sum, count) => sum + count, 0);
  const stated = (await summarizeRecording(file)).messages;
  const again = await repairRecording(file);
  if (!reader.end.complete || again.state !== 'whole') throw new Error(`${what}: ${reader.end.reason || again.reason}`);
  if ([messages, theirs, stated].some((count) => count !== kept.messages)) {
    throw new Error(`${what}: ${kept.messages} messages kept, ${messages}, ${theirs} and ${stated} read`);
  }
  return reader.end.end_ns;
}

/** What each recording had published, as its process told it until it was killed. */
function runAndKill(command: readonly string[], after_ms: number): Promise<Map<string, Told>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      if (said === '') setTimeout(() => child.kill('SIGKILL'), after_ms);
      said += data.toString();
    });
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the recorder ended by itself with code ${code}`));
      const told = new Map<string, Told>();
      for (const line of said.slice(0, said.lastIndexOf('\n')).split('\n')) {
        const [name, stamp] = line.split(' ');
        const known = told.get(name);
        if (known === undefined) told.set(name, { first_ns: BigInt(stamp), last_ns: BigInt(stamp) });
        else known.last_ns = BigInt(stamp);
      }
      resolve(told);
    });
  });
}
