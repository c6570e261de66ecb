/// <reference types="@webgpu/types" />
import type { Scene } from 'three';
import type { RenderTarget } from '../fixed_layer.ts';
import { SRGB } from '../lighting.ts';
import type { MeshData } from '../mesh_data.ts';
import { linear } from '../patterns.ts';
import type { PinholeCamera } from '../pinhole.ts';
import { type DrawableMesh, labelOf, SceneReader, textureOf } from '../scene_reader.ts';
import { aimAtSun, multiply, shadowSize } from '../shadow_map.ts';
import { noiseVolume, PATTERN } from '../texture.ts';
import { FRAME_FLOATS, MESH_STRIDE, PICTURE_WGSL, SHADOW_WGSL } from './shaders.ts';

/** Rows of a copied texture begin at multiples of this, bytes. */
const ROW = 256;
const COLOURS = ['rgba8unorm', 'r32float', 'r32uint'] as const;
const VERTEX: GPUVertexBufferLayout = {
  arrayStride: 24,
  attributes: [
    { shaderLocation: 0, offset: 0, format: 'float32x3' },
    { shaderLocation: 1, offset: 12, format: 'float32x3' },
  ],
};

/**
 * Draws what `Rasteriser` draws, on a GPU: the same scene, lights, patterns and shadows, to single precision. Close it
 * when it is no longer needed.
 */
export class WebGpuRenderer {
  readonly width: number;
  readonly height: number;
  private readonly device: GPUDevice;
  private readonly scene = new SceneReader();
  private readonly targets: readonly GPUTexture[];
  private readonly depth: GPUTexture;
  private readonly reads: readonly GPUBuffer[];
  private readonly strides: readonly number[];
  private readonly frame: GPUBuffer;
  private readonly noise: GPUBuffer;
  private readonly layout: GPUBindGroupLayout;
  private readonly shadowLayout: GPUBindGroupLayout;
  private readonly picture: GPURenderPipeline;
  private readonly shade: GPURenderPipeline;
  private readonly vertices = new Map<MeshData, { readonly buffer: GPUBuffer; readonly count: number }>();
  private meshes: GPUBuffer;
  private records = new Float32Array(0);
  private shadow: GPUTexture;
  private readonly size = { columns: 0, rows: 0 };
  private readonly L = new Float64Array(12);
  private readonly M = new Float64Array(12);

  private constructor(device: GPUDevice, width: number, height: number) {
    this.device = device;
    this.width = width;
    this.height = height;
    const { RENDER_ATTACHMENT, COPY_SRC, TEXTURE_BINDING } = GPUTextureUsage;
    const texture = (format: GPUTextureFormat, usage: number, size: readonly [number, number]): GPUTexture =>
      device.createTexture({ size: [...size], format, usage });
    this.targets = COLOURS.map((format) => texture(format, RENDER_ATTACHMENT | COPY_SRC, [width, height]));
    this.depth = texture('depth32float', RENDER_ATTACHMENT, [width, height]);
    this.shadow = texture('depth32float', RENDER_ATTACHMENT | TEXTURE_BINDING, [1, 1]);
    this.strides = COLOURS.map(() => Math.ceil((4 * width) / ROW) * ROW);
    const buffer = (size: number, usage: number): GPUBuffer => device.createBuffer({ size, usage });
    this.reads = this.strides.map((stride) =>
      buffer(stride * height, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ),
    );
    this.frame = buffer(4 * FRAME_FLOATS, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    this.meshes = buffer(MESH_STRIDE, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    const volume = noiseVolume();
    this.noise = buffer(volume.length, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
    device.queue.writeBuffer(this.noise, 0, new Uint8Array(volume));
    const visibility = GPUShaderStage.VERTEX | GPUShaderStage.FRAGMENT;
    const shared: GPUBindGroupLayoutEntry[] = [
      { binding: 0, visibility, buffer: { type: 'uniform' } },
      { binding: 1, visibility, buffer: { type: 'uniform', hasDynamicOffset: true } },
      { binding: 2, visibility: GPUShaderStage.FRAGMENT, buffer: { type: 'read-only-storage' } },
    ];
    this.shadowLayout = device.createBindGroupLayout({ entries: shared });
    this.layout = device.createBindGroupLayout({
      entries: [...shared, { binding: 3, visibility: GPUShaderStage.FRAGMENT, texture: { sampleType: 'depth' } }],
    });
    const pipeline = (
      code: string,
      layout: GPUBindGroupLayout,
      colours: readonly GPUTextureFormat[],
    ): GPURenderPipeline => {
      const module = device.createShaderModule({ code });
      return device.createRenderPipeline({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        vertex: { module, buffers: [VERTEX] },
        ...(colours.length > 0 ? { fragment: { module, targets: colours.map((format) => ({ format })) } } : {}),
        primitive: { topology: 'triangle-list', cullMode: 'back', frontFace: 'ccw' },
        depthStencil: { format: 'depth32float', depthWriteEnabled: true, depthCompare: 'greater' },
      });
    };
    this.picture = pipeline(PICTURE_WGSL, this.layout, COLOURS);
    this.shade = pipeline(SHADOW_WGSL, this.shadowLayout, []);
  }

  static async create(adapter: GPUAdapter, width: number, height: number): Promise<WebGpuRenderer> {
    return new WebGpuRenderer(await adapter.requestDevice(), width, height);
  }

  close(): void {
    this.device.destroy();
  }

  /** Updates the world matrices of `scene` and draws it into `out`, every pixel of which is written. */
  async render(scene: Scene, camera: PinholeCamera, out: RenderTarget): Promise<void> {
    scene.updateMatrixWorld();
    this.scene.read(scene);
    const { moving, fixed, moving_count, fixed_count } = this.scene;
    const meshes = [...moving.slice(0, moving_count), ...fixed.slice(0, fixed_count)];
    this.writeFrame(camera);
    this.writeMeshes(meshes, camera);
    const encoder = this.device.createCommandEncoder();
    this.drawShadows(encoder, meshes);
    this.drawPicture(encoder, meshes);
    this.targets.forEach((texture, k) => {
      const destination = { buffer: this.reads[k], bytesPerRow: this.strides[k] };
      encoder.copyTextureToBuffer({ texture }, destination, [this.width, this.height]);
    });
    this.device.queue.submit([encoder.finish()]);
    await Promise.all(this.reads.map((buffer) => buffer.mapAsync(GPUMapMode.READ)));
    this.read(out);
  }

  private writeFrame({ K, near_m, far_m }: PinholeCamera): void {
    const { width, height, size } = this;
    const { lighting } = this.scene;
    const values = new Float32Array(FRAME_FLOATS);
    values.set([(2 * K[0]) / width, 0, (2 * (K[2] + 0.5)) / width - 1, 0], 0);
    values.set([0, (-2 * K[4]) / height, 1 - (2 * (K[5] + 0.5)) / height, 0], 4);
    values.set([near_m, far_m, lighting.lightCount, lighting.sunNumber], 8);
    values.set(lighting.ambient, 12);
    for (let l = 0; l < lighting.lightCount; l++) {
      values.set(lighting.lights.subarray(6 * l, 6 * l + 3), 16 + 4 * l);
      values.set(lighting.lights.subarray(6 * l + 3, 6 * l + 6), 32 + 4 * l);
    }
    if (shadowSize(lighting, width, size)) {
      const texel_m = aimAtSun(lighting, size.columns, size.rows, this.L);
      values.set([size.columns, size.rows, texel_m, 1], 48);
      if (this.shadow.width !== size.columns || this.shadow.height !== size.rows) {
        this.shadow.destroy();
        const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.TEXTURE_BINDING;
        this.shadow = this.device.createTexture({ size: [size.columns, size.rows], format: 'depth32float', usage });
      }
    }
    this.device.queue.writeBuffer(this.frame, 0, values);
  }

  private writeMeshes(meshes: readonly DrawableMesh[], { T_world_camera_optical: T }: PinholeCamera): void {
    const stride = MESH_STRIDE / 4;
    if (this.records.length < stride * meshes.length) {
      this.records = new Float32Array(2 * stride * meshes.length);
      this.meshes.destroy();
      const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
      this.meshes = this.device.createBuffer({ size: this.records.byteLength, usage });
    }
    const toCamera = Float64Array.of(
      ...[0, 1, 2].flatMap((r) => [T[r], T[4 + r], T[8 + r], -(T[r] * T[3] + T[4 + r] * T[7] + T[8 + r] * T[11])]),
    );
    meshes.forEach((mesh, m) => {
      this.writeMesh(mesh, stride * m, toCamera);
    });
    this.device.queue.writeBuffer(this.meshes, 0, this.records, 0, stride * meshes.length);
  }

  private writeMesh(mesh: DrawableMesh, o: number, toCamera: Float64Array): void {
    const { records, M } = this;
    const e = mesh.matrixWorld.elements;
    records.fill(0, o, o + MESH_STRIDE / 4);
    multiply(toCamera, mesh.matrixWorld, M);
    records.set(M, o);
    records.set([e[5] * e[10] - e[9] * e[6], e[9] * e[2] - e[1] * e[10], e[1] * e[6] - e[5] * e[2]], o + 12);
    records.set([e[8] * e[6] - e[4] * e[10], e[0] * e[10] - e[8] * e[2], e[4] * e[2] - e[0] * e[6]], o + 16);
    records.set([e[4] * e[9] - e[8] * e[5], e[8] * e[1] - e[0] * e[9], e[0] * e[5] - e[4] * e[1]], o + 20);
    records[o + 15] = labelOf(mesh);
    records[o + 19] = mesh.receiveShadow ? 1 : 0;
    multiply(this.L, mesh.matrixWorld, M);
    records.set(M, o + 24);
    const { color } = mesh.material;
    records.set([color.r, color.g, color.b], o + 36);
    const texture = textureOf(mesh);
    if (texture === null) return;
    const paint = [color.r, color.g, color.b];
    records[o + 39] = PATTERN[texture.kind];
    records.set(
      paint.map((value, k) => texture.strength * (linear(texture.rgb[k]) - value)),
      o + 40,
    );
    records[o + 43] = 1 / texture.scale_m;
    records.set(
      [0, 4, 8].map((k) => Math.hypot(e[k], e[k + 1], e[k + 2])),
      o + 44,
    );
    records.set(texture.offset_m, o + 48);
  }

  private drawShadows(encoder: GPUCommandEncoder, meshes: readonly DrawableMesh[]): void {
    const pass = encoder.beginRenderPass({ colorAttachments: [], depthStencilAttachment: depthOf(this.shadow) });
    pass.setPipeline(this.shade);
    const group = this.device.createBindGroup({ layout: this.shadowLayout, entries: this.sharedEntries() });
    if (this.scene.lighting.sun !== null) {
      meshes.forEach((mesh, m) => {
        if (mesh.castShadow) this.drawMesh(pass, group, this.scene.casterOf(mesh.geometry), m);
      });
    }
    pass.end();
  }

  private drawPicture(encoder: GPUCommandEncoder, meshes: readonly DrawableMesh[]): void {
    const [r, g, b] = [0, 1, 2].map((k) => srgb(this.scene.lighting.background[k]));
    const colorAttachments = this.targets.map((texture, k): GPURenderPassColorAttachment => {
      const clearValue = k === 0 ? [r, g, b, 1] : [0, 0, 0, 0];
      return { view: texture.createView(), loadOp: 'clear', storeOp: 'store', clearValue };
    });
    const pass = encoder.beginRenderPass({ colorAttachments, depthStencilAttachment: depthOf(this.depth) });
    pass.setPipeline(this.picture);
    const entries = [...this.sharedEntries(), { binding: 3, resource: this.shadow.createView() }];
    const group = this.device.createBindGroup({ layout: this.layout, entries });
    meshes.forEach((mesh, m) => {
      this.drawMesh(pass, group, this.scene.dataOf(mesh.geometry), m);
    });
    pass.end();
  }

  private sharedEntries(): GPUBindGroupEntry[] {
    return [
      { binding: 0, resource: { buffer: this.frame } },
      { binding: 1, resource: { buffer: this.meshes, size: MESH_STRIDE } },
      { binding: 2, resource: { buffer: this.noise } },
    ];
  }

  private drawMesh(pass: GPURenderPassEncoder, group: GPUBindGroup, data: MeshData, m: number): void {
    const { buffer, count } = this.verticesOf(data);
    if (count === 0) return;
    pass.setBindGroup(0, group, [MESH_STRIDE * m]);
    pass.setVertexBuffer(0, buffer);
    pass.draw(count);
  }

  /** Position and face normal of every corner of every triangle, on the GPU. */
  private verticesOf(data: MeshData): { readonly buffer: GPUBuffer; readonly count: number } {
    const known = this.vertices.get(data);
    if (known !== undefined) return known;
    const { positions, indices, normals } = data;
    const values = new Float32Array(6 * indices.length);
    for (let i = 0; i < indices.length; i++) {
      values.set(positions.subarray(3 * indices[i], 3 * indices[i] + 3), 6 * i);
      const f = Math.floor(i / 3);
      values.set(normals.subarray(3 * f, 3 * f + 3), 6 * i + 3);
    }
    const usage = GPUBufferUsage.VERTEX | GPUBufferUsage.COPY_DST;
    const buffer = this.device.createBuffer({ size: Math.max(24, values.byteLength), usage });
    this.device.queue.writeBuffer(buffer, 0, values);
    const made = { buffer, count: indices.length };
    this.vertices.set(data, made);
    return made;
  }

  /** Copies what was read back into the images, and gives the buffers back. */
  private read(out: RenderTarget): void {
    const { width, height, strides, reads } = this;
    const colours = new Uint8Array(reads[0].getMappedRange());
    const depths = new Float32Array(reads[1].getMappedRange());
    const labels = new Uint32Array(reads[2].getMappedRange());
    for (let row = 0; row < height; row++) {
      for (let u = 0; u < width; u++) {
        const i = row * width + u;
        const from = row * strides[0] + 4 * u;
        for (let k = 0; k < 3; k++) out.rgb[3 * i + k] = colours[from + k];
        out.depth[i] = depths[(row * strides[1]) / 4 + u];
        out.segmentation[i] = labels[(row * strides[2]) / 4 + u];
      }
    }
    for (const buffer of reads) buffer.unmap();
  }
}

function depthOf(texture: GPUTexture): GPURenderPassDepthStencilAttachment {
  return { view: texture.createView(), depthLoadOp: 'clear', depthStoreOp: 'store', depthClearValue: 0 };
}

function srgb(linear_value: number): number {
  return SRGB[Math.min(4095, (linear_value * 4095 + 0.5) | 0)] / 255;
}
