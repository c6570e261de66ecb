const TABLE = Int32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc;
});

/** CRC-32 (IEEE 802.3) of `bytes[from, to)`, going on from the CRC of what came before; a signed 32-bit integer. */
export function crc32(bytes: Uint8Array, from: number, to: number, before = 0): number {
  let crc = ~before;
  for (let i = from; i < to; i++) crc = TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return ~crc;
}
