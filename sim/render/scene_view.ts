import {
  AmbientLight,
  Color,
  DirectionalLight,
  Group,
  Matrix4,
  type Mesh,
  type Object3D,
  Scene,
  SRGBColorSpace,
} from 'three';
import type { Vector3 } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import type { WorldPoses } from '../engine.ts';
import { FLOOR_Z_M, type SceneLight, type SceneModel } from '../scene.ts';
import { buildDiscMesh, buildRectangleMesh, buildShapeMesh, LABEL, setTexture } from './shapes.ts';

/** What stands around the table, m and sRGB; label 0. The room matters to nobody but the eye. */
const FLOOR_RGB: Vector3 = [0.36, 0.38, 0.4];
const PEDESTAL_RGB: Vector3 = [0.27, 0.28, 0.3];
const BACKGROUND_RGB: Vector3 = [0.55, 0.6, 0.66];
/** The painted zone lies this far above the table's top, under the smallest depth noise. */
const ZONE_LIFT_M = 1e-4;

/**
 * A three.js scene of the world: floor, table, target zone, robot and objects, with segmentation labels in
 * `userData.label`. `update` moves the robot's bodies and the objects to where the engine has them.
 */
export class SceneView {
  readonly scene = new Scene();
  readonly objects: readonly Mesh[];
  private readonly bodies: readonly Group[];
  private readonly pose = new Float64Array(13);

  constructor(model: SceneModel, robot: RobotModel) {
    this.scene.background = new Color().setRGB(...BACKGROUND_RGB, SRGBColorSpace);
    addLights(this.scene, model.light);
    this.bodies = Array.from({ length: robot.nb }, () => {
      const group = new Group();
      group.matrixAutoUpdate = false;
      this.scene.add(group);
      return group;
    });
    for (const part of robot.visual) {
      const mesh = buildShapeMesh(part.shape, [part.rgba[0], part.rgba[1], part.rgba[2]], LABEL.robot);
      const { R, p } = part;
      const pose = new Matrix4().set(
        R[0],
        R[1],
        R[2],
        p[0],
        R[3],
        R[4],
        R[5],
        p[1],
        R[6],
        R[7],
        R[8],
        p[2],
        0,
        0,
        0,
        1,
      );
      mesh.matrix.copy(pose.scale(mesh.scale));
      mesh.matrixAutoUpdate = false;
      if (part.body < 0) mesh.userData.fixed = true;
      (part.body < 0 ? this.scene : this.bodies[part.body]).add(mesh);
    }
    this.objects = model.objects.map((object, i) => {
      const mesh = buildShapeMesh(object.visual ?? object.shape, object.rgb, LABEL.object0 + i);
      mesh.name = object.name;
      setTexture(mesh, object.texture);
      mesh.position.set(...object.pose.position);
      mesh.quaternion.set(...object.pose.orientation);
      this.scene.add(mesh);
      return mesh;
    });
    // Last, so that what is near has already taken its pixels.
    this.addRoom(model);
  }

  /** Poses of the engine's robot and objects; the engine must have been built from the same models. */
  update(engine: WorldPoses): void {
    const { pose } = this;
    for (let b = 0; b < this.bodies.length; b++) {
      const group = this.bodies[b];
      engine.bodyPose(b, pose);
      group.matrix.set(
        pose[0],
        pose[1],
        pose[2],
        pose[9],
        pose[3],
        pose[4],
        pose[5],
        pose[10],
        pose[6],
        pose[7],
        pose[8],
        pose[11],
        0,
        0,
        0,
        1,
      );
      group.matrixWorldNeedsUpdate = true;
    }
    for (let i = 0; i < this.objects.length; i++) {
      const mesh = this.objects[i];
      engine.objectState(i, pose, 0);
      mesh.position.set(pose[0], pose[1], pose[2]);
      mesh.quaternion.set(pose[3], pose[4], pose[5], pose[6]);
    }
  }

  private addRoom(model: SceneModel): void {
    const { table, fixtures = [], zones } = model;
    const floor = buildShapeMesh({ type: 'box', size: [6, 6, 0.02] }, FLOOR_RGB, LABEL.background);
    floor.position.set(0.5, 0, FLOOR_Z_M - 0.01);
    const pedestal = buildShapeMesh({ type: 'box', size: [0.22, 0.22, -FLOOR_Z_M] }, PEDESTAL_RGB, LABEL.background);
    pedestal.position.set(-0.03, 0, FLOOR_Z_M / 2);
    const furniture = [...fixtures, table].map(({ size, pose, rgb, texture }) => {
      const mesh = buildShapeMesh({ type: 'box', size }, rgb, LABEL.table);
      setTexture(mesh, texture);
      mesh.position.set(...pose.position);
      mesh.quaternion.set(...pose.orientation);
      return mesh;
    });
    const painted = zones.map(({ position, radius_m, size_m, rgb }) => {
      const mesh =
        size_m === undefined
          ? buildDiscMesh(radius_m ?? 0, rgb, LABEL.table)
          : buildRectangleMesh(size_m, rgb, LABEL.table);
      mesh.position.set(position[0], position[1], position[2] + ZONE_LIFT_M);
      mesh.castShadow = false;
      return mesh;
    });
    for (const mesh of [...painted, ...furniture, pedestal, floor]) {
      mesh.userData.fixed = true;
      this.scene.add(mesh);
    }
  }
}

/** Strengths of the lights of a room of strength 1, and where they come from. */
const KEY = { strength: 0.75, from: [0.8, -0.9, 1.6] } as const;
const FILL = { strength: 0.2, from: [-0.6, 1, 0.5] } as const;
const AMBIENT_STRENGTH = 0.3;
/** What the key light's shadows cover: a square across its rays around the middle of the table, m and texels. */
const SHADOW = { around: [0.5, 0, 0.1], half_m: 0.9, texels: 384 } as const;

/**
 * A key light from the upper left, a weak one opposite, and light from everywhere. `light` changes the key light and the
 * others' strength and gives the key light shadows; without it there are none.
 */
export function addLights(scene: Object3D, light?: SceneLight): void {
  const key = new DirectionalLight(0xffffff, KEY.strength * (light?.key ?? 1));
  const fill = new DirectionalLight(0xffffff, FILL.strength * (light?.ambient ?? 1));
  const ambient = new AmbientLight(0xffffff, AMBIENT_STRENGTH * (light?.ambient ?? 1));
  key.position.set(...KEY.from);
  fill.position.set(...FILL.from);
  if (light !== undefined) {
    for (const lamp of [key, fill, ambient]) lamp.color.setRGB(...light.rgb, SRGBColorSpace);
    key.target.position.set(...SHADOW.around);
    key.position.set(...light.key_direction).add(key.target.position);
    key.castShadow = light.shadows !== false;
    const { camera, mapSize } = key.shadow;
    camera.left = camera.bottom = -SHADOW.half_m;
    camera.right = camera.top = SHADOW.half_m;
    mapSize.set(SHADOW.texels, SHADOW.texels);
  }
  scene.add(key, fill, ambient);
}
