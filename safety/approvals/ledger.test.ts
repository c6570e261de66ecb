import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ARM, approversOf, DAY_MS, NOW_MS, personWithKey, requestOf, signedBy } from '../../test/support/approvals.ts';
import { envelopeForRobot } from '../envelope.ts';
import { documentHash, signRevocation } from '../keys/index.ts';
import type { Approvers } from './approvers.ts';
import { envelopeDocument } from './envelope_difference.ts';
import { ApprovalLedger } from './ledger.ts';
import { documentOf } from './request.ts';
import type { AutonomyLevel } from './subject.ts';

const ADA = personWithKey('Ada');
const BOB = personWithKey('Bob');
const EVE = personWithKey('Eve');
const BOTH = approversOf([ADA, BOB]);
const WIDE = envelopeDocument(envelopeForRobot(loadRobot('panda', { visualMeshes: false })));
const NARROW = { ...WIDE, tracking_error_rad: 0.05 };
const WIDER = { ...WIDE, tracking_error_rad: 0.2 };
const level = (at: AutonomyLevel) => ({ schema: 'surepick.autonomy', version: 1, level: at });

function begin(list: Approvers = BOTH) {
  const { ledger, line } = ApprovalLedger.begin(ARM, list, NOW_MS);
  return { ledger, lines: [line] };
}

/** A ledger in which the usual envelope is in force, and its lines. */
function begun(list: Approvers = BOTH) {
  const { ledger, lines } = begin(list);
  const request = requestOf({ what: 'envelope', in_force: null, proposed: WIDE });
  lines.push(ledger.approve(request, signedBy(request, ADA), NOW_MS));
  return { ledger, lines, request };
}

const read = (lines: readonly string[], robot = ARM) =>
  ApprovalLedger.read(Buffer.from(lines.join('')), robot, 'ledger');

describe('what takes effect', () => {
  it('is nothing before anybody signed', () => {
    const { ledger } = begin();
    const request = requestOf({ what: 'envelope', in_force: null, proposed: WIDE });
    expect(ledger.inForce('envelope', NOW_MS)).toBeNull();
    expect(ledger.refusal(request, [], NOW_MS)).toBe('needs the signature of an approver, has 0');
    expect(() => ledger.approve(request, [], NOW_MS)).toThrow(InputError);
  });

  it('is what an approver signed, until it ends', () => {
    const { ledger } = begun();
    expect(ledger.inForce('envelope', NOW_MS)?.sha256).toBe(documentHash(WIDE));
    expect(ledger.inForce('envelope', NOW_MS + 30 * DAY_MS - 1)).not.toBeNull();
    expect(ledger.inForce('envelope', NOW_MS + 30 * DAY_MS)).toBeNull();
    expect(ledger.inForce('envelope', NOW_MS - 1)).toBeNull();
  });

  it('is the same for whoever reads the ledger', () => {
    const { ledger, lines } = begun();
    lines.push(ledger.tighten('envelope', NARROW, NOW_MS + 5));
    const again = read(lines);
    expect(again.all(NOW_MS + 5)).toEqual(ledger.all(NOW_MS + 5));
    expect(again.head).toEqual(ledger.head);
    // Both go on alike.
    const request = requestOf({ what: 'autonomy', in_force: null, proposed: level('learned') });
    expect(again.approve(request, signedBy(request, BOB), NOW_MS + 9)).toBe(
      ledger.approve(request, signedBy(request, BOB), NOW_MS + 9),
    );
  });

  it('needs nobody when it is tighter, and somebody on the way back', () => {
    const { ledger } = begun();
    ledger.tighten('envelope', NARROW, NOW_MS + 1);
    expect(ledger.inForce('envelope', NOW_MS + 1)?.sha256).toBe(documentHash(NARROW));
    expect(() => ledger.tighten('envelope', WIDE, NOW_MS + 2)).toThrow('must not be looser');
    const back = requestOf({ what: 'envelope', in_force: NARROW, proposed: WIDE });
    ledger.approve(back, signedBy(back, BOB), NOW_MS + 3);
    expect(ledger.inForce('envelope', NOW_MS + 3)?.sha256).toBe(documentHash(WIDE));
  });

  it('ends with what it tightened', () => {
    const { ledger } = begun();
    ledger.tighten('envelope', NARROW, NOW_MS + 1);
    expect(ledger.inForce('envelope', NOW_MS + 30 * DAY_MS)).toBeNull();
  });

  it('falls back to what was in force before once it has expired', () => {
    const { ledger } = begun();
    const until_ms = NOW_MS + DAY_MS;
    const request = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER, until_ms });
    ledger.approve(request, signedBy(request, ADA), NOW_MS);
    expect(ledger.inForce('envelope', until_ms - 1)?.sha256).toBe(documentHash(WIDER));
    expect(ledger.inForce('envelope', until_ms)?.sha256).toBe(documentHash(WIDE));
  });
});

describe('an approval is refused', () => {
  const request = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER });
  const good = signedBy(request, ADA);

  it('with no signature that holds: another text under it, a bit of it, another key named', () => {
    const { ledger } = begun();
    const other = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER });
    const bytes = Buffer.from(good[0].signature, 'base64');
    bytes[0] ^= 1;
    expect(ledger.refusal(other, good, NOW_MS)).toContain('does not hold');
    expect(ledger.refusal(request, [{ ...good[0], signature: bytes.toString('base64') }], NOW_MS)).toContain('hold');
    expect(ledger.refusal(request, [{ ...good[0], key: BOB.fingerprint }], NOW_MS)).toContain('of Bob does not hold');
  });

  it('with any field of what was signed changed', () => {
    const { ledger } = begun();
    const changes: readonly Partial<typeof request.statement>[] = [
      { author: 'Eve' },
      { reason: 'none' },
      { until: new Date(NOW_MS + 31 * DAY_MS).toISOString() },
      { from: new Date(NOW_MS - DAY_MS).toISOString() },
      { nonce: 'f'.repeat(32) },
      { new_sha256: documentHash(NARROW) },
    ];
    for (const change of changes) {
      const forged = { ...request, statement: { ...request.statement, ...change } };
      expect(ledger.refusal(forged, good, NOW_MS), JSON.stringify(change)).toContain('does not hold');
    }
    expect(ledger.refusal(request, good, NOW_MS)).toBe('');
  });

  it('by somebody who is no approver, or may not', () => {
    const { ledger } = begun(approversOf([ADA]));
    expect(ledger.refusal(request, signedBy(request, EVE), NOW_MS)).toContain("is no approver's");
    const limited = begun({
      ...BOTH,
      approvers: [...BOTH.approvers, { owner: 'Eve', key: EVE.public_key, may: ['model'] }],
    });
    expect(limited.ledger.refusal(request, signedBy(request, EVE), NOW_MS)).toContain('Eve may not sign for envelope');
  });

  it('when it is used again, also after what it did is undone', () => {
    const { ledger, request: first } = begun();
    expect(ledger.refusal(first, signedBy(first, ADA), NOW_MS)).toBe('was used before, and counts once');
    ledger.approve(request, good, NOW_MS);
    ledger.tighten('envelope', WIDE, NOW_MS);
    expect(ledger.refusal(request, good, NOW_MS)).toBe('was used before, and counts once');
  });

  it('when something else is in force by then', () => {
    const { ledger } = begun();
    ledger.tighten('envelope', NARROW, NOW_MS);
    expect(ledger.refusal(request, good, NOW_MS)).toContain('was made for another envelope in force');
  });

  it('before its time and after it', () => {
    const { ledger } = begun();
    const later = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER, from_ms: NOW_MS + 5 });
    expect(ledger.refusal(later, signedBy(later, ADA), NOW_MS + 4)).toContain('holds only from');
    expect(ledger.refusal(later, signedBy(later, ADA), NOW_MS + 5)).toBe('');
    const short = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER, until_ms: NOW_MS + 5 });
    expect(ledger.refusal(short, signedBy(short, ADA), NOW_MS + 5)).toContain('has expired');
  });

  it.each([
    ['serial number', { ...ARM, serial: 'A-2' }],
    ['name', { ...ARM, name: 'ur5' }],
    ['description', { ...ARM, urdf_sha256: 'cd'.repeat(32) }],
  ])('for a robot of another %s', (_what, robot) => {
    const { ledger } = begun();
    const other = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER, robot });
    expect(ledger.refusal(other, signedBy(other, ADA), NOW_MS)).toContain('is for another robot');
  });

  it('with a key that was given up', () => {
    const { ledger } = begun();
    ledger.revoke(signRevocation(ADA.key, new Date(NOW_MS + 1).toISOString(), 'lost'), NOW_MS, 'r');
    expect(ledger.refusal(request, good, NOW_MS)).toContain('of Ada is revoked');
    expect(ledger.refusal(request, signedBy(request, ADA, BOB), NOW_MS)).toBe('');
    // What it signed before it was lost stands.
    expect(ledger.inForce('envelope', NOW_MS)).not.toBeNull();
  });
});

describe('a key that was given up', () => {
  it('takes with it what it signed since then', () => {
    const { ledger, lines } = begun();
    lines.push(ledger.tighten('envelope', NARROW, NOW_MS));
    const line = ledger.revoke(signRevocation(ADA.key, new Date(NOW_MS).toISOString(), 'stolen'), NOW_MS + 7, 'r');
    expect(ledger.inForce('envelope', NOW_MS + 7)).toBeNull();
    expect(read([...lines, line ?? '']).inForce('envelope', NOW_MS + 7)).toBeNull();
  });

  it('is taken once, and by nobody but itself', () => {
    const { ledger } = begun();
    const signed = signRevocation(EVE.key, new Date(NOW_MS).toISOString(), 'x');
    const forged = { ...signed, revocation: { ...signed.revocation, public_key: ADA.public_key } };
    expect(() => ledger.revoke(forged, NOW_MS, 'r')).toThrow('signed by the key that it revokes');
    expect(ledger.revoke(signed, NOW_MS, 'r')).not.toBeNull();
    expect(ledger.revoke(signed, NOW_MS, 'r')).toBeNull();
  });
});

describe('two people', () => {
  const highest = requestOf({ what: 'autonomy', in_force: null, proposed: level('unattended') });

  it('are needed for the highest level of autonomy, and one for the others', () => {
    const { ledger } = begun();
    expect(ledger.refusal(highest, signedBy(highest, ADA), NOW_MS)).toContain('2 approvers who are different people');
    expect(ledger.refusal(highest, signedBy(highest, ADA, BOB), NOW_MS)).toBe('');
    const learned = requestOf({ what: 'autonomy', in_force: null, proposed: level('learned') });
    expect(ledger.refusal(learned, signedBy(learned, ADA), NOW_MS)).toBe('');
  });

  it('are not one with two keys, however the name is spelt, nor one who signs twice', () => {
    const ada = [personWithKey('Ada'), personWithKey(' ada'), personWithKey('ＡＤＡ')];
    const { ledger } = begun(approversOf([...ada, ADA, BOB]));
    expect(ledger.refusal(highest, signedBy(highest, ...ada), NOW_MS)).toContain('counts once');
    expect(ledger.refusal(highest, signedBy(highest, ADA, ADA), NOW_MS)).toContain('counts once');
    expect(ledger.refusal(highest, signedBy(highest, ...ada, BOB), NOW_MS)).toBe('');
  });

  it('change the list of approvers where there are two, so that one cannot become two', () => {
    const { ledger, lines } = begun();
    const proposed = documentOf(approversOf([ADA, BOB, EVE]));
    const request = requestOf({ what: 'approvers', in_force: documentOf(BOTH), proposed });
    expect(ledger.refusal(request, signedBy(request, ADA), NOW_MS)).toContain('2 approvers');
    expect(ledger.refusal(request, signedBy(request, ADA, EVE), NOW_MS)).toContain("is no approver's");
    lines.push(ledger.approve(request, signedBy(request, ADA, BOB), NOW_MS));
    expect(read(lines).approvers.approvers.map(({ owner }) => owner)).toEqual(['Ada', 'Bob', 'Eve']);
    const model = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER });
    expect(read(lines).refusal(model, signedBy(model, EVE), NOW_MS)).toBe('');
  });

  it('are one where the list has only one', () => {
    const { ledger } = begun(approversOf([ADA]));
    const request = requestOf({
      what: 'approvers',
      in_force: documentOf(approversOf([ADA])),
      proposed: documentOf(BOTH),
    });
    expect(ledger.refusal(request, signedBy(request, EVE), NOW_MS)).not.toBe('');
    expect(ledger.refusal(request, signedBy(request, ADA), NOW_MS)).toBe('');
  });

  it('who were taken off the list sign no more', () => {
    const { ledger } = begun();
    const off = requestOf({ what: 'approvers', in_force: documentOf(BOTH), proposed: documentOf(approversOf([BOB])) });
    ledger.approve(off, signedBy(off, ADA, BOB), NOW_MS);
    const request = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER });
    expect(ledger.refusal(request, signedBy(request, ADA), NOW_MS)).toContain("is no approver's");
  });
});

describe('a ledger that was touched', () => {
  const { lines } = (() => {
    const all = begun();
    all.lines.push(all.ledger.tighten('envelope', NARROW, NOW_MS + 1));
    const request = requestOf({ what: 'envelope', in_force: NARROW, proposed: WIDER });
    all.lines.push(all.ledger.approve(request, signedBy(request, BOB), NOW_MS + 2));
    return all;
  })();

  it('is noticed at every line, whichever is edited, cut out, doubled or moved', () => {
    for (let i = 0; i < lines.length; i++) {
      const edited = lines.map((line, k) => (k === i ? line.replace('"outcome":"', '"outcome":"!') : line));
      expect(() => read(edited), `edited ${i}`).toThrow(`ledger:${i + 1}`);
      if (i < lines.length - 1) expect(() => read(lines.filter((_, k) => k !== i)), `cut ${i}`).toThrow(InputError);
      expect(() => read([...lines.slice(0, i + 1), ...lines.slice(i)]), `doubled ${i}`).toThrow(InputError);
    }
    expect(() => read([lines[0], lines[2], lines[1], lines[3]])).toThrow(InputError);
    expect(() => read(lines.map((line, i) => (i === 3 ? line.slice(0, -5) : line)))).toThrow('must be whole');
    expect(() => read([])).toThrow(InputError);
  });

  it('is noticed at every byte', () => {
    const bytes = Buffer.from(lines.join(''));
    for (let i = 0; i < bytes.length; i += 31) {
      const changed = Buffer.from(bytes);
      changed[i] ^= 1;
      expect(() => ApprovalLedger.read(changed, ARM, 'ledger'), `byte ${i}`).toThrow(InputError);
    }
  });

  it('is of no use to another arm', () => {
    expect(() => read(lines, { ...ARM, serial: 'A-2' })).toThrow(InputError);
    expect(() => read(lines, { ...ARM, urdf_sha256: '0'.repeat(64) })).toThrow('is of another robot');
  });

  it('holds what somebody without a key writes to be forged, although its chain is whole', () => {
    const { ledger, lines: own } = begun();
    const request = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER });
    own.push(ledger.approve(request, signedBy(request, ADA), NOW_MS));
    // The same change over a chain of the attacker's own, signed by the attacker.
    const other = begun(approversOf([EVE, ADA]));
    const forged = requestOf({ what: 'envelope', in_force: WIDE, proposed: WIDER });
    other.lines.push(other.ledger.approve(forged, signedBy(forged, EVE), NOW_MS));
    expect(() => read([...own.slice(0, 2), other.lines[2]])).toThrow(InputError);
    expect(read(other.lines).head).not.toEqual(read(own).head);
  });

  it('does not go back in time', () => {
    const { ledger } = begun();
    expect(() => ledger.tighten('envelope', NARROW, NOW_MS - 1)).toThrow('the clock');
  });
});
