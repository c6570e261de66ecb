/** A sound ONNX file that no detector of ours can use: y = x over three floats. Field numbers: onnx.proto3. */
export function foreignOnnx(): Uint8Array {
  const type = field(1, field(1, 1), field(2, field(1, field(1, 3))));
  const value = (id: number, name: string) => field(id, field(1, name), field(2, type));
  const node = field(1, field(1, 'x'), field(2, 'y'), field(4, 'Identity'));
  const graph = field(7, node, field(2, 'identity'), value(11, 'x'), value(12, 'y'));
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13))]);
}

/** One protobuf field: a small number as varint, text or fields length-delimited (all under 128 bytes). */
function field(id: number, value: number | string | Uint8Array, ...more: Uint8Array[]): Uint8Array {
  if (typeof value === 'number') return Uint8Array.of(id << 3, value);
  const body = Buffer.concat([typeof value === 'string' ? Buffer.from(value) : value, ...more]);
  return Buffer.concat([Uint8Array.of((id << 3) | 2, body.length), body]);
}
