import {frameFields, type FrameFields} from '../../src/core/morph/frame-fields.js';
import {CELLS, FLOW_POINTS, type Pixels} from '../../src/core/morph/plan.js';
import {type MorphFrame, paletteColumns} from './pixel-painter.js';

/**
 * The frame formula of `composeFrame`. Grids are read by hand: linear filters of float textures are an
 * extension, and those of 8-bit fractions show. Colours are premultiplied, as the canvas takes them.
 */
const FRAGMENT_SHADER = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D first, second, flow, mask, residual;
uniform vec2 size;
uniform float raw, t, share;
uniform mat4 paletteA, paletteB;
out vec4 colour;

vec4 linear(sampler2D grid, vec2 at, int n) {
  at = clamp(at, vec2(0.0), vec2(float(n - 1)));
  ivec2 low = min(ivec2(at), ivec2(n - 2));
  vec2 f = at - vec2(low);
  vec4 top = mix(texelFetch(grid, low, 0), texelFetch(grid, low + ivec2(1, 0), 0), f.x);
  vec4 bottom =
    mix(texelFetch(grid, low + ivec2(0, 1), 0), texelFetch(grid, low + ivec2(1, 1), 0), f.x);
  return mix(top, bottom, f.y);
}

// Catmull-Rom: Keys 1981, a = -1/2.
vec4 weights(float f) {
  return vec4(0.0, 1.0, 0.0, 0.0) + f * (vec4(-0.5, 0.0, 0.5, 0.0) +
    f * (vec4(1.0, -2.5, 2.0, -0.5) + f * vec4(-0.5, 1.5, -1.5, 0.5)));
}

vec4 pixel(sampler2D picture, ivec2 at) {
  vec4 straight = texelFetch(picture, clamp(at, ivec2(0), ivec2(size) - 1), 0);
  return vec4(straight.rgb * straight.a, straight.a);
}

vec4 cubic(sampler2D picture, vec2 x) {
  vec2 at = clamp(x * size, vec2(0.0), size) - 0.5;
  vec2 low = floor(at);
  vec4 wx = weights(at.x - low.x), wy = weights(at.y - low.y);
  vec4 sum = vec4(0.0);
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < 4; i++) sum += wx[i] * wy[j] * pixel(picture, ivec2(low) + ivec2(i - 1, j - 1));
  }
  return sum;
}

void main() {
  // Row 0 of the pictures is their top; WebGL counts from the bottom.
  ivec2 here = ivec2(gl_FragCoord.x, size.y - gl_FragCoord.y);
  vec2 x = (vec2(here) + 0.5) / size;
  vec4 line = mix(pixel(first, here), pixel(second, here), t);
  colour = line;
  if (share <= 0.0) return;
  vec2 u = linear(flow, x * float(${String(FLOW_POINTS - 1)}), ${String(FLOW_POINTS)}).xy;
  vec2 p = (x - (2.0 * raw - 1.0) * u) * float(${String(CELLS)}) - 0.5;
  float m = linear(mask, p, ${String(CELLS)}).x;
  vec4 made = linear(residual, p, ${String(CELLS)});
  if (m < 1.0) made += (1.0 - m) * (paletteA * cubic(first, x - 2.0 * raw * u));
  if (m > 0.0) made += m * (paletteB * cubic(second, x + 2.0 * (1.0 - raw) * u));
  made.a = clamp(made.a, 0.0, 1.0);
  made.rgb = clamp(made.rgb, vec3(0.0), vec3(made.a));
  colour = mix(line, made, share);
}`;

const VERTEX_SHADER = `#version 300 es
in vec2 corner;
void main() { gl_Position = vec4(corner, 0.0, 1.0); }`;

const PICTURES = ['first', 'second'] as const;
const GRIDS = ['flow', 'mask', 'residual'] as const;

/** Renderers that compute in software, which takes several times what the CPU painter does. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Makes frames of morphs by a fragment shader. A worker has one for all its canvases, which take its
 * frames by `drawImage`: browsers give a page few WebGL contexts.
 */
export class WebglPainter {
  /** Shows the frame that was last painted. */
  readonly canvas: OffscreenCanvas;
  readonly #gl: WebGL2RenderingContext;
  #uniforms: Readonly<Record<string, WebGLUniformLocation | null>> = {};
  /** The pictures in the textures. */
  readonly #held: (Pixels | undefined)[] = [];
  readonly #textures = new Map<string, WebGLTexture>();
  #fields: FrameFields | undefined;

  private constructor(gl: WebGL2RenderingContext, canvas: OffscreenCanvas) {
    this.#gl = gl;
    this.canvas = canvas;
    this.#prepare();
    canvas.addEventListener('webglcontextlost', (event) => {
      // Only then may it be restored.
      event.preventDefault();
    });
    canvas.addEventListener('webglcontextrestored', () => {
      this.#prepare();
    });
  }

  /** A painter, or undefined where WebGL2 is missing, or unless `software`, computed in software. */
  static create({software = false} = {}): WebglPainter | undefined {
    try {
      const canvas = new OffscreenCanvas(1, 1);
      const gl = canvas.getContext('webgl2', {
        alpha: true,
        antialias: false,
        depth: false,
        premultipliedAlpha: true,
        failIfMajorPerformanceCaveat: !software,
      });
      if (!gl || (!software && SOFTWARE.test(rendererOf(gl)))) return undefined;
      return new WebglPainter(gl, canvas);
    } catch {
      return undefined;
    }
  }

  /** Whether the GPU took the context away; it may come back by itself. */
  get isLost(): boolean {
    return this.#gl.isContextLost();
  }

  /** Paints a frame at its pictures' size. */
  paint(frame: MorphFrame): void {
    const {a, b, plan, t} = frame;
    const gl = this.#gl;
    const {width, height} = a;
    const {canvas} = this;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    this.#load(a, b);
    const share = plan && t > 0 && t < 1 ? (frame.share ?? 1) : 0;
    gl.uniform2f(this.#uniforms.size!, width, height);
    gl.uniform1f(this.#uniforms.t!, Math.min(1, Math.max(0, t)));
    gl.uniform1f(this.#uniforms.share!, share);
    if (plan && share > 0) {
      const fields = frameFields(plan, t, this.#fields);
      this.#fields = fields;
      gl.uniform1f(this.#uniforms.raw!, fields.t);
      gl.uniformMatrix4fv(this.#uniforms.paletteA!, false, paletteColumns(fields.paletteA));
      gl.uniformMatrix4fv(this.#uniforms.paletteB!, false, paletteColumns(fields.paletteB));
      this.#upload('flow', FLOW_POINTS, gl.RG32F, gl.RG, fields.flow);
      this.#upload('mask', CELLS, gl.R32F, gl.RED, fields.mask);
      this.#upload('residual', CELLS, gl.RGBA32F, gl.RGBA, fields.residual);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #prepare(): void {
    const gl = this.#gl;
    this.#held.length = 0;
    this.#textures.clear();
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX_SHADER],
      [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
    ] as const) {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, 0, 'corner');
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(program) ?? 'The shader does not link.');
    }
    gl.useProgram(program);
    this.#uniforms = Object.fromEntries(
      ['size', 'raw', 't', 'share', 'paletteA', 'paletteB'].map((name) => [
        name,
        gl.getUniformLocation(program, name),
      ]),
    );
    [...PICTURES, ...GRIDS].forEach((name, unit) => {
      const texture = gl.createTexture();
      this.#textures.set(name, texture);
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
        gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
      }
      gl.uniform1i(gl.getUniformLocation(program, name), unit);
    });
    // One triangle that covers the canvas.
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  // Neighbouring pairs share a picture: where it is held as the other one, its texture changes sides.
  #load(a: Pixels, b: Pixels): void {
    const gl = this.#gl;
    if (this.#held[0] === b || this.#held[1] === a) {
      this.#held.reverse();
      const [first, second] = PICTURES.map((name) => this.#textures.get(name)!);
      this.#textures.set('first', second!);
      this.#textures.set('second', first!);
    }
    [a, b].forEach((picture, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, this.#textures.get(PICTURES[unit]!)!);
      if (this.#held[unit] === picture) return;
      this.#held[unit] = picture;
      const {width, height, data} = picture;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    });
  }

  #upload(
    name: (typeof GRIDS)[number],
    n: number,
    internal: GLenum,
    format: GLenum,
    data: Float32Array,
  ): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + PICTURES.length + GRIDS.indexOf(name));
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, n, n, 0, format, gl.FLOAT, data);
  }
}

function rendererOf(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}
