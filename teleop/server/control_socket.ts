import { type Action, permits } from '../access/index.ts';
import { type Command, command, type Reply, type ServerMessage } from '../protocol/index.ts';
import type { PageSocket, SocketHandler } from './sockets.ts';

/** What decides about a page's commands. */
export interface Desk {
  /** Takes a command that its session's role permits; null where the answer is not for this one alone. */
  take(page: PageSocket, asked: Command): Promise<Reply | null>;
  /** The page's socket has closed. */
  closed(page: PageSocket): void;
}

/** What each command needs. */
const NEEDS: Readonly<Record<Command['type'], Action>> = {
  jog: 'operate',
  jog_joints: 'operate',
  release: 'operate',
  alive: 'view',
  ping: 'view',
  lease: 'control',
  preview: 'view',
  pick: 'operate',
  policy: 'operate',
  batch: 'operate',
  go: 'operate',
  gripper: 'operate',
  pause: 'operate',
  continue: 'operate',
  cancel: 'operate',
  speed: 'operate',
  reset: 'reset',
  acknowledge: 'acknowledge',
  answer: 'answer',
  correct: 'answer',
  mark: 'mark',
  incident: 'mark',
};

/** A page that has more than this waiting gets no further state until it has taken it, bytes. */
const STATE_BUDGET_BYTES = 32 * 1024;

export interface ControlSocketOptions {
  readonly desk: Desk;
  /** What a page is told first, newest of everything. */
  readonly greeting: (page: PageSocket) => readonly ServerMessage[];
  readonly now_ms: () => number;
  readonly onRefusal: (page: PageSocket, command: string, reason: string) => void;
}

/** /ws/control: commands are parsed and their session's role is checked; what the robot says goes to every page. */
export class ControlSocket implements SocketHandler {
  /** State messages that were left out for pages without room. */
  skipped = 0;
  private readonly options: ControlSocketOptions;
  private readonly pages = new Set<PageSocket>();

  constructor(options: ControlSocketOptions) {
    this.options = options;
  }

  get connected(): readonly PageSocket[] {
    return [...this.pages];
  }

  open(page: PageSocket) {
    // A page that has connected again: what it was before is nobody any more.
    for (const older of this.pages) if (isSamePage(older, page)) older.close('this page has connected again');
    this.pages.add(page);
    for (const message of this.options.greeting(page)) page.send(JSON.stringify(message));
    return {
      message: (text: string) => void this.hear(page, text),
      closed: () => {
        this.pages.delete(page);
        if (![...this.pages].some((other) => isSamePage(other, page))) this.options.desk.closed(page);
      },
    };
  }

  /** To every page. */
  broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const page of this.pages) page.send(text);
  }

  /** State: `textFor` a page, left out where the page has not taken what went before. */
  stream(textFor: (page: PageSocket) => string): void {
    for (const page of this.pages) {
      if (page.buffered > STATE_BUDGET_BYTES) this.skipped++;
      else page.send(textFor(page));
    }
  }

  private async hear(page: PageSocket, text: string): Promise<void> {
    const { desk, now_ms, onRefusal } = this.options;
    const asked = parsed(text);
    if (asked === null) {
      onRefusal(page, '', 'not a command of this protocol');
      page.close('not a command of this protocol');
      return;
    }
    const id = 'id' in asked ? asked.id : null;
    if (asked.type === 'ping') {
      page.send(JSON.stringify({ type: 'pong', at_ms: asked.at_ms, server_ms: now_ms() } satisfies ServerMessage));
      return;
    }
    if (!permits(page.session.role, NEEDS[asked.type])) {
      const reason = `a ${page.session.role} may not ${asked.type}`;
      onRefusal(page, asked.type, reason);
      if (id !== null) page.send(JSON.stringify({ type: 'reply', to: id, ok: false, reason } satisfies Reply));
      return;
    }
    const reply = await desk.take(page, asked).catch((error: unknown): Reply | null => {
      const reason = error instanceof Error ? error.message : String(error);
      onRefusal(page, asked.type, reason);
      return id === null ? null : { type: 'reply', to: id, ok: false, reason };
    });
    if (reply !== null) page.send(JSON.stringify(reply));
  }
}

function isSamePage(a: PageSocket, b: PageSocket): boolean {
  return a.session.id === b.session.id && a.tab === b.tab;
}

function parsed(text: string): Command | null {
  try {
    return command.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
