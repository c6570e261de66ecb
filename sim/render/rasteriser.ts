import type { Matrix4, Scene } from 'three';
import { ChangeKey } from './change_key.ts';
import { type FixedImages, FixedLayer, type RenderTarget } from './fixed_layer.ts';
import { sphereInView } from './frustum.ts';
import type { PinholeCamera } from './pinhole.ts';
import { PolygonBuffer } from './polygon_buffer.ts';
import { type DrawableMesh, labelOf, SceneReader, textureOf } from './scene_reader.ts';
import { Shader } from './shader.ts';
import { ShadowMap, shadowSize } from './shadow_map.ts';
import { PATTERN } from './texture.ts';

/** Share of its size by which a face of several triangles may miss its plane. */
const FLATNESS = 1e-5;

/**
 * Draws the meshes of a three.js scene: colour, depth and labels in one pass with a z-buffer on 1/z, clipped at the near
 * and far depth, back faces left out (so a mesh must not be mirrored), lit as by `Lighting`, with patterns as by
 * `patternAt` and the shadows of the first light that casts any. A geometry is read once; a changed one must be replaced.
 * Nothing is allocated per frame once the largest scene has been seen.
 *
 * Objects come in the order of the scene, those with `userData.fixed` (and all below them) after all others: to a camera
 * that stands still their picture is drawn once and kept until the camera, the lights or one of them changes. That
 * changes what a frame costs and not one byte of it.
 */
export class Rasteriser {
  readonly width: number;
  readonly height: number;
  private readonly scene = new SceneReader();
  private readonly buffer: PolygonBuffer;
  private readonly shader: Shader;
  private shadow: ShadowMap | null = null;
  private readonly size = { columns: 0, rows: 0 };
  /** T_world_camera_optical of the frame at hand. */
  private T: readonly number[] = [];
  /** Camera: fx, fy, cx, cy, near, 1/far. */
  private readonly lens = new Float64Array(6);
  /** Mesh to camera, row-major 3×4. */
  private readonly M = new Float64Array(12);
  /** The camera's centre, mesh frame. */
  private readonly eye = new Float64Array(3);
  private readonly layer: FixedLayer;
  private readonly key = new ChangeKey();
  private readonly drawFixedInto = (images: FixedImages): void => {
    const { buffer } = this;
    buffer.exact = images.inverse;
    buffer.clear(this.lens[5]);
    this.drawFixed();
    buffer.exact = null;
    this.resolve(images, images);
    if (this.shadow !== null) images.shadable.sort(this.shadow.width, this.shadow.height);
  };

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.buffer = new PolygonBuffer(width, height, true);
    this.shader = new Shader(this.scene.lighting, width);
    this.layer = new FixedLayer(width * height);
  }

  /** Updates the world matrices of `scene` and draws it into `out`, every pixel of which is written. */
  render(scene: Scene, camera: PinholeCamera, out: RenderTarget): void {
    if (scene.matrixWorldAutoUpdate) scene.updateMatrixWorld();
    const { lens, buffer, shader } = this;
    const { K } = camera;
    lens[0] = K[0];
    lens[1] = K[4];
    lens[2] = K[2];
    lens[3] = K[5];
    lens[4] = camera.near_m;
    lens[5] = 1 / camera.far_m;
    this.T = camera.T_world_camera_optical;
    this.scene.read(scene);
    this.drawShadows();
    if (this.fixedUnchanged()) {
      shader.begin(this.shadow, camera);
      const images = this.layer.images(this.drawFixedInto);
      shader.begin(this.shadow, camera);
      buffer.clear(lens[5]);
      this.drawMoving();
      this.compose(images, out);
    } else {
      this.layer.forget();
      shader.begin(this.shadow, camera);
      buffer.clear(lens[5]);
      this.drawMoving();
      this.drawFixed();
      this.resolve(out, null);
    }
  }

  private drawShadows(): void {
    const { size } = this;
    if (!shadowSize(this.scene.lighting, this.width, size)) {
      this.shadow = null;
      return;
    }
    const { columns, rows } = size;
    if (this.shadow?.width !== columns || this.shadow.height !== rows) this.shadow = new ShadowMap(columns, rows);
    this.shadow.draw(this.scene);
  }

  /** True if the fixed meshes look as they did a frame ago: same camera, lights, places and colours. */
  private fixedUnchanged(): boolean {
    const { key, shadow } = this;
    const { lighting, fixed, fixed_count } = this.scene;
    key.begin();
    key.addAll(this.lens, 6);
    key.addAll(this.T, 12);
    key.addAll(lighting.background, 3);
    key.addAll(lighting.ambient, 3);
    key.addAll(lighting.lights, 6 * lighting.lightCount);
    key.add(lighting.sunNumber);
    if (shadow !== null) key.addAll(shadow.L, 12);
    if (shadow !== null) key.add(shadow.width);
    for (let i = 0; i < fixed_count; i++) {
      const mesh = fixed[i];
      const { color } = mesh.material;
      key.addGeometry(mesh.geometry);
      key.addAll(mesh.matrixWorld.elements, 16);
      key.add(color.r);
      key.add(color.g);
      key.add(color.b);
      key.add(labelOf(mesh));
      key.add((mesh.castShadow ? 1 : 0) + (mesh.receiveShadow ? 2 : 0));
      this.addTexture(mesh);
    }
    return key.end();
  }

  private addTexture(mesh: DrawableMesh): void {
    const { key } = this;
    const texture = textureOf(mesh);
    key.add(texture === null ? 0 : PATTERN[texture.kind]);
    if (texture === null) return;
    key.addAll(texture.rgb, 3);
    key.addAll(texture.offset_m, 3);
    key.add(texture.scale_m);
    key.add(texture.strength);
  }

  private drawMoving(): void {
    const { moving, moving_count } = this.scene;
    for (let i = 0; i < moving_count; i++) this.drawMesh(moving[i]);
  }

  private drawFixed(): void {
    const { fixed, fixed_count } = this.scene;
    for (let i = 0; i < fixed_count; i++) this.drawMesh(fixed[i]);
  }

  private drawMesh(mesh: DrawableMesh): void {
    const { buffer, shader, M, lens } = this;
    const data = this.scene.dataOf(mesh.geometry);
    this.setMatrix(mesh.matrixWorld, this.T);
    if (!sphereInView(data.bound, M, lens, this.width, this.height)) return;
    const behind = buffer.project(data.positions, M, lens);
    if (3 * behind === data.positions.length) return;
    const { starts, corners, normals, offsets } = data.faces;
    const count = starts.length - 1;
    const m = shader.addMesh(mesh, data, M, count);
    const { eye } = this;
    findEye(M, eye);
    const x = eye[0];
    const y = eye[1];
    const z = eye[2];
    const unsure = FLATNESS * (Math.abs(x) + Math.abs(y) + Math.abs(z) + data.reach);
    for (let f = 0; f < count; f++) {
      // Most back faces, at less cost than `draw` needs to find them.
      if (normals[3 * f] * x + normals[3 * f + 1] * y + normals[3 * f + 2] * z - offsets[f] < -unsure) continue;
      const seen =
        behind > 0
          ? buffer.drawClipped(corners, starts[f], starts[f + 1], shader.faces.count)
          : buffer.draw(corners, starts[f], starts[f + 1], shader.faces.count);
      if (seen) shader.faces.addFace(m, f);
    }
  }

  /** Mesh to camera into M. */
  private setMatrix(matrix: Matrix4, T: readonly number[]): void {
    const { M } = this;
    const e = matrix.elements;
    for (let r = 0; r < 3; r++) {
      const t0 = T[r];
      const t1 = T[4 + r];
      const t2 = T[8 + r];
      M[4 * r] = t0 * e[0] + t1 * e[1] + t2 * e[2];
      M[4 * r + 1] = t0 * e[4] + t1 * e[5] + t2 * e[6];
      M[4 * r + 2] = t0 * e[8] + t1 * e[9] + t2 * e[10];
      M[4 * r + 3] = t0 * (e[12] - T[3]) + t1 * (e[13] - T[7]) + t2 * (e[14] - T[11]);
    }
  }

  /** Colours, labels and depth of everything that was drawn. */
  private resolve(out: RenderTarget, keep: FixedImages | null): void {
    const { width, height, shader, buffer } = this;
    for (let row = 0; row < height; row++) {
      shader.paintRow(row, row * width, (row + 1) * width - 1, buffer, null, out, keep);
    }
  }

  /** What moves, before the kept picture of what does not. */
  private compose(fixed: FixedImages, out: RenderTarget): void {
    const { width, shader, buffer } = this;
    const { top, bottom, left, right } = buffer;
    out.rgb.set(fixed.rgb);
    out.depth.set(fixed.depth);
    out.segmentation.set(fixed.segmentation);
    if (this.shadow !== null) fixed.shadable.shade(this.shadow, fixed.dark, out.rgb);
    for (let row = top; row <= bottom; row++) {
      shader.paintRow(row, row * width + left, row * width + right, buffer, fixed.inverse, out, null);
    }
  }
}

/** Where the camera is in the frame of a mesh, M being mesh to camera, row-major 3×4; not finite if M is flat. */
function findEye(M: Float64Array, out: Float64Array): void {
  const a = M[5] * M[10] - M[6] * M[9];
  const b = M[6] * M[8] - M[4] * M[10];
  const c = M[4] * M[9] - M[5] * M[8];
  const scale = -1 / (M[0] * a + M[1] * b + M[2] * c);
  const x = M[3];
  const y = M[7];
  const z = M[11];
  out[0] = scale * (a * x + (M[2] * M[9] - M[1] * M[10]) * y + (M[1] * M[6] - M[2] * M[5]) * z);
  out[1] = scale * (b * x + (M[0] * M[10] - M[2] * M[8]) * y + (M[2] * M[4] - M[0] * M[6]) * z);
  out[2] = scale * (c * x + (M[1] * M[8] - M[0] * M[9]) * y + (M[0] * M[5] - M[1] * M[4]) * z);
}
