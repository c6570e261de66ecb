import type { History, RunList } from '../../protocol/history.ts';
import type { PictureCamera } from '../../protocol/pictures.ts';

/** A request with the session's token. */
export type Ask = (path: string) => Promise<Response>;

/** What is live, or one recorded episode. */
export type PastName = { readonly run: string; readonly episode: string } | null;

/** Frames asked for at once: five a second over the ten minutes that are kept. */
const FRAMES = 3000;

function folder(name: PastName): string {
  if (name === null) return '/api/history';
  return `/api/runs/${encodeURIComponent(name.run)}/${encodeURIComponent(name.episode)}`;
}

/** @throws Error with what the server says, for people */
export async function loadPast(ask: Ask, name: PastName): Promise<History> {
  const answer = await answerOf(ask, `${folder(name)}?most=${FRAMES}`);
  if (!isPast(answer)) throw new Error('the server sent no history');
  return answer;
}

/** @throws Error with what the server says, for people */
export async function loadRuns(ask: Ask): Promise<RunList> {
  const answer = await answerOf(ask, '/api/runs');
  if (!isRunList(answer)) throw new Error('the server sent no list of runs');
  return answer;
}

/** @throws Error where there is none */
export async function loadPastPicture(ask: Ask, name: PastName, camera: PictureCamera, at_ms: number): Promise<Blob> {
  const response = await ask(`${folder(name)}/picture?camera=${camera}&at_ms=${at_ms}`);
  if (!response.ok) throw new Error(`no picture: ${response.status}`);
  return response.blob();
}

async function answerOf(ask: Ask, path: string): Promise<unknown> {
  const response = await ask(path);
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  const said = typeof answer === 'object' && answer !== null && 'text' in answer ? String(answer.text) : '';
  throw new Error(said === '' ? `the server says ${response.status}` : said);
}

/** The server is the same program; this notices an answer of something else, e.g. a proxy's page. */
function isPast(value: unknown): value is History {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['joint_names', 'frames', 'statuses', 'scenes', 'events'].every((key) => Array.isArray(Reflect.get(value, key))) &&
    'kept' in value &&
    'pictures' in value
  );
}

function isRunList(value: unknown): value is RunList {
  return typeof value === 'object' && value !== null && 'runs' in value && Array.isArray(value.runs);
}
