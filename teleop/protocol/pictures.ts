/** Cameras by the number that a picture's header names. */
export const PICTURE_CAMERAS = ['overview', 'wrist'] as const;
export type PictureCamera = (typeof PICTURE_CAMERAS)[number];

export const PICTURE_HEADER_BYTES = 24;
const VERSION = 1;

/** What stands before the JPEG in a message of /ws/pictures. */
export interface PictureHeader {
  readonly camera: PictureCamera;
  readonly width: number;
  readonly height: number;
  /** When it was taken, ms of the robot's clock. */
  readonly stamp_ms: number;
  /** Its age when it was sent, ms. */
  readonly age_ms: number;
}

/** Little endian: version u8, camera u8, width u16, height u16, 0 u16, stamp f64, age f64. */
export function writePictureHeader(header: PictureHeader, out: DataView): void {
  out.setUint8(0, VERSION);
  out.setUint8(1, PICTURE_CAMERAS.indexOf(header.camera));
  out.setUint16(2, header.width, true);
  out.setUint16(4, header.height, true);
  out.setUint16(6, 0, true);
  out.setFloat64(8, header.stamp_ms, true);
  out.setFloat64(16, header.age_ms, true);
}

/** Null for what is no such message. */
export function readPictureHeader(message: ArrayBuffer): PictureHeader | null {
  if (message.byteLength < PICTURE_HEADER_BYTES) return null;
  const view = new DataView(message);
  const camera = PICTURE_CAMERAS[view.getUint8(1)];
  if (view.getUint8(0) !== VERSION || camera === undefined) return null;
  return {
    camera,
    width: view.getUint16(2, true),
    height: view.getUint16(4, true),
    stamp_ms: view.getFloat64(8, true),
    age_ms: view.getFloat64(16, true),
  };
}
