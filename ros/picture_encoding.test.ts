import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cameraTopics } from '../contracts/index.ts';
import { cameraChannels } from './index.ts';

const channels = cameraChannels(cameraTopics('/camera'), 60);

it('gives depth as a PNG of whole millimetres in 16 bits, 0 for none, after the header of image_transport', async () => {
  const metres = fc.array(fc.float(), { minLength: 12, maxLength: 12 }).map((values) => Float32Array.from(values));
  await fc.assert(
    fc.asyncProperty(metres, async (data) => {
      const message = { stamp_ns: 5n, frame_id: 'camera', width: 4, height: 3, data };
      const fields = channels.depth.codec.decode(await channels.depth.encode(message));
      expect(fields).toMatchObject({ header: { frame_id: 'camera' }, format: '16UC1; compressedDepth png' });
      const bytes = fields.data as Uint8Array;
      expect([...bytes.subarray(0, 12)]).toEqual(Array(12).fill(0));
      const png = sharp(bytes.subarray(12));
      expect(await png.metadata()).toMatchObject({ format: 'png', width: 4, height: 3, channels: 1, depth: 'ushort' });
      const raw = await png.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
      for (let i = 0; i < data.length; i++) {
        const mm = raw.readUInt16LE(2 * i);
        if (data[i] > 0 && data[i] <= 65.535) expect(Math.abs(mm / 1000 - data[i])).toBeLessThanOrEqual(0.0005001);
        else expect(mm).toBe(data[i] > 0 ? 65_535 : 0);
      }
    }),
    { numRuns: 60, seed: 7 },
  );
});

it('gives colour as JPEG of the quality that the channel tells', async () => {
  const data = Uint8Array.from({ length: 3 * 64 * 48 }, (_, i) => (i * i) % 251);
  const message = { stamp_ns: 5n, frame_id: 'camera', width: 64, height: 48, data };
  const size = async (quality: number) => {
    const { colour } = cameraChannels(cameraTopics('/camera'), quality);
    expect(colour.facts).toEqual({ jpeg_quality: String(quality) });
    const fields = colour.codec.decode(await colour.encode(message));
    const bytes = fields.data as Uint8Array;
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 48 });
    return bytes.length;
  };
  expect(await size(95)).toBeGreaterThan(await size(60));
  expect(await size(60)).toBeGreaterThan(await size(20));
});
