import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';

/** `surepick teleop` as a user starts it, with folders of its own. */
export class TeleopProcess {
  readonly url: string;
  readonly folder: string;
  readonly errors: string[];
  readonly child: ChildProcess;

  private constructor(child: ChildProcess, url: string, folder: string, errors: string[]) {
    this.child = child;
    this.url = url;
    this.folder = folder;
    this.errors = errors;
  }

  /** Where the cell's socket is. */
  get runtime_dir(): string {
    return join(this.folder, 'run');
  }

  /** Process numbers of the cell and of the server, as they are now. */
  pidOf(part: 'cell' | 'server'): number {
    const script = part === 'cell' ? 'cell_process_program.js' : 'server_process.js';
    const children = readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8').trim().split(' ');
    const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script));
    if (found === undefined) throw new Error(`no ${part} among the children of ${this.child.pid}`);
    return Number(found);
  }

  /** @param prepare  what is done before in these folders, and options that come of it */
  static async start(
    args: readonly string[] = [],
    port = 0,
    variables: Readonly<Record<string, string | undefined>> = {},
    prepare: (environment: NodeJS.ProcessEnv) => readonly string[] | Promise<readonly string[]> = () => [],
  ): Promise<TeleopProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'surepick-teleop-'));
    mkdirSync(join(folder, 'run'), { mode: 0o700 });
    const main = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');
    const out = ['--out', join(folder, 'out')];
    const env = {
      ...process.env,
      ...variables,
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_RUNTIME_DIR: join(folder, 'run'),
    };
    const given = ['--port', String(port), ...out, ...args, ...(await prepare(env))];
    const child = spawn(process.execPath, [main, 'teleop', ...given], { stdio: ['pipe', 'pipe', 'pipe'], env });
    const errors: string[] = [];
    child.on('error', (error) => errors.push(error.message));
    child.stderr?.on('data', (chunk: Buffer) => void errors.push(chunk.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
      });
      child.once('exit', (code) => reject(new Error(`teleop ended with ${code}: ${errors.join('')}`)));
    });
    return new TeleopProcess(child, url, folder, errors);
  }

  /** Another address that opens a session: what Enter prints. */
  async anotherUrl(): Promise<string> {
    const before = this.errors.length;
    this.child.stdin?.write('\n');
    for (;;) {
      const line = this.errors
        .slice(before)
        .join('')
        .split('\n')
        .find((one) => one.includes('#t='));
      if (line !== undefined) return line.trim();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends it as Ctrl-C does; its exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => {
      if (this.child.exitCode !== null) resolve(this.child.exitCode);
      this.child.once('exit', resolve);
    });
    this.child.kill('SIGINT');
    const code = await ended;
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}
