import type { Diagnostics } from '../../contracts/index.ts';
import type { Finding, Monitor } from './finding.ts';

/** Key in a node's diagnostics: why it cannot write what it has to; empty where it can. */
export const WRITE_FAILURE = 'write_failure';

/** Writers that cannot write: a recorder by its diagnostics, and whoever says so itself. */
export class DiskMonitor implements Monitor {
  private readonly failures = new Map<string, string>();

  hear({ status }: Diagnostics): void {
    for (const { name, values } of status) {
      const failure = values.find(({ key }) => key === WRITE_FAILURE);
      if (failure !== undefined) this.tell(name, failure.value);
    }
  }

  /** What a writer says of itself; empty where it writes. */
  tell(writer: string, failure: string): void {
    if (failure === '') this.failures.delete(writer);
    else this.failures.set(writer, failure);
  }

  look(): Finding | null {
    for (const [writer, failure] of this.failures) return { fault: 'disk_full', detail: `${writer}: ${failure}` };
    return null;
  }
}
