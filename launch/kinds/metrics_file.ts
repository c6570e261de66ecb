import { renameSync, writeFileSync } from 'node:fs';
import type { Log, Node, NodeContext } from '../../contracts/index.ts';

const WRITE_MS = 5000;

/**
 * Writes metrics to a file every few seconds, whole each time, as the textfile collector of Prometheus' node exporter reads
 * them: no port is opened.
 */
export class MetricsFile implements Node {
  readonly name = 'metrics';
  private readonly file: string;
  private readonly text: () => Promise<string>;
  private log: Log | null = null;
  private timer: NodeJS.Timeout | undefined;
  private failed = false;

  /** @param text  the metrics in Prometheus' text format */
  constructor(file: string, text: () => Promise<string>) {
    this.file = file;
    this.text = text;
  }

  async configure({ log }: NodeContext): Promise<void> {
    this.log = log;
    this.failed = false;
  }

  activate(): void {
    this.timer = setInterval(() => void this.write(), WRITE_MS);
    this.timer.unref();
  }

  deactivate(): void {
    clearInterval(this.timer);
    void this.write();
  }

  async cleanup(): Promise<void> {
    this.log = null;
  }

  /** A file that cannot be written is told of once, and holds nothing up. */
  async write(): Promise<void> {
    try {
      const part = `${this.file}.${process.pid}.part`;
      writeFileSync(part, await this.text());
      renameSync(part, this.file);
      this.failed = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.failed) this.log?.warn({ file: this.file, reason }, 'metrics cannot be written');
      this.failed = true;
    }
  }
}
