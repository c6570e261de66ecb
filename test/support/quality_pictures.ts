import sharp, { type Sharp } from 'sharp';
import type { RecordedPicture } from '../../datasets/index.ts';

/** Something that goes wrong with pictures, at strengths that rise; done to the encoded pictures and encoded again. */
export interface PictureFault {
  readonly name: string;
  readonly unit: string;
  readonly told_as: string;
  readonly strengths: readonly number[];
  readonly found_from: number;
  apply(picture: RecordedPicture, strength: number): Promise<RecordedPicture>;
}

const redone = async (picture: RecordedPicture, image: Sharp): Promise<RecordedPicture> => ({
  ...picture,
  format: 'jpeg',
  data: new Uint8Array(await image.jpeg({ quality: 85 }).toBuffer()),
});

export const PICTURE_FAULTS: readonly PictureFault[] = [
  {
    name: 'dark',
    unit: 'of 1 lost',
    told_as: 'dark',
    strengths: [0.5, 0.9, 0.97],
    found_from: 0.9,
    apply: (picture, s) => redone(picture, sharp(picture.data).linear(1 - s, 0)),
  },
  {
    name: 'over-bright',
    unit: 'grey values more',
    told_as: 'bright',
    strengths: [40, 120, 220],
    found_from: 120,
    apply: (picture, s) => redone(picture, sharp(picture.data).linear(1, s)),
  },
  {
    name: 'blurred',
    unit: 'px of 320',
    told_as: 'blur',
    strengths: [0.8, 2, 5],
    found_from: 2,
    apply: (picture, s) => redone(picture, sharp(picture.data).blur(s)),
  },
  {
    name: 'cut off',
    unit: 'of the bytes lost',
    told_as: 'broken_picture',
    strengths: [0.9],
    found_from: 0.9,
    apply: async (picture, s) => ({
      ...picture,
      data: picture.data.slice(0, Math.round(picture.data.length * (1 - s))),
    }),
  },
];
