import { Body, Box, Plane, Vec3, World } from 'cannon-es';

/** Seconds cannon-es as it comes needs for a step of one awake box on a plane beside ten kinematic bodies; the reference of physics. */
export function stockCannonStep_s(steps: number): number {
  const world = new World({ gravity: new Vec3(0, 0, -9.81) });
  world.addBody(new Body({ mass: 0, shape: new Plane() }));
  world.addBody(new Body({ mass: 0.1, shape: new Box(new Vec3(0.02, 0.02, 0.02)), position: new Vec3(0, 0, 0.02) }));
  for (let i = 0; i < 10; i++) {
    const shape = new Box(new Vec3(0.05, 0.05, 0.05));
    world.addBody(new Body({ mass: 0, type: Body.KINEMATIC, shape, position: new Vec3(0.3 + 0.2 * i, 0, 0.5) }));
  }
  for (let i = 0; i < 500; i++) world.step(0.002);
  const started = performance.now();
  for (let i = 0; i < steps; i++) world.step(0.002);
  return (performance.now() - started) / 1000 / steps;
}
