import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type AuditCheckpoint, InProcessBus, SILENT_LOG, SimClock, TOPICS } from '../../contracts/index.ts';
import { verifyLog } from '../../safety/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { auditFolder, openGraphAudit } from './graph_audit.ts';

it('goes on with the log of the same arm at every launch, and publishes where it stands', async () => {
  await withFolder(async (folder) => {
    const [bus, clock] = [new InProcessBus(), new SimClock()];
    const heard: AuditCheckpoint[] = [];
    bus.subscribe(TOPICS.audit_checkpoint, 'test', (checkpoint) => void heard.push(checkpoint));
    for (let launch = 0; launch < 3; launch++) {
      const arm = { robot: 'panda', serial: '12/3', namespace: '/left' };
      const { log, node } = openGraphAudit({ ...arm, folder, clock, signer: null });
      await node.configure({ bus, clock, log: SILENT_LOG });
      node.activate();
      log.record({ kind: 'mode', rule: 'mode.automatic', inputs: { launch }, outcome: 'automatic' });
      await expect.poll(() => log.checkpoint?.sequence).toBe(log.head.sequence);
      node.deactivate();
      await node.cleanup();
    }
    await bus.settled();
    const checkpoints = heard.map((checkpoint) => ({ checkpoint, where: 'the bus' }));
    const { ok, entries } = verifyLog(readFileSync(join(folder, 'panda-12_3-left.jsonl')), { checkpoints });
    expect({ ok, rules: entries.map(({ rule }) => rule) }).toEqual({
      ok: true,
      rules: ['mode.automatic', ...Array(2).fill(['audit.continued', 'mode.automatic']).flat()],
    });
    expect(heard.at(-1)?.sequence).toBe(5);
  });
});

it("keeps logs in the user's state folder", () => {
  expect(auditFolder({ XDG_STATE_HOME: '/state' }, '/home/a')).toBe('/state/surepick/audit');
  expect(auditFolder({ XDG_STATE_HOME: 'relative' }, '/home/a')).toBe('/home/a/.local/state/surepick/audit');
  expect(auditFolder({}, '/home/a')).toBe('/home/a/.local/state/surepick/audit');
});
