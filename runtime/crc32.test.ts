import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.ts';

/** The published check value (ITU-T V.42), and bit by bit from the definition. */
function byDefinition(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const octet of bytes) {
    crc ^= BigInt(octet);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 0n ? crc >> 1n : (crc >> 1n) ^ 0xedb88320n;
  }
  return Number(BigInt.asIntN(32, crc ^ 0xffffffffn));
}

describe('crc32', () => {
  it('gives the published check value', () => {
    expect(crc32(Buffer.from('123456789'), 0, 9) >>> 0).toBe(0xcbf43926);
  });

  it('equals the definition for any bytes, whole or in pieces', () => {
    for (let length = 0; length < 300; length++) {
      const bytes = randomBytes(length);
      expect(crc32(bytes, 0, length), bytes.toString('hex')).toBe(byDefinition(bytes));
      const cut = length >> 1;
      expect(crc32(bytes, cut, length, crc32(bytes, 0, cut)), bytes.toString('hex')).toBe(byDefinition(bytes));
    }
  });
});
