import { describe, expect, it } from 'vitest';
import { blockPicture } from '../test/support/block_pictures.ts';
import type { RgbdFrame } from './detector.ts';
import { FrameViewer } from './frame_viewer.ts';

const { frame } = blockPicture({ width: 24, height: 16, above_m: 0.7, focal_px: 40 }, []);
const { K, D, T_world_camera_optical: T } = frame.info;

/** The frame with one number of its camera changed. */
const withInfo = (info: Partial<RgbdFrame['info']>): RgbdFrame => ({ ...frame, info: { ...frame.info, ...info } });
const changed = (values: readonly number[], at: number, by: number) => values.map((v, k) => (k === at ? v + by : v));

describe('a view', () => {
  it('keeps the rays of a camera that stands, those of its lens while it moves, and neither of another lens', () => {
    const viewer = new FrameViewer();
    const first = viewer.view(frame);
    const again = viewer.view(withInfo({}));
    expect(again.camera).toBe(first.camera);
    const moved = viewer.view(withInfo({ T_world_camera_optical: changed(T, 11, 0.05) }));
    expect(moved.camera).not.toBe(first.camera);
    expect(moved.rays).toBe(first.rays);
    expect(viewer.view(withInfo({ K: changed(K, 0, 1) })).rays).not.toBe(first.rays);
  });

  it('is that of a new viewer, whatever was seen before', () => {
    const infos = [
      { T_world_camera_optical: changed(T, 11, 0.05) },
      { T_world_camera_optical: changed(T, 3, 1e-9) },
      { K: changed(K, 2, 0.5) },
      { D: changed(D, 0, 0.1) },
      {},
    ];
    const viewer = new FrameViewer();
    for (const [k, info] of infos.entries()) {
      const [seen, fresh] = [viewer, new FrameViewer()].map((one) => one.view(withInfo(info)));
      for (const name of ['rays', 'rates', 'z'] as const) expect(seen[name], `${k} ${name}`).toEqual(fresh[name]);
      expect(seen.camera, `${k}`).toEqual(fresh.camera);
    }
  });
});
