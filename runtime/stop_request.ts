import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { MACHINE_CLOCK, type MonotonicClock } from './monotonic_clock.ts';
import { foreign, stopFolders } from './stop_folder.ts';
import { type StopAnswer, type StopRequest, stopAnswer } from './stop_socket.ts';

/** What came of asking one socket. */
export interface StopReply {
  readonly path: string;
  /** When the request was sent, by the machine's monotonic clock, and in what time it was answered, s. */
  readonly sent_s: number;
  readonly answered_s: number;
  /** Null where nobody answered. */
  readonly answer: StopAnswer | null;
}

/** An answer that has not come by then does not, ms. */
const PATIENCE_MS = 1000;
const MOST_CHARACTERS = 4096;

/** Asks every socket of this user at once; resolves when all have answered or had a second to. */
export async function requestStops(
  request: StopRequest,
  folders: readonly string[] = stopFolders(process.env),
  clock: MonotonicClock = MACHINE_CLOCK,
): Promise<readonly StopReply[]> {
  const paths = folders
    .filter((folder) => foreign(folder) === '')
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => /\/stop-\d+-\d+\.sock$/.test(path));
  const line = `${JSON.stringify(request)}\n`;
  return Promise.all(paths.map((path) => ask(path, line, clock)));
}

function ask(path: string, line: string, clock: MonotonicClock): Promise<StopReply> {
  const sent_s = clock.now_s();
  return new Promise((resolve) => {
    let text = '';
    const peer = connect(path);
    const end = () => {
      peer.destroy();
      resolve({ path, sent_s, answered_s: clock.now_s() - sent_s, answer: parsed(text) });
    };
    const late = setTimeout(end, PATIENCE_MS);
    peer.setEncoding('utf8');
    peer.on('data', (more: string) => {
      text += more;
      if (text.length > MOST_CHARACTERS) end();
    });
    // A socket whose process is gone refuses.
    peer.on('error', end);
    peer.on('close', () => {
      clearTimeout(late);
      end();
    });
    peer.write(line);
  });
}

function parsed(text: string): StopAnswer | null {
  try {
    return stopAnswer.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
