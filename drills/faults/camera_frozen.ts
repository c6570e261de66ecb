import { CAMERAS, type ColourImage, type DepthImage } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';

/** A driver that hangs and sends its last picture again and again, under new stamps. */
export const camera_frozen: Drill = {
  name: 'camera_frozen',
  title: 'the camera over the table repeats its last picture',
  declared: 'camera_frozen',
  moment: 'goal',
  says: /the same picture/,
  lasting: true,
  embedded: ({ wires, nodeOf }) => {
    const { colour, depth } = CAMERAS.overview;
    const place = { node: nodeOf('sim'), way: 'says' } as const;
    let frozen = false;
    let last: { colour: ColourImage | null; depth: DepthImage | null } = { colour: null, depth: null };
    wires.change(colour, place, (image) => {
      if (frozen && last.colour !== null) return { ...last.colour, stamp_ns: image.stamp_ns };
      last = { ...last, colour: image };
      return image;
    });
    wires.change(depth, place, (image) => {
      if (frozen && last.depth !== null) return { ...last.depth, stamp_ns: image.stamp_ns };
      last = { ...last, depth: image };
      return image;
    });
    return {
      begin: () => {
        frozen = true;
      },
      end: () => {
        frozen = false;
      },
    };
  },
};
