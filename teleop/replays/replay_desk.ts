import { statSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';
import type { HistoryQuery, KeptPicture } from '../history/history.ts';
import { historyText } from '../history/history_text.ts';
import type { PictureCamera } from '../protocol/index.ts';
import { OPEN_RECORDING, RecordingHistory } from './recording_history.ts';
import { listRuns, recordingFile } from './run_folders.ts';

/** Recordings that stay open. */
const MOST_OPEN = 2;

interface Place {
  readonly run: string;
  readonly episode: string;
}

/** What can be asked about recorded runs. */
export type ReplayQuestion =
  | { readonly kind: 'list' }
  | ({ readonly kind: 'history'; readonly query: HistoryQuery } & Place)
  | ({ readonly kind: 'picture'; readonly camera: PictureCamera; readonly at_ms: number } & Place);

/** `text`: JSON, of a list or of a history, in pieces. */
export type ReplayAnswer =
  | { readonly kind: 'text'; readonly pieces: readonly Uint8Array[] }
  | { readonly kind: 'picture'; readonly picture: KeptPicture | null };

interface Open {
  readonly key: string;
  readonly history: Promise<RecordingHistory>;
}

/** Answers questions about the recorded runs of a folder; the recordings asked about last stay open. */
export class ReplayDesk {
  private readonly root: string;
  private open: readonly Open[] = [];

  constructor(root: string) {
    this.root = root;
  }

  /** Throws an InputError for what is not there or cannot be read. */
  async answer(question: ReplayQuestion): Promise<ReplayAnswer> {
    if (question.kind === 'list') return text([JSON.stringify(listRuns(this.root))]);
    const history = await this.opened(question);
    if (question.kind === 'history') return text(historyText(history.query(question.query)));
    return { kind: 'picture', picture: history.picture(question.camera, question.at_ms) };
  }

  private opened({ run, episode }: Place): Promise<RecordingHistory> {
    const file = recordingFile(this.root, run, episode);
    const { size, mtimeMs } = statSync(file);
    if (size > OPEN_RECORDING.file_bytes)
      throw new InputError(`recording of ${size} bytes`, `at most ${OPEN_RECORDING.file_bytes} are shown`);
    const key = `${file} ${size} ${mtimeMs}`;
    const known = this.open.find((one) => one.key === key);
    const found = known ?? { key, history: RecordingHistory.read(file, `${run}/${episode}`) };
    this.open = [found, ...this.open.filter((one) => one !== found)].slice(0, MOST_OPEN);
    return found.history.catch((error: unknown) => {
      this.open = this.open.filter((one) => one !== found);
      throw error;
    });
  }
}

function text(pieces: Iterable<string>): ReplayAnswer {
  return { kind: 'text', pieces: Array.from(pieces, (piece) => new TextEncoder().encode(piece)) };
}
