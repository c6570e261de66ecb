import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { preparePrivateFolder, readPrivateFile } from '../../safety/index.ts';
import { replacePrivateFileSoon } from './private_json.ts';
import { type SessionStore, type StoredSession, sessionSchema } from './sessions.ts';

const fileSchema = z.strictObject({
  schema: z.literal('surepick.teleop_sessions'),
  version: z.literal(1),
  sessions: z.array(sessionSchema).max(4096),
});

/**
 * Sessions as the file `sessions.json` (mode 0600) of a private folder (0700). Written beside the loop that serves; the newest
 * state wins. A file that cannot be used is told and counts as empty: everybody logs in again.
 */
export class SessionFile implements SessionStore {
  private readonly file: string;
  private readonly tell: (problem: string) => void;
  private next: readonly StoredSession[] | null = null;
  private writing: Promise<void> | null = null;

  /** @param tell  called with what is wrong with the file, in words */
  constructor(folder: string, tell: (problem: string) => void) {
    preparePrivateFolder(folder);
    this.file = join(folder, 'sessions.json');
    this.tell = tell;
  }

  load(): readonly StoredSession[] {
    if (!existsSync(this.file)) return [];
    try {
      return fileSchema.parse(JSON.parse(readPrivateFile(this.file))).sessions;
    } catch (error) {
      this.tell(`${this.file} cannot be used, all sessions have ended: ${textOf(error)}`);
      return [];
    }
  }

  save(sessions: readonly StoredSession[]): void {
    this.next = sessions;
    this.writing ??= this.write();
  }

  /** Resolves once what was saved last is on the disk. */
  async settled(): Promise<void> {
    while (this.writing !== null) await this.writing;
  }

  private async write(): Promise<void> {
    while (this.next !== null) {
      const sessions = this.next;
      this.next = null;
      const content = { schema: 'surepick.teleop_sessions', version: 1, sessions };
      try {
        await replacePrivateFileSoon(this.file, `${JSON.stringify(content)}\n`);
      } catch (error) {
        this.tell(`${this.file} cannot be written, a restart will end all sessions: ${textOf(error)}`);
      }
    }
    this.writing = null;
  }
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
}
