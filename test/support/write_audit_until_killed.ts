// Started again and again: it loads no more than it needs.
import { AuditLog } from '../../safety/audit/log.ts';
import { SyncedLogFile } from '../../safety/audit/log_file.ts';

/** Writes an audit log until it is killed: LOG NAME. Prints every checkpoint as JSON, so that what was kept is known. */
const [file, name] = process.argv.slice(2);
const log = new AuditLog({ log: name, file: new SyncedLogFile(file, name), now_ns: () => process.hrtime.bigint() });
log.onCheckpoint = ({ stamp_ns, ...checkpoint }) =>
  process.stdout.write(`${JSON.stringify({ ...checkpoint, stamp_ns: String(stamp_ns) })}\n`);
log.onFailure = (reason) => process.stdout.write(`${JSON.stringify({ reason })}\n`);
let written = 0;
const write = () => {
  const text = 'x'.repeat((37 * written) % 2000);
  for (let k = 0; k < 20; k++) {
    log.record({ kind: 'mode', rule: 'test', inputs: { written: ++written, text }, outcome: 'done' });
  }
  setTimeout(write, 1);
};
write();
