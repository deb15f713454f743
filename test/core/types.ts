// Compiled by tsc and never run: each expected error is a promise of the types.
import {
  add,
  average,
  createLatent,
  cosineSimilarity,
  distance,
  fitAlignment,
  lerp,
  pathAt,
  slerp,
  subtract,
  type Alignment,
  type Latent,
} from '../../src/core/index.js';

declare const photo: Latent<'photos-1'>;
declare const avatar: Latent<'avatars-1'>;
declare const some: Latent;
declare const other: Latent;

// @ts-expect-error -- two spaces never mix
lerp(photo, avatar, 0.5);
// @ts-expect-error -- two spaces never mix
slerp(photo, avatar, 0.5);
// @ts-expect-error -- two spaces never mix
add(photo, avatar);
// @ts-expect-error -- two spaces never mix
subtract(photo, avatar);
// @ts-expect-error -- two spaces never mix
distance(photo, avatar);
// @ts-expect-error -- two spaces never mix
cosineSimilarity(photo, avatar);

// One literal space stays literal.
lerp(photo, photo, 0.5) satisfies Latent<'photos-1'>;
average([photo, photo]) satisfies Latent<'photos-1'>;
pathAt([avatar, avatar], 0.5, 'slerp') satisfies Latent<'avatars-1'>;
createLatent('photos-1', [1], new Float32Array(1)) satisfies Latent<'photos-1'>;
// @ts-expect-error -- a mixed list is not of one space
average([photo, avatar]) satisfies Latent<'photos-1'>;

// Spaces that are known at run time only are checked there.
lerp(some, other, 0.5) satisfies Latent;
lerp(some, photo, 0.5) satisfies Latent;

// An alignment carries over, one way.
const alignment = fitAlignment([photo], [avatar]);
alignment satisfies Alignment<'photos-1', 'avatars-1'>;
lerp(alignment.apply(photo), avatar, 0.5) satisfies Latent<'avatars-1'>;
// @ts-expect-error -- the wrong way
alignment.apply(avatar);

// Latents are readonly.
// @ts-expect-error -- a latent keeps its space
photo.space = 'photos-1';
// @ts-expect-error -- a latent keeps its shape
photo.shape[0] = 1;
