/** What the first bytes of a PNG or JPEG picture say. */
export interface PictureHeader {
  readonly format: 'jpeg' | 'png';
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Of a sample. */
  readonly bits: number;
}

/** Larger pictures are no camera's: who decodes them gives a small file much memory. */
export const MOST_PIXELS = 64 * 1024 * 1024;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };
/** Frame headers of JPEG (ITU-T T.81, table B.1): C4, C8 and CC are none. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const standsAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);

/** Reads the header without decoding anything; null for what is neither PNG nor JPEG, or says an impossible size. */
export function pictureHeader(bytes: Uint8Array): PictureHeader | null {
  const header = PNG.every((byte, k) => bytes[k] === byte) ? pngHeader(bytes) : jpegHeader(bytes);
  if (header === null || header.width === 0 || header.height === 0) return null;
  return header.width * header.height > MOST_PIXELS ? null : header;
}

/** PNG specification, 11.2.2: IHDR is the first chunk. */
function pngHeader(bytes: Uint8Array): PictureHeader | null {
  if (bytes.length < 33 || String.fromCharCode(...bytes.subarray(12, 16)) !== 'IHDR') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const channels = PNG_CHANNELS[bytes[25]];
  if (channels === undefined) return null;
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20), channels, bits: bytes[24] };
}

function jpegHeader(bytes: Uint8Array): PictureHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (standsAlone(marker)) {
      at += 2;
      continue;
    }
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    if (length < 2) return null;
    if (isFrame(marker)) {
      const height = (bytes[at + 5] << 8) | bytes[at + 6];
      const width = (bytes[at + 7] << 8) | bytes[at + 8];
      return { format: 'jpeg', width, height, channels: bytes[at + 9], bits: bytes[at + 4] };
    }
    at += 2 + length;
  }
  return null;
}
