import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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

  static async start(args: readonly string[] = [], port = 0): Promise<TeleopProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'surepick-teleop-'));
    const main = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');
    const out = ['--out', join(folder, 'out')];
    const child = spawn(process.execPath, [main, 'teleop', '--port', String(port), ...out, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, XDG_STATE_HOME: join(folder, 'state'), XDG_CONFIG_HOME: join(folder, 'config') },
    });
    const errors: string[] = [];
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
