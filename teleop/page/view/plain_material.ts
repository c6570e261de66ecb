import { Color, type ColorRepresentation, DoubleSide, FrontSide, ShaderMaterial, SRGBColorSpace } from 'three';

const VERTEX = `
uniform vec3 tint;
varying vec3 shade;
#ifdef CORNER_COLOURS
attribute vec3 color;
#endif
void main() {
  vec3 n = normalize(mat3(modelMatrix) * normal);
  float light = 0.62 + 0.12 * n.z + 0.34 * max(dot(n, vec3(0.46, -0.31, 0.83)), 0.0);
  shade = tint * light;
#ifdef CORNER_COLOURS
  shade *= color;
#endif
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;
const FRAGMENT = `
uniform float opacity;
varying vec3 shade;
void main() {
  gl_FragColor = vec4(shade, opacity);
}`;

export interface Paint {
  /** sRGB; white by default, with `corners` a factor to their colours. */
  readonly colour?: ColorRepresentation;
  readonly opacity?: number;
  /** Whether each corner brings its own colour, sRGB. */
  readonly corners?: boolean;
  /** For meshes that are not closed. */
  readonly both_sides?: boolean;
}

/** Light from the sky and a sun, worked out at the corners: a pixel costs next to nothing, also without a graphics card. */
export function plainMaterial({
  colour = 0xffffff,
  opacity = 1,
  corners = false,
  both_sides = false,
}: Paint): ShaderMaterial {
  const [r, g, b] = srgb(new Color(colour));
  return new ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    defines: corners ? { CORNER_COLOURS: '' } : {},
    uniforms: { tint: { value: new Color(r, g, b) }, opacity: { value: opacity } },
    transparent: opacity < 1,
    side: both_sides ? DoubleSide : FrontSide,
  });
}

/** As it stands on a screen, 0..1. */
export function srgb(colour: Color): [number, number, number] {
  const { r, g, b } = colour.getRGB({ r: 0, g: 0, b: 0 }, SRGBColorSpace);
  return [r, g, b];
}
