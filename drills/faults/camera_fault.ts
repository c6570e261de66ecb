import { CAMERAS, createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type OpticalFault, RGBD_NOISE, throughFault } from '../../sim/index.ts';
import type { Drill } from '../drill.ts';
import { declaredReaction, envelopeOfCell } from '../envelope_of_cell.ts';

/** What pictures of the camera over the table lead to when it goes wrong as a goal is sent. */
export function cameraFault(about: Pick<Drill, 'name' | 'title' | 'says'>, fault: OpticalFault): Drill {
  return {
    ...about,
    declared: (cell) =>
      declaredReaction(envelopeOfCell(cell, loadRobot(cell.robot, { visualMeshes: false })), 'perception_uncertain'),
    moment: 'goal',
    lasting: true,
    embedded: ({ wires, nodeOf }) => {
      const { colour, depth } = CAMERAS.overview;
      const place = { node: nodeOf('sim'), way: 'says' } as const;
      let ends: (() => void)[] = [];
      return {
        begin: () => {
          const noise = (stamp_ns: bigint) => createRng(1).stream(`noise of ${about.name}/${stamp_ns}`);
          ends = [
            wires.change(colour, place, (image) => {
              const none = { ...image, data: new Float32Array(image.width * image.height) };
              return throughFault(fault, { colour: image, depth: none }, RGBD_NOISE.colour_sigma, noise(image.stamp_ns))
                .colour;
            }),
            wires.change(depth, place, (image) => {
              const none = { ...image, data: new Uint8Array(3 * image.width * image.height) };
              return throughFault(fault, { colour: none, depth: image }, 0, noise(image.stamp_ns)).depth;
            }),
          ];
        },
        end: () => {
          for (const end of ends) end();
        },
      };
    },
  };
}
