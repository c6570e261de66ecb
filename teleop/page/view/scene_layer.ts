import { Group, type Object3D, type Raycaster, type Scene } from 'three';
import type { SceneMessage, SeenObject, Welcome } from '../../protocol/messages.ts';
import { buildBodies, buildObjects, buildOutline, buildPath, buildZones, disposeAll } from './scene_items.ts';

/** What stands around the robot: rebuilt where a message differs from the one before. */
export class SceneLayer {
  private readonly world: Scene;
  private zoneBoxes: Object3D = new Group();
  private objects: Object3D = new Group();
  private bodies: Object3D = new Group();
  private path: Object3D = new Group();
  private outline: Object3D | null = null;
  private seen: readonly SeenObject[] = [];
  private selected: number | null = null;

  constructor(world: Scene) {
    this.world = world;
  }

  zones(zones: Welcome['zones']): void {
    this.zoneBoxes = this.replace(this.zoneBoxes, buildZones(zones));
  }

  scene(objects: SceneMessage['objects'], path: SceneMessage['path'], bodies: SceneMessage['bodies']): void {
    this.seen = objects;
    this.objects = this.replace(this.objects, buildObjects(objects));
    this.bodies = this.replace(this.bodies, buildBodies(bodies));
    this.path = this.replace(this.path, path.length > 1 ? buildPath(path) : new Group());
    this.select(this.selected);
  }

  select(id: number | null): void {
    this.selected = id;
    if (this.outline !== null) disposeAll(this.outline);
    const object = this.seen.find((one) => one.id === id);
    this.outline = object === undefined ? null : buildOutline(object);
    if (this.outline !== null) this.world.add(this.outline);
  }

  /** The object that the ray meets first; null for none. */
  hit(ray: Raycaster): number | null {
    const [first] = ray.intersectObject(this.objects, true);
    const id: unknown = first?.object.userData.id;
    return typeof id === 'number' ? id : null;
  }

  dispose(): void {
    for (const node of [this.zoneBoxes, this.objects, this.bodies, this.path, this.outline]) {
      if (node !== null) disposeAll(node);
    }
  }

  private replace(before: Object3D, after: Object3D): Object3D {
    disposeAll(before);
    this.world.add(after);
    return after;
  }
}
