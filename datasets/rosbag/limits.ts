/** What a bag may ask for; beyond it is no recorder's work, and is refused or left out by name. */
export const LIMITS = {
  /** Of metadata.yaml. */
  metadata_bytes: 4 << 20,
  files: 10_000,
  topics: 10_000,
  /** Of one definition of a type. */
  definition_bytes: 1 << 20,
  /** Of one message, after decompression. */
  message_bytes: 256 << 20,
  /** Records of metadata in an MCAP file. */
  records: 1000,
  /** Of all attachments of an MCAP file. */
  attached_bytes: 256 << 20,
  /** Of a bag: 22 bytes of memory each. */
  messages: 1 << 24,
  /** Of a compressed file, once it is not. */
  file_bytes: 1024 ** 4,
  /** How often a chunk may be decompressed again because messages lie out of order. */
  reloads: 50,
} as const;

/** Bytes in words. */
export function bytesInWords(bytes: number | bigint): string {
  const value = Number(bytes);
  const [unit, size] = value >= 1 << 30 ? ['GiB', 1 << 30] : value >= 1 << 20 ? ['MiB', 1 << 20] : ['bytes', 1];
  return `${Number((value / size).toFixed(1))} ${unit}`;
}
