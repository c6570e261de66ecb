/** A picture of one channel, row-major; any scale. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Brightness of an RGB picture (Rec. 601), 0..255. */
export function greyOf(rgb: Uint8Array, width: number, height: number): GreyImage {
  const data = new Float32Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2];
  return { width, height, data };
}

/** Brightness between pixels, bilinear; the picture's edge goes on outside. */
export function sampleGrey({ width, height, data }: GreyImage, x: number, y: number): number {
  const cx = Math.min(width - 1.001, Math.max(0, x));
  const cy = Math.min(height - 1.001, Math.max(0, y));
  const i = Math.floor(cx);
  const j = Math.floor(cy);
  const fx = cx - i;
  const fy = cy - j;
  const at = j * width + i;
  const top = data[at] + fx * (data[at + 1] - data[at]);
  const bottom = data[at + width] + fx * (data[at + width + 1] - data[at + width]);
  return top + fy * (bottom - top);
}

const RING = 16;

/**
 * How much each pixel looks like a corner of a chequerboard: on a ring around it, opposite samples are alike, those a
 * quarter turn away differ, and the mean is that of the middle (Bennett and Lasenby, ChESS, CVIU 118, 2014, eq. 5).
 * @param radius_px  of the ring: less than a square
 */
export function chessResponse(image: GreyImage, radius_px: number): Float32Array {
  const { width, height, data } = image;
  const out = new Float32Array(width * height);
  // Where a ring's samples lie between pixels is the same around every pixel.
  const offset = new Int32Array(RING);
  const right = new Float64Array(RING);
  const down = new Float64Array(RING);
  for (let k = 0; k < RING; k++) {
    const x = radius_px * Math.cos((2 * Math.PI * k) / RING);
    const y = radius_px * Math.sin((2 * Math.PI * k) / RING);
    offset[k] = Math.floor(y) * width + Math.floor(x);
    right[k] = x - Math.floor(x);
    down[k] = y - Math.floor(y);
  }
  const ring = new Float64Array(RING);
  const margin = Math.ceil(radius_px) + 1;
  for (let y = margin; y < height - margin; y++) {
    for (let x = margin; x < width - margin; x++) {
      let mean = 0;
      for (let k = 0; k < RING; k++) {
        const a = y * width + x + offset[k];
        const top = data[a] + right[k] * (data[a + 1] - data[a]);
        const bottom = data[a + width] + right[k] * (data[a + width + 1] - data[a + width]);
        ring[k] = top + down[k] * (bottom - top);
        mean += ring[k] / RING;
      }
      let sum = 0;
      let difference = 0;
      for (let k = 0; k < 4; k++) sum += Math.abs(ring[k] + ring[k + 8] - ring[k + 4] - ring[k + 12]);
      for (let k = 0; k < 8; k++) difference += Math.abs(ring[k] - ring[k + 8]);
      const i = y * width + x;
      const local = (data[i] + data[i - 1] + data[i + 1] + data[i - width] + data[i + width]) / 5;
      out[i] = Math.max(0, sum - difference - RING * Math.abs(local - mean));
    }
  }
  return out;
}

/** A pixel where the response is largest around. */
export interface Peak {
  readonly x: number;
  readonly y: number;
  readonly response: number;
}

/** Local maxima over `radius_px` of at least a share of the largest, the strongest first. */
export function responsePeaks(
  response: Float32Array,
  width: number,
  height: number,
  radius_px: number,
  share: number,
): Peak[] {
  const peaks: Peak[] = [];
  const reach = Math.max(1, Math.round(radius_px));
  let most = 0;
  for (const value of response) most = Math.max(most, value);
  for (let y = reach; y < height - reach; y++) {
    for (let x = reach; x < width - reach; x++) {
      const value = response[y * width + x];
      if (value > 0 && value >= share * most && isPeak(response, width, x, y, reach))
        peaks.push({ x, y, response: value });
    }
  }
  return peaks.sort((a, b) => b.response - a.response || a.y - b.y || a.x - b.x);
}

function isPeak(response: Float32Array, width: number, x: number, y: number, reach: number): boolean {
  const here = y * width + x;
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const there = here + dy * width + dx;
      // Of equals the first counts.
      if (response[there] > response[here] || (response[there] === response[here] && there < here)) return false;
    }
  }
  return true;
}
