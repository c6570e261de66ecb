import sharp from 'sharp';
import type { ColourImage, DepthImage } from '../contracts/index.ts';
import { compressedImageToRos, depthMillimetres } from './messages/index.ts';

/** Of JPEG pictures, 1 to 100. */
export const JPEG_QUALITY = 85;
/** zlib level of PNG: noisy depth gets no smaller beyond it, but takes five times as long. */
const PNG_LEVEL = 3;
/** What image_transport puts before the PNG of a depth picture: a format and two floats, of which only 32FC1 makes use. */
const DEPTH_HEADER_BYTES = 12;

/** sensor_msgs/msg/CompressedImage of format jpeg; encoded on a thread of its own. */
export async function jpegToRos(image: ColourImage, quality: number): Promise<object> {
  const { stamp_ns, frame_id, width, height, data } = image;
  const encoded = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return compressedImageToRos(stamp_ns, frame_id, 'jpeg', encoded);
}

/**
 * sensor_msgs/msg/CompressedImage as compressed_depth_image_transport has it for 16UC1: a header of 12 bytes, then a PNG of 16
 * bits, whole millimetres, 0 for none; encoded on a thread of its own.
 */
export async function compressedDepthToRos(image: DepthImage): Promise<object> {
  const { stamp_ns, frame_id, width, height, data } = image;
  const png = await sharp(depthMillimetres(data), { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png({ compressionLevel: PNG_LEVEL, adaptiveFiltering: false })
    .toBuffer();
  const bytes = new Uint8Array(DEPTH_HEADER_BYTES + png.length);
  bytes.set(png, DEPTH_HEADER_BYTES);
  return compressedImageToRos(stamp_ns, frame_id, '16UC1; compressedDepth png', bytes);
}
