import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { InProcessBus, SILENT_LOG } from '../../contracts/index.ts';
import { ApprovalDesk, approvalFileName, documentOf, parseRequest, signApproval } from '../../safety/index.ts';
import { ARM, approversOf, DAY_MS, NOW_MS, personWithKey } from '../../test/support/approvals.ts';
import { wallClock } from '../../test/support/wall_clock.ts';
import { ApprovalWatch } from './approval_watch.ts';

const ADA = personWithKey('Ada');
const WANTED = [
  { what: 'autonomy', document: documentOf({ schema: 'surepick.autonomy', version: 1, level: 'learned' }) },
];
const scratch = mkdtempSync(join(tmpdir(), 'watch '));
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('the watch over approvals', () => {
  it('warns a week ahead, never stops a motion, and holds the arm once it has stood for a second', async () => {
    let now_ms = NOW_MS;
    let at_rest = false;
    const said: string[] = [];
    const desk = new ApprovalDesk({
      ...{ robot: ARM, folder: join(scratch, 'a'), anchor: join(scratch, 'anchor'), now_ms: () => now_ms },
      ...{ approvers: () => approversOf([ADA]), author: 'zoe', reason: 'test' },
    });
    desk.decide(WANTED);
    const [name] = readdirSync(join(scratch, 'a')).filter((one) => one.endsWith('.request.json'));
    const request = parseRequest(JSON.parse(readFileSync(join(scratch, 'a', name), 'utf8')), name);
    const approval = signApproval(request, ADA);
    writeFileSync(join(scratch, 'a', approvalFileName(approval)), JSON.stringify(approval));
    expect(desk.decide(WANTED).refusals).toEqual([]);
    const watch = new ApprovalWatch(desk, { atRest: () => at_rest });
    const log = { ...SILENT_LOG, warn: (fields: object) => void said.push(JSON.stringify(fields)) };
    await watch.configure({ bus: new InProcessBus(), clock: wallClock, log });
    expect(said).toEqual([]);

    now_ms = NOW_MS + 84 * DAY_MS;
    watch.look();
    watch.look();
    expect(said).toHaveLength(1);
    expect(watch.diagnostics().approvals).toContain('autonomy ends at');
    expect(watch.conditions()).toEqual([]);

    now_ms = NOW_MS + 91 * DAY_MS;
    for (let looks = 0; looks < 100; looks++) watch.look();
    expect(watch.conditions()).toEqual([]);
    at_rest = true;
    watch.look();
    expect(watch.conditions()).toEqual([]);
    watch.look();
    expect(watch.conditions()).toMatchObject([{ category: 2, awaited: false }]);
    await watch.cleanup();
  });
});
