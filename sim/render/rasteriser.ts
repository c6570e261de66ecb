import type { BufferGeometry, Color, Material, Matrix4, Mesh, Object3D, Scene } from 'three';
import { type FixedImages, FixedLayer, type RenderTarget } from './fixed_layer.ts';
import { sphereInView } from './frustum.ts';
import { Lighting } from './lighting.ts';
import { type MeshData, readMeshData } from './mesh_data.ts';
import type { PinholeCamera } from './pinhole.ts';

/** Coverage tolerance in pixels: neighbouring triangles leave no gap to rounding. */
const EDGE = 1e-9;

/**
 * Draws the meshes of a three.js scene: colour, depth and labels in one pass with a z-buffer on 1/z, clipped at the near
 * and far depth, back faces left out (so a mesh must not be mirrored), lit as by `Lighting`. A geometry is read once; a
 * changed one must be replaced. Nothing is allocated per frame once the largest scene has been seen.
 *
 * Objects come in the order of the scene, those with `userData.fixed` (and all below them) after all others: to a camera
 * that stands still their picture is drawn once and kept until the camera, the lights or one of them changes. That
 * changes what a frame costs and not one byte of it.
 */
export class Rasteriser {
  readonly width: number;
  readonly height: number;
  private readonly meshes = new WeakMap<BufferGeometry, MeshData>();
  private readonly face: Int32Array;
  private faces = 0;
  private palette = new Uint8Array(3 * 1024);
  private labels = new Uint16Array(1024);
  private X = new Float64Array(256);
  private Y = new Float64Array(256);
  private Z = new Float64Array(256);
  private x = new Float64Array(256);
  private y = new Float64Array(256);
  private w = new Float64Array(256);
  /** T_world_camera_optical of the frame at hand. */
  private T: readonly number[] = [];
  /** Camera: fx, fy, cx, cy, near, 1/far. */
  private readonly lens = new Float64Array(6);
  /** Mesh to camera, row-major 3×4. */
  private readonly M = new Float64Array(12);
  /** Cofactors of the mesh-to-world rotation and scale, row-major: maps normals to the world. */
  private readonly G = new Float64Array(9);
  private readonly lighting = new Lighting();
  private readonly zbuffer: Float32Array;
  private readonly layer: FixedLayer;
  private readonly fixed: DrawableMesh[] = [];
  /** Where `fill` also leaves 1/z unrounded; null while nothing is to be kept. */
  private exact: Float64Array | null = null;
  private readonly drawFixedInto = (images: FixedImages): void => {
    this.exact = images.inverse;
    this.clear();
    this.drawFixed();
    this.exact = null;
    this.resolve(images);
  };

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.face = new Int32Array(width * height);
    this.zbuffer = new Float32Array(width * height);
    this.layer = new FixedLayer(width * height);
  }

  /** Updates the world matrices of `scene` and draws it into `out`, every pixel of which is written. */
  render(scene: Scene, camera: PinholeCamera, out: RenderTarget): void {
    if (scene.matrixWorldAutoUpdate) scene.updateMatrixWorld();
    const { K } = camera;
    this.lens[0] = K[0];
    this.lens[1] = K[4];
    this.lens[2] = K[2];
    this.lens[3] = K[5];
    this.lens[4] = camera.near_m;
    this.lens[5] = 1 / camera.far_m;
    this.T = camera.T_world_camera_optical;
    this.lighting.reset(scene);
    this.fixed.length = 0;
    this.collect(scene, false);
    if (this.fixedUnchanged()) {
      const images = this.layer.images(this.drawFixedInto);
      this.clear();
      this.draw(scene);
      this.compose(images, out);
    } else {
      this.clear();
      this.draw(scene);
      this.drawFixed();
      this.resolve(out);
    }
  }

  /** Finds the lights and the fixed meshes. */
  private collect(object: Object3D, fixed: boolean): void {
    if (!object.visible) return;
    this.lighting.add(object);
    const still = fixed || object.userData.fixed === true;
    if (still && isDrawable(object)) this.fixed.push(object);
    const { children } = object;
    for (let i = 0; i < children.length; i++) this.collect(children[i], still);
  }

  /** True if the fixed meshes look as they did a frame ago: same camera, lights, places and colours. */
  private fixedUnchanged(): boolean {
    const { layer, lighting, fixed } = this;
    layer.begin();
    layer.addAll(this.lens, 6);
    layer.addAll(this.T, 12);
    layer.addAll(lighting.background, 3);
    layer.addAll(lighting.ambient, 3);
    layer.addAll(lighting.lights, 6 * lighting.lightCount);
    for (let i = 0; i < fixed.length; i++) {
      const { geometry, matrixWorld, material } = fixed[i];
      layer.addGeometry(geometry);
      layer.addAll(matrixWorld.elements, 16);
      layer.add(material.color.r);
      layer.add(material.color.g);
      layer.add(material.color.b);
      layer.add(labelOf(fixed[i]));
    }
    return layer.end();
  }

  private clear(): void {
    this.zbuffer.fill(this.lens[5]);
    this.face.fill(0);
    this.reserveFaces(1);
    this.lighting.paintBackground(this.palette, 0);
    this.labels[0] = 0;
    this.faces = 1;
  }

  private draw(object: Object3D): void {
    if (!object.visible || object.userData.fixed === true) return;
    if (isDrawable(object)) this.drawMesh(object);
    const { children } = object;
    for (let i = 0; i < children.length; i++) this.draw(children[i]);
  }

  private drawFixed(): void {
    for (let i = 0; i < this.fixed.length; i++) this.drawMesh(this.fixed[i]);
  }

  private drawMesh(mesh: DrawableMesh): void {
    let data = this.meshes.get(mesh.geometry);
    if (data === undefined) {
      data = readMeshData(mesh.geometry);
      this.meshes.set(mesh.geometry, data);
      this.reserveVertices(data.positions.length / 3 + 4);
    }
    this.setMatrices(mesh.matrixWorld, this.T);
    if (!sphereInView(data.bound, this.M, this.lens, this.width, this.height)) return;
    const { positions, indices } = data;
    const count = positions.length / 3;
    const behind = this.project(positions, count);
    if (behind === count) return;
    const label = labelOf(mesh);
    this.reserveFaces(this.faces + 2 * (indices.length / 3));
    for (let f = 0, i = 0; i < indices.length; f++, i += 3) {
      const a = indices[i];
      const b = indices[i + 1];
      const c = indices[i + 2];
      const clipped = behind > 0 && (this.w[a] === 0 || this.w[b] === 0 || this.w[c] === 0);
      const seen = clipped ? this.clip(a, b, c, count) : this.fill(a, b, c);
      if (!seen) continue;
      this.lighting.paintFace(data.normals, f, this.G, mesh.material.color, this.palette, this.faces);
      this.labels[this.faces] = label;
      this.faces++;
    }
  }

  /** Mesh to camera into M, cofactors of mesh to world into G. */
  private setMatrices(matrix: Matrix4, T: readonly number[]): void {
    const { M, G } = this;
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
    G[0] = e[5] * e[10] - e[9] * e[6];
    G[1] = e[9] * e[2] - e[1] * e[10];
    G[2] = e[1] * e[6] - e[5] * e[2];
    G[3] = e[8] * e[6] - e[4] * e[10];
    G[4] = e[0] * e[10] - e[8] * e[2];
    G[5] = e[4] * e[2] - e[0] * e[6];
    G[6] = e[4] * e[9] - e[8] * e[5];
    G[7] = e[8] * e[1] - e[0] * e[9];
    G[8] = e[0] * e[5] - e[4] * e[1];
  }

  /** Vertices to camera and image; w = 1/z, 0 in front of the near plane. Returns how many are cut off there. */
  private project(positions: Float64Array, count: number): number {
    const { M, X, Y, Z, x, y, w } = this;
    const fx = this.lens[0];
    const fy = this.lens[1];
    const cx = this.lens[2];
    const cy = this.lens[3];
    const near = this.lens[4];
    let behind = 0;
    for (let i = 0, o = 0; i < count; i++, o += 3) {
      const a = positions[o];
      const b = positions[o + 1];
      const c = positions[o + 2];
      const Xi = M[0] * a + M[1] * b + M[2] * c + M[3];
      const Yi = M[4] * a + M[5] * b + M[6] * c + M[7];
      const Zi = M[8] * a + M[9] * b + M[10] * c + M[11];
      X[i] = Xi;
      Y[i] = Yi;
      Z[i] = Zi;
      if (Zi < near) {
        w[i] = 0;
        behind++;
      } else {
        const inverse = 1 / Zi;
        w[i] = inverse;
        x[i] = cx + fx * Xi * inverse;
        y[i] = cy + fy * Yi * inverse;
      }
    }
    return behind;
  }

  /** Cuts a triangle at the near plane (Sutherland and Hodgman, 1974) and fills what is left. */
  private clip(a: number, b: number, c: number, free: number): boolean {
    let count = 0;
    for (let k = 0; k < 3; k++) {
      const i = k === 0 ? a : k === 1 ? b : c;
      const j = k === 0 ? b : k === 1 ? c : a;
      if (this.w[i] > 0) this.addVertex(free + count++, i, j, 0);
      if (this.w[i] > 0 !== this.w[j] > 0) this.addVertex(free + count++, i, j, 1);
    }
    let seen = false;
    for (let k = 1; k + 1 < count; k++) {
      if (this.fill(free, free + k, free + k + 1)) seen = true;
    }
    return seen;
  }

  /** Vertex `to` becomes vertex i, or the point of the edge i–j on the near plane. */
  private addVertex(to: number, i: number, j: number, cut: 0 | 1): void {
    const { X, Y, Z, lens } = this;
    const t = cut === 0 ? 0 : (lens[4] - Z[i]) / (Z[j] - Z[i]);
    const inverse = 1 / (cut === 0 ? Z[i] : lens[4]);
    this.w[to] = inverse;
    this.x[to] = lens[2] + lens[0] * (X[i] + t * (X[j] - X[i])) * inverse;
    this.y[to] = lens[3] + lens[1] * (Y[i] + t * (Y[j] - Y[i])) * inverse;
  }

  /** Writes 1/z and the face's number where the triangle is nearest. False if it is a back face or outside the image. */
  private fill(a: number, b: number, c: number): boolean {
    const { x, y, w, width, height, face, zbuffer, exact } = this;
    const x0 = x[a];
    const y0 = y[a];
    const w0 = w[a];
    const x1 = x[b];
    const y1 = y[b];
    const x2 = x[c];
    const y2 = y[c];
    const e01 = x1 - x0;
    const e02 = x2 - x0;
    const e12 = x2 - x1;
    const d01 = y1 - y0;
    const d12 = y2 - y1;
    const d20 = y0 - y2;
    const area = -e01 * d20 - e02 * d01;
    if (!(area < -1e-9)) return false;
    const top = Math.max(0, Math.ceil(Math.min(y0, y1, y2) - EDGE));
    const bottom = Math.min(height - 1, Math.floor(Math.max(y0, y1, y2) + EDGE));
    const left = Math.max(0, Math.ceil(Math.min(x0, x1, x2) - EDGE));
    const right = Math.min(width - 1, Math.floor(Math.max(x0, x1, x2) + EDGE));
    if (top > bottom || left > right) return false;
    const wx = (-(w[b] - w0) * d20 - (w[c] - w0) * d01) / area;
    const wy = (e01 * (w[c] - w0) - e02 * (w[b] - w0)) / area;
    const s01 = d01 === 0 ? 0 : e01 / d01;
    const s12 = d12 === 0 ? 0 : e12 / d12;
    const s20 = d20 === 0 ? 0 : -e02 / d20;
    const number = this.faces;
    for (let row = top; row <= bottom; row++) {
      let low = left;
      let high = right;
      // Inside is left of an edge that goes up in the image and right of one that goes down.
      if (d01 > 0) low = Math.max(low, x0 + s01 * (row - y0));
      else if (d01 < 0) high = Math.min(high, x0 + s01 * (row - y0));
      else if (e01 * (row - y0) > EDGE) continue;
      if (d12 > 0) low = Math.max(low, x1 + s12 * (row - y1));
      else if (d12 < 0) high = Math.min(high, x1 + s12 * (row - y1));
      else if (e12 * (row - y1) > EDGE) continue;
      if (d20 > 0) low = Math.max(low, x2 + s20 * (row - y2));
      else if (d20 < 0) high = Math.min(high, x2 + s20 * (row - y2));
      else if (-e02 * (row - y2) > EDGE) continue;
      const first = Math.ceil(low - EDGE);
      const last = row * width + Math.floor(high + EDGE);
      let inverse = w0 + wx * (first - x0) + wy * (row - y0);
      for (let pixel = row * width + first; pixel <= last; pixel++) {
        if (inverse > zbuffer[pixel]) {
          zbuffer[pixel] = inverse;
          face[pixel] = number;
          if (exact !== null) exact[pixel] = inverse;
        }
        inverse += wx;
      }
    }
    return true;
  }

  /** Faces to colours and labels, 1/z to depth. */
  private resolve(out: RenderTarget): void {
    const { face, palette, labels, zbuffer } = this;
    const { rgb, depth, segmentation } = out;
    let last = -1;
    let red = 0;
    let green = 0;
    let blue = 0;
    let label = 0;
    for (let i = 0, o = 0; i < face.length; i++, o += 3) {
      const f = face[i];
      if (f !== last) {
        last = f;
        red = palette[3 * f];
        green = palette[3 * f + 1];
        blue = palette[3 * f + 2];
        label = labels[f];
      }
      rgb[o] = red;
      rgb[o + 1] = green;
      rgb[o + 2] = blue;
      segmentation[i] = label;
      depth[i] = f === 0 ? 0 : 1 / zbuffer[i];
    }
  }

  /** What moves, before the kept picture of what does not. */
  private compose(fixed: FixedImages, out: RenderTarget): void {
    const { face, palette, labels, zbuffer } = this;
    const { rgb, depth, segmentation } = out;
    const { inverse } = fixed;
    rgb.set(fixed.rgb);
    depth.set(fixed.depth);
    segmentation.set(fixed.segmentation);
    for (let i = 0; i < face.length; i++) {
      const f = face[i];
      // As `fill` decides between what it drew and the face that comes after it.
      if (f === 0 || inverse[i] > zbuffer[i]) continue;
      rgb[3 * i] = palette[3 * f];
      rgb[3 * i + 1] = palette[3 * f + 1];
      rgb[3 * i + 2] = palette[3 * f + 2];
      segmentation[i] = labels[f];
      depth[i] = 1 / zbuffer[i];
    }
  }

  private reserveVertices(count: number): void {
    if (count <= this.X.length) return;
    for (const name of ['X', 'Y', 'Z', 'x', 'y', 'w'] as const) this[name] = new Float64Array(2 * count);
  }

  private reserveFaces(count: number): void {
    if (count <= this.labels.length) return;
    const palette = new Uint8Array(6 * count);
    const labels = new Uint16Array(2 * count);
    palette.set(this.palette);
    labels.set(this.labels);
    this.palette = palette;
    this.labels = labels;
  }
}

type DrawableMesh = Mesh & { readonly material: Material & { readonly color: Color } };
function isDrawable(object: Object3D): object is DrawableMesh {
  return (
    'isMesh' in object &&
    'material' in object &&
    typeof object.material === 'object' &&
    object.material !== null &&
    'color' in object.material
  );
}

function labelOf(mesh: DrawableMesh): number {
  const label: unknown = mesh.userData.label;
  return typeof label === 'number' ? label : 0;
}
