import { expect, it } from 'vitest';
import { Complaints } from './complaints.ts';

const S = 1_000_000_000n;

it('tells each kind of complaint when it begins, and again after a second without it', () => {
  const complaints = new Complaints();
  const begins = (kind: string, tenths: number) =>
    complaints.begins(kind, `${kind} at ${tenths}`, (BigInt(tenths) * S) / 10n);
  expect([0, 1, 2, 11, 21, 22].map((tenths) => begins('old', tenths))).toEqual([
    true,
    false,
    false,
    false,
    true,
    false,
  ]);
  expect([23, 24].map((tenths) => begins('blind', tenths))).toEqual([true, false]);
  expect(begins('old', 25)).toBe(false);
  expect(complaints.text).toBe('blind at 23');
});

it('is over a second after the last of any kind, once', () => {
  const complaints = new Complaints();
  expect(complaints.end(0n)).toBe(false);
  complaints.begins('old', 'it is old', 0n);
  complaints.begins('blind', 'it is blind', S / 2n);
  expect(complaints.end(S)).toBe(false);
  expect(complaints.end((3n * S) / 2n)).toBe(true);
  expect(complaints.text).toBe('');
  expect(complaints.end(9n * S)).toBe(false);
});

it('begins anew after a clock was set back', () => {
  const complaints = new Complaints();
  expect(complaints.begins('old', 'it is old', 100n * S)).toBe(true);
  expect(complaints.begins('old', 'it is old', S)).toBe(true);
  expect(complaints.begins('old', 'it is old', S + 1n)).toBe(false);
});
