import { InputError } from '../../contracts/index.ts';

/**
 * Frames between an environment server and its client over two pipes: a head of 16 bytes, then the payload. Little endian:
 * magic (uint32), version (uint16), kind (uint16), sequence (uint32), bytes of the payload (uint32). A reply has the
 * sequence of its request and its kind plus REPLY; `failed` replies with one byte (1: the input is to blame, 0: not) and
 * the message in UTF-8. Sizes of everything but the greeting follow from the greeting, so that nothing is parsed in a step.
 */
export const FRAME_MAGIC = 0x4b505253;
export const FRAME_VERSION = 1;
export const FRAME_HEAD = 16;
export const FRAME_KINDS = { hello: 1, reset: 2, step: 3, render: 4, failed: 127 } as const;
export type FrameKind = keyof typeof FRAME_KINDS;
export const REPLY = 128;
/** Longest payload that is accepted from a client. */
export const MOST_REQUEST_BYTES = 1 << 24;

export interface FrameHead {
  readonly kind: FrameKind;
  readonly sequence: number;
  readonly bytes: number;
}

/** Reads the head of a request; throws InputError for what is none. */
export function readHead(head: DataView): FrameHead {
  const magic = head.getUint32(0, true);
  if (magic !== FRAME_MAGIC) {
    throw new InputError(
      `frame that begins with 0x${magic.toString(16)}`,
      `must begin with 0x${FRAME_MAGIC.toString(16)}`,
    );
  }
  const version = head.getUint16(4, true);
  if (version !== FRAME_VERSION) {
    throw new InputError(
      `frame of protocol version ${version}`,
      `this surepick speaks ${FRAME_VERSION}; install the surepick-gym that came with it`,
    );
  }
  const number = head.getUint16(6, true);
  const kind = KINDS.find((name) => FRAME_KINDS[name] === number);
  if (kind === undefined || kind === 'failed')
    throw new InputError(`frame of kind ${number}`, 'hello, reset, step or render');
  const bytes = head.getUint32(12, true);
  if (bytes > MOST_REQUEST_BYTES) {
    throw new InputError(`frame of ${bytes} bytes`, `at most ${MOST_REQUEST_BYTES}`);
  }
  return { kind, sequence: head.getUint32(8, true), bytes };
}

/** Writes the head of a reply. */
export function writeHead(head: DataView, kind: FrameKind, sequence: number, bytes: number): void {
  head.setUint32(0, FRAME_MAGIC, true);
  head.setUint16(4, FRAME_VERSION, true);
  head.setUint16(6, FRAME_KINDS[kind] + REPLY, true);
  head.setUint32(8, sequence, true);
  head.setUint32(12, bytes, true);
}

const KINDS: readonly FrameKind[] = ['hello', 'reset', 'step', 'render', 'failed'];
