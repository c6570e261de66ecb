// Runs in the browser: paints one scene with three.js's physically based materials.
import * as THREE from 'three';
import { RoomEnvironment } from './room.js';

const canvas = document.createElement('canvas');
const renderer = new THREE.WebGLRenderer({ canvas, antialias: true, preserveDrawingBuffer: true });
renderer.shadowMap.enabled = true;
renderer.shadowMap.type = THREE.PCFSoftShadowMap;
renderer.toneMapping = THREE.ACESFilmicToneMapping;
// Pictures are then on average as bright as the other renderer's, as a camera that sets its exposure would take them.
renderer.toneMappingExposure = 0.7;
const pmrem = new THREE.PMREMGenerator(renderer);
const room = pmrem.fromScene(new RoomEnvironment(), 0.04).texture;

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** Paint looked up by the pixel's place in the picture, so that patterns are those of the other renderer. */
function painted(albedo, width, height, roughness) {
  const material = new THREE.MeshPhysicalMaterial({ roughness, metalness: 0, clearcoat: 0.3, clearcoatRoughness: 0.4 });
  material.onBeforeCompile = (shader) => {
    shader.uniforms.paint = { value: albedo };
    shader.uniforms.size = { value: new THREE.Vector2(width, height) };
    shader.fragmentShader = shader.fragmentShader
      .replace('#include <common>', '#include <common>\nuniform sampler2D paint;\nuniform vec2 size;')
      .replace('#include <map_fragment>', 'diffuseColor.rgb = texture2D(paint, gl_FragCoord.xy / size).rgb;');
  };
  return material;
}

function cameraOf({ K, T_world_camera_optical: T, near_m, far_m, width, height }) {
  const camera = new THREE.PerspectiveCamera();
  // Pixel centres have whole coordinates; three's frustum is bounded by pixel edges, its y up and z back.
  const left = (-near_m * (K[2] + 0.5)) / K[0];
  const right = (near_m * (width - 0.5 - K[2])) / K[0];
  const top = (near_m * (K[5] + 0.5)) / K[4];
  const bottom = (-near_m * (height - 0.5 - K[5])) / K[4];
  camera.projectionMatrix.makePerspective(left, right, top, bottom, near_m, far_m);
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
  camera.matrixAutoUpdate = false;
  camera.matrix.set(
    ...T.slice(0, 1),
    -T[1],
    -T[2],
    T[3],
    T[4],
    -T[5],
    -T[6],
    T[7],
    T[8],
    -T[9],
    -T[10],
    T[11],
    0,
    0,
    0,
    1,
  );
  camera.updateMatrixWorld(true);
  return camera;
}

window.paint = (asked) => {
  const { width, height, meshes, light } = asked;
  const rgb = bytesOf(asked.albedo);
  const flipped = new Uint8Array(4 * width * height);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const from = 3 * ((height - 1 - v) * width + u);
      flipped.set([rgb[from], rgb[from + 1], rgb[from + 2], 255], 4 * (v * width + u));
    }
  }
  const albedo = new THREE.DataTexture(flipped, width, height);
  albedo.colorSpace = THREE.SRGBColorSpace;
  albedo.needsUpdate = true;
  const scene = new THREE.Scene();
  scene.background = new THREE.Color(0.5, 0.55, 0.6);
  scene.environment = room;
  scene.environmentIntensity = 0.35 * (light?.ambient ?? 1);
  const materials = [0.35, 0.6, 0.9].map((roughness) => painted(albedo, width, height, roughness));
  const geometries = meshes.map(({ position, normal, index, matrix, castShadow }, i) => {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.Float32BufferAttribute(position, 3));
    if (index !== null) geometry.setIndex(index);
    if (normal !== null) geometry.setAttribute('normal', new THREE.Float32BufferAttribute(normal, 3));
    else geometry.computeVertexNormals();
    const mesh = new THREE.Mesh(geometry, materials[i % materials.length]);
    mesh.matrixAutoUpdate = false;
    mesh.matrix.fromArray(matrix);
    mesh.castShadow = castShadow !== false;
    mesh.receiveShadow = true;
    scene.add(mesh);
    return geometry;
  });
  const key = new THREE.DirectionalLight(0xffffff, 2.2 * (light?.key ?? 1));
  const [x, y, z] = light?.key_direction ?? [0.8, -0.9, 1.6];
  key.position.set(0.5 + x, y, 0.1 + z);
  key.target.position.set(0.5, 0, 0.1);
  if (light) key.color.setRGB(...light.rgb, THREE.SRGBColorSpace);
  key.castShadow = true;
  key.shadow.mapSize.set(1024, 1024);
  key.shadow.bias = -0.0005;
  key.shadow.normalBias = 0.002;
  key.shadow.radius = 4;
  Object.assign(key.shadow.camera, { left: -0.9, right: 0.9, top: 0.9, bottom: -0.9, near: 0.1, far: 4 });
  scene.add(key, key.target);
  renderer.setSize(width, height, false);
  renderer.render(scene, cameraOf(asked));
  const gl = renderer.getContext();
  const pixels = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  let text = '';
  for (let v = height - 1; v >= 0; v--) {
    for (let u = 0; u < width; u++) {
      const o = 4 * (v * width + u);
      text += String.fromCharCode(pixels[o], pixels[o + 1], pixels[o + 2]);
    }
  }
  for (const each of [...geometries, ...materials, albedo]) each.dispose();
  key.shadow.map?.dispose();
  return btoa(text);
};
