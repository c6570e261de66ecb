import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ARM, approversOf, DAY_MS, NOW_MS, personWithKey } from '../../test/support/approvals.ts';
import type { AuditEvent } from '../audit/index.ts';
import { envelopeForRobot } from '../envelope.ts';
import { type SigningKey, signRevocation } from '../keys/index.ts';
import { signApproval } from './approval.ts';
import { ApprovalDesk, type Wanted } from './approval_desk.ts';
import { approvalFileName } from './approval_folder.ts';
import type { Approvers } from './approvers.ts';
import { envelopeDocument } from './envelope_difference.ts';
import { parseRequest } from './request.ts';

const ADA = personWithKey('Ada');
const BOB = personWithKey('Bob');
const WIDE = envelopeDocument(envelopeForRobot(loadRobot('panda', { visualMeshes: false })));
const wanting = (tracking_error_rad: number): Wanted[] => [
  { what: 'envelope', document: { ...WIDE, tracking_error_rad } },
];

let scratch = '';
let folder = '';
let now_ms = NOW_MS;
let list: Approvers = approversOf([ADA, BOB]);
let events: AuditEvent[] = [];
const desks: ApprovalDesk[] = [];

function desk(robot = ARM): ApprovalDesk {
  const made = new ApprovalDesk({
    ...{ robot, folder, anchor: join(scratch, 'anchor.json'), approvers: () => list, now_ms: () => now_ms },
    ...{ author: 'zoe', reason: 'test', audit: { record: (event) => void events.push(event) } },
  });
  desks.push(made);
  return made;
}

/** Signs what lies there unsigned, as people do who were given the files. */
function signAll(...people: readonly SigningKey[]): void {
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.request.json'))) {
    const request = parseRequest(JSON.parse(readFileSync(join(folder, name), 'utf8')), name);
    for (const person of people) {
      const approval = signApproval(request, person);
      writeFileSync(join(folder, approvalFileName(approval)), JSON.stringify(approval));
    }
  }
}

const ledger = () => join(folder, 'ledger.jsonl');
const rules = () => events.map(({ rule }) => rule);

/** A desk at which an envelope was signed for. */
function approved(tracking_error_rad = 0.1): ApprovalDesk {
  const made = desk();
  made.decide(wanting(tracking_error_rad));
  signAll(ADA);
  expect(made.decide(wanting(tracking_error_rad)).refusals).toEqual([]);
  return made;
}

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'approvals '));
  folder = join(scratch, 'approvals');
  now_ms = NOW_MS;
  list = approversOf([ADA, BOB]);
  events = [];
});
afterEach(() => {
  for (const one of desks.splice(0)) one.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('a supervisor’s desk', () => {
  it('asks for what is not approved, once, and says the command', () => {
    const first = desk();
    const [refusal] = first.decide(wanting(0.1)).refusals;
    expect(refusal).toMatch(/^envelope is not approved; surepick approve .*\.request\.json$/);
    expect(first.decide(wanting(0.1)).refusals).toEqual([refusal]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.request.json'))).toHaveLength(1);
  });

  it('lets it take effect once it is signed, and tells the audit log', () => {
    const first = approved();
    expect(first.inForce().map(({ what }) => what)).toEqual(['envelope']);
    expect(rules()).toContain('approval.admitted');
    expect(events.at(-1)).toMatchObject({ rule: 'approval.in_force', inputs: { ledger_entries: 2, refusals: [] } });
  });

  it('takes what is tighter by itself, and wants signatures on the way back', () => {
    const first = approved();
    expect(first.decide(wanting(0.05)).refusals).toEqual([]);
    expect(rules()).toContain('approval.tightened');
    // The signature for the first envelope lies there still.
    expect(first.decide(wanting(0.1)).refusals[0]).toContain('was used before');
    signAll(BOB);
    expect(first.decide(wanting(0.1)).refusals).toEqual([]);
  });

  it('keeps all that over a restart', () => {
    approved().close();
    expect(desk().decide(wanting(0.1)).refusals).toEqual([]);
  });

  it('takes signatures that two people write at the same time', () => {
    const first = desk();
    const highest = [{ what: 'autonomy', document: { schema: 'surepick.autonomy', version: 1, level: 'unattended' } }];
    expect(first.decide(highest).refusals).toHaveLength(1);
    signAll(ADA);
    expect(first.decide(highest).refusals[0]).toContain('2 approvers');
    expect(events.find(({ rule }) => rule === 'approval.refused')).toMatchObject({ kind: 'approval' });
    expect(rules()).not.toContain('tampering.approval');
    signAll(BOB, ADA);
    expect(first.decide(highest).refusals).toEqual([]);
  });

  it('admits one of two requests that were signed for the same state, and the other no more', () => {
    const first = approved();
    first.decide(wanting(0.2));
    first.decide(wanting(0.3));
    signAll(ADA);
    expect(first.decide(wanting(0.2)).refusals).toEqual([]);
    expect(first.decide(wanting(0.3)).refusals[0]).toContain('was made for another envelope in force');
  });
});

describe('an end', () => {
  it('is told of seven days ahead, and refuses when it is there', () => {
    const first = approved();
    now_ms = NOW_MS + 82 * DAY_MS;
    expect(first.state()).toEqual({ refusals: [], warnings: [] });
    now_ms = NOW_MS + 83 * DAY_MS + 1;
    expect(first.state().warnings[0]).toContain('the approval of envelope ends at 2026-04-05');
    now_ms = NOW_MS + 90 * DAY_MS;
    expect(first.state().refusals).toHaveLength(1);
    expect(first.decide(wanting(0.1)).refusals[0]).toContain('has expired');
    expect(rules()).toContain('approval.refused');
    expect(events.filter(({ kind }) => kind === 'tampering')).toEqual([]);
  });

  it('is not put off by setting the clock back', () => {
    const first = approved();
    now_ms = NOW_MS + 90 * DAY_MS;
    first.remember();
    now_ms = NOW_MS;
    expect(first.state().refusals).toEqual(['the clock was set back']);
    expect(() => first.decide(wanting(0.1))).toThrow('must not be before');
    first.close();
    expect(() => desk().decide(wanting(0.1))).toThrow('must not be before');
    expect(rules()).toContain('tampering.approvals');
  });
});

describe('what was tampered with is refused and recorded', () => {
  it('a ledger that was rolled back, removed or edited', () => {
    approved().close();
    const old = readFileSync(ledger());
    const second = desk();
    second.decide(wanting(0.05));
    second.close();
    writeFileSync(ledger(), old);
    expect(() => desk().decide(wanting(0.1))).toThrow('was rolled back');
    rmSync(ledger());
    for (const one of desks.splice(0)) one.close();
    expect(() => desk().decide(wanting(0.1))).toThrow('is gone');
    for (const one of desks.splice(0)) one.close();
    writeFileSync(ledger(), old.toString('utf8').replace('0.1', '0.9'));
    expect(() => desk().decide(wanting(0.1))).toThrow(InputError);
    expect(rules().filter((rule) => rule === 'tampering.approvals')).toHaveLength(3);
  });

  it('but a line that a crash has torn is cut off', () => {
    approved().close();
    writeFileSync(ledger(), `${readFileSync(ledger(), 'utf8')}{"half`);
    expect(desk().decide(wanting(0.1)).refusals).toEqual([]);
  });

  it('a list of approvers that its people did not sign', () => {
    const first = approved();
    const eve = personWithKey('Eve');
    list = approversOf([ADA, BOB, eve]);
    expect(() => first.decide(wanting(0.1))).toThrow('approvers is not approved');
    signAll(eve, ADA);
    expect(() => first.decide(wanting(0.1))).toThrow('2 approvers');
    signAll(BOB);
    expect(first.decide(wanting(0.1)).refusals).toEqual([]);
  });

  it('a signature for another arm, and one of a key that was given up', () => {
    const first = desk();
    first.decide(wanting(0.1));
    signAll(ADA);
    const signed = readdirSync(folder).filter((name) => name.endsWith('.approval.json'));
    const own = folder;
    first.close();
    folder = join(scratch, 'other');
    const other = desk({ ...ARM, serial: 'A-2' });
    rmSync(join(scratch, 'anchor.json'));
    other.decide(wanting(0.1));
    for (const name of signed) copyFileSync(join(own, name), join(folder, name));
    expect(other.decide(wanting(0.1)).refusals[0]).toContain('is for another robot: panda A-1');
    expect(events.find(({ rule }) => rule === 'tampering.approval')).toMatchObject({ kind: 'tampering' });
    writeFileSync(
      join(folder, 'ada.revocation.json'),
      JSON.stringify(signRevocation(ADA.key, new Date(now_ms).toISOString(), 'lost')),
    );
    signAll(ADA);
    expect(other.decide(wanting(0.1)).refusals[0]).toContain('of Ada is revoked');
    expect(rules()).toContain('approval.revoked');
  });

  it('files that are none', () => {
    const first = desk();
    first.decide(wanting(0.1));
    for (const name of ['a.approval.json', 'b.revocation.json']) writeFileSync(join(folder, name), '{');
    writeFileSync(join(folder, 'c.approval.json'), '{"schema":"surepick.approval"}');
    expect(first.decide(wanting(0.1)).refusals).toHaveLength(1);
    expect(rules()).toContain('approval.unreadable');
  });

  it('a second supervisor for the same arm', () => {
    const first = approved();
    const mark = readFileSync(join(folder, 'supervisor.lock'), 'utf8');
    // Another living process holds it: the parent of this one.
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const [, , boot] = mark.split(' ');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    first.close();
    writeFileSync(join(folder, 'supervisor.lock'), `${process.ppid} ${started} ${boot}`);
    expect(() => desk().decide(wanting(0.1))).toThrow('one supervisor an arm');
    expect(rules()).toContain('tampering.approvals');
    // What is left of one that has ended, or whose number another process has, is taken over.
    writeFileSync(join(folder, 'supervisor.lock'), `${process.ppid} 1 ${boot}`);
    expect(desk().decide(wanting(0.1)).refusals).toEqual([]);
  });
});
