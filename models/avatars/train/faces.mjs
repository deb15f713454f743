/**
 * The world of faces: every choice that makes a face is drawn from a seeded generator here, so every label is known.
 * A face is a plain object (the "spec"); `svg` draws it, `attributes` says in numbers what it shows.
 */
import {createAvatar} from '@dicebear/core';
import {avataaars, personas, toonHead} from '@dicebear/collection';

/** Returns a generator of uniform numbers in [0, 1) (mulberry32) for one sample of one seed. */
export function generator(seed, index) {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const STYLES = ['avataaars', 'toonHead', 'personas'];
const STYLE_SHARES = {avataaars: 0.7, toonHead: 0.18, personas: 0.12};

// Colours run along these ramps continuously; `skin` and the hair tone are positions on them.
const SKIN = ['ffe0c0', 'ffdbb4', 'edb98a', 'd08b5b', 'ae5d29', '8a5030', '614335'];
const HAIR = ['1c1210', '2c1b18', '4a312c', '724133', 'a55728', 'b58143', 'd6b370', 'ecdcbf'];
const DYED_HAIR = ['c93305', 'f59797', '5b7fd0', '3f9e8c'];
const GREY_HAIR = [226, 222, 220];

/** Hair: how often it is drawn, its length from 0 to 1, and what covers the head (none, hair or hat). */
const AVATAAARS_TOPS = {
  bald: [1.2, 0, 'none'],
  theCaesar: [1, 0.12, 'hair'],
  sides: [1, 0.1, 'hair'],
  shortFlat: [1, 0.2, 'hair'],
  shortRound: [1, 0.2, 'hair'],
  shortWaved: [1, 0.22, 'hair'],
  theCaesarAndSidePart: [1, 0.15, 'hair'],
  shortCurly: [1, 0.25, 'hair'],
  shavedSides: [1, 0.3, 'hair'],
  dreads01: [1, 0.3, 'hair'],
  dreads02: [1, 0.3, 'hair'],
  frizzle: [1, 0.28, 'hair'],
  shaggy: [1, 0.4, 'hair'],
  bun: [1, 0.4, 'hair'],
  frida: [1, 0.35, 'hair'],
  fro: [1, 0.5, 'hair'],
  shaggyMullet: [1, 0.6, 'hair'],
  bob: [1, 0.65, 'hair'],
  curly: [1, 0.65, 'hair'],
  miaWallace: [1, 0.65, 'hair'],
  curvy: [1, 0.85, 'hair'],
  longButNotTooLong: [1, 0.85, 'hair'],
  dreads: [1, 0.9, 'hair'],
  bigHair: [1, 1, 'hair'],
  straight01: [1, 1, 'hair'],
  straight02: [1, 1, 'hair'],
  straightAndStrand: [1, 1, 'hair'],
  hat: [0.7, 0.2, 'hat'],
  winterHat02: [0.7, 0.2, 'hat'],
  turban: [0.5, 0, 'hat'],
  hijab: [0.6, 0, 'hat'],
};
const TOONHEAD_HAIR = {
  sideComed: [1, 0.25],
  undercut: [1, 0.25],
  spiky: [1, 0.25],
  bun: [1, 0.25],
  none: [0.2, 0],
};
const TOONHEAD_REAR = {
  none: [5, 0],
  longStraight: [1, 1],
  longWavy: [1, 1],
  shoulderHigh: [1, 0.75],
  neckHigh: [1, 0.5],
};
const PERSONAS_HAIR = {
  long: [1, 0.9],
  sideShave: [1, 0.25],
  shortCombover: [1, 0.25],
  curlyHighTop: [1, 0.35],
  bobCut: [1, 0.65],
  curly: [1, 0.5],
  pigtails: [1, 0.6],
  curlyBun: [1, 0.4],
  buzzcut: [1, 0.1],
  bobBangs: [1, 0.65],
  bald: [0.6, 0],
  balding: [0.6, 0.08],
  fade: [1, 0.25],
  straightBun: [1, 0.4],
  extraLong: [1, 1],
  mohawk: [0.6, 0.25],
};

/** Mouths: how often, how much they smile (-1 to 1), how far open (0 to 1). */
const MOUTHS = {
  avataaars: {
    smile: [5, 1, 1],
    twinkle: [3, 0.8, 0],
    default: [3, 0.5, 0],
    tongue: [0.6, 0.8, 1],
    serious: [3, 0, 0],
    disbelief: [1, -0.3, 0],
    sad: [3, -1, 0],
    concerned: [1.2, -0.8, 0.6],
    screamOpen: [1, -0.6, 1],
    grimace: [0.8, -0.2, 0.5],
    eating: [0.3, 0, 0],
  },
  toonHead: {
    laugh: [1.5, 1, 1],
    smile: [2, 0.9, 0],
    agape: [0.8, -0.3, 1],
    angry: [0.8, -0.8, 0],
    sad: [1.5, -1, 0],
  },
  personas: {
    smile: [2, 0.8, 0],
    frown: [2, -1, 0],
    surprise: [1, -0.2, 1],
    bigSmile: [2, 1, 1],
    smirk: [1, 0.4, 0],
  },
};

/** Eyes: how often, how far open (0 to 1; hidden ones count as open). */
const EYES = {
  avataaars: {
    default: [5, 1],
    happy: [2, 0.2],
    closed: [1.2, 0],
    side: [1.5, 1],
    squint: [1.2, 0.5],
    surprised: [1.2, 1],
    wink: [0.8, 0.5],
    eyeRoll: [0.4, 1],
  },
  toonHead: {happy: [1, 0.2], wide: [2, 1], bow: [1, 0.2], humble: [1, 0.4], wink: [0.6, 0.5]},
  personas: {
    open: [3, 1],
    sleep: [1, 0],
    wink: [0.7, 0.5],
    happy: [1, 0.2],
    glasses: [2, 1],
    sunglasses: [0.8, 1],
  },
};

/** Beards: how often, and how much of one (0 to 1). */
const BEARDS = {
  avataaars: {
    none: [5.5, 0],
    beardLight: [1, 0.5],
    beardMedium: [1.2, 0.75],
    beardMajestic: [0.7, 1],
    moustacheFancy: [0.5, 0.3],
    moustacheMagnum: [0.5, 0.35],
  },
  toonHead: {
    none: [6, 0],
    moustacheTwirl: [0.7, 0.3],
    fullBeard: [1.2, 0.8],
    chin: [0.6, 0.4],
    chinMoustache: [0.7, 0.5],
    longBeard: [0.7, 1],
  },
  personas: {none: [6, 0], beardMustache: [1.3, 0.8], walrus: [0.6, 0.4], goatee: [0.6, 0.5]},
};
const BROWS = {
  avataaars: {
    defaultNatural: [3],
    flatNatural: [1],
    raisedExcitedNatural: [1],
    sadConcernedNatural: [1],
    angryNatural: [1],
    default: [2],
    raisedExcited: [1],
  },
  toonHead: {raised: [1], angry: [1], happy: [1], sad: [1], neutral: [2]},
};
const CLOTHES = {
  avataaars: {
    blazerAndShirt: [1],
    blazerAndSweater: [1],
    collarAndSweater: [1],
    hoodie: [1.2],
    overall: [0.8],
    shirtCrewNeck: [1.4],
    shirtScoopNeck: [1],
    shirtVNeck: [1],
  },
  toonHead: {turtleNeck: [1], openJacket: [1], dress: [1], shirt: [1], tShirt: [1]},
  personas: {squared: [1], rounded: [1], small: [1]},
};
/** Glasses: how often, and which class (0 none, 1 clear, 2 dark or heavy). */
const GLASSES = {
  none: [5, 0],
  prescription01: [1, 1],
  prescription02: [1.3, 1],
  round: [1.3, 1],
  sunglasses: [0.7, 2],
  wayfarers: [0.7, 2],
};

const COVERS = ['none', 'hair', 'hat'];
const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);
const parse = (hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
const format = (rgb) =>
  rgb
    .map((v) =>
      Math.max(0, Math.min(255, Math.round(v)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('');

/** Reads a ramp of hex colours at `t` from 0 to 1. */
function ramp(colours, t) {
  const at = Math.min(colours.length - 1 - 1e-6, Math.max(0, t * (colours.length - 1)));
  const i = Math.floor(at);
  return mix(parse(colours[i]), parse(colours[i + 1]), at - i);
}

/** Turns hue, saturation and lightness (0 to 1) into RGB (0 to 255). */
function hsl(h, s, l) {
  const a = s * Math.min(l, 1 - l);
  return [0, 8, 4].map((n) => {
    const k = (n + h * 12) % 12;
    return 255 * (l - a * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  });
}

/** Draws a key of a table whose rows start with a weight. */
function pick(random, table) {
  const rows = Object.entries(table);
  let left = random() * rows.reduce((sum, [, row]) => sum + row[0], 0);
  for (const [key, row] of rows) {
    left -= row[0];
    if (left <= 0) return key;
  }
  return rows.at(-1)[0];
}

/** Draws a style by its share of the data. */
export function drawStyle(random) {
  const at = random();
  if (at < STYLE_SHARES.avataaars) return 'avataaars';
  return at < STYLE_SHARES.avataaars + STYLE_SHARES.toonHead ? 'toonHead' : 'personas';
}

/** Draws everything about one face of a style. */
export function drawFace(random, style) {
  const grey = random() < 0.22 ? 0.35 + 0.65 * random() : 0;
  const dyed = random() < 0.1;
  const tone = dyed
    ? parse(DYED_HAIR[Math.floor(random() * DYED_HAIR.length)])
    : ramp(HAIR, random());
  const face = {
    style,
    skin: random(),
    grey,
    hairTone: tone.map((v) => v + 8 * (random() - 0.5)),
    background: hsl(random(), 0.25 + 0.6 * random(), 0.35 + 0.57 * random()),
    gradient: random() < 0.35 ? hsl(random(), 0.25 + 0.6 * random(), 0.35 + 0.57 * random()) : null,
    rotation: Math.floor(random() * 360),
    clothesColour: hsl(random(), random() * 0.85, 0.12 + 0.8 * random()),
    light: random() < 0.5 ? 1 : 0.5 + 0.5 * random(),
    mouth: pick(random, MOUTHS[style]),
    eyes: pick(random, EYES[style]),
    beard: pick(random, BEARDS[style]),
    clothes: pick(random, CLOTHES[style]),
    glasses: 'none',
  };
  if (style === 'avataaars') {
    face.hair = pick(random, AVATAAARS_TOPS);
    face.brows = pick(random, BROWS.avataaars);
    face.glasses = pick(random, GLASSES);
    face.hatColour = hsl(random(), random() * 0.8, 0.2 + 0.7 * random());
  } else if (style === 'toonHead') {
    face.hair = pick(random, TOONHEAD_HAIR);
    face.rear = pick(random, TOONHEAD_REAR);
    face.brows = pick(random, BROWS.toonHead);
  } else {
    face.hair = pick(random, PERSONAS_HAIR);
    face.nose = pick(random, {mediumRound: [1], smallRound: [1]});
    if (face.eyes === 'glasses' || face.eyes === 'sunglasses') face.glasses = face.eyes;
  }
  return face;
}

const hairColour = (face) => mix(face.hairTone, GREY_HAIR, face.grey);

/** An optional part of DiceBear: its name and probability, with a stand-in name when it is absent. */
const part = (name, value, absent, standIn) => ({
  [name]: [value === absent ? standIn : value],
  [`${name}Probability`]: value === absent ? 0 : 100,
});

/** Draws a face as SVG (lighting is left to the renderer). */
export function svg(face, size) {
  const hair = format(hairColour(face));
  const common = {
    size,
    seed: 'face',
    skinColor: [format(ramp(SKIN, face.skin))],
    hairColor: [hair],
    clothesColor: [format(face.clothesColour)],
    backgroundColor: face.gradient
      ? [format(face.background), format(face.gradient)]
      : [format(face.background)],
    backgroundType: [face.gradient ? 'gradientLinear' : 'solid'],
    backgroundRotation: [face.rotation, face.rotation],
    mouth: [face.mouth],
    eyes: [face.eyes],
  };
  if (face.style === 'avataaars') {
    return createAvatar(avataaars, {
      ...common,
      ...part('top', face.hair, 'bald', 'sides'),
      ...part('accessories', face.glasses, 'none', 'round'),
      ...part('facialHair', face.beard, 'none', 'beardLight'),
      eyebrows: [face.brows],
      clothing: [face.clothes],
      hatColor: [format(face.hatColour)],
      accessoriesColor: ['262e33'],
      facialHairColor: [hair],
    }).toString();
  }
  if (face.style === 'toonHead') {
    return createAvatar(toonHead, {
      ...common,
      ...part('hair', face.hair, 'none', 'bun'),
      ...part('rearHair', face.rear, 'none', 'neckHigh'),
      ...part('beard', face.beard, 'none', 'chin'),
      eyebrows: [face.brows],
      clothes: [face.clothes],
    }).toString();
  }
  return createAvatar(personas, {
    ...common,
    ...part('facialHair', face.beard, 'none', 'goatee'),
    hair: [face.hair],
    nose: [face.nose],
    body: [face.clothes],
    clothingColor: [format(face.clothesColour)],
  }).toString();
}

/** Length of the hair (0 to 1) and what covers the head. */
function headOf(face) {
  if (face.style === 'avataaars') return AVATAAARS_TOPS[face.hair].slice(1);
  if (face.style === 'personas')
    return [PERSONAS_HAIR[face.hair][1], face.hair === 'bald' ? 'none' : 'hair'];
  const length = Math.max(TOONHEAD_HAIR[face.hair][1], TOONHEAD_REAR[face.rear][1]);
  return [length, length === 0 ? 'none' : 'hair'];
}

const unit = (rgb) => rgb.map((v) => +(Math.max(0, Math.min(255, v)) / 255).toFixed(4));

/** Says in numbers what a face shows: the labels of one image. */
export function attributes(face) {
  const [length, cover] = headOf(face);
  const [, smile, open] = MOUTHS[face.style][face.mouth];
  const glasses =
    {glasses: 1, sunglasses: 2}[face.style === 'personas' ? face.glasses : ''] ??
    GLASSES[face.glasses][1];
  return {
    style: STYLES.indexOf(face.style),
    smile,
    open,
    eyes: EYES[face.style][face.eyes][1],
    glasses,
    length,
    cover: COVERS.indexOf(cover),
    skin: +face.skin.toFixed(4),
    grey: +face.grey.toFixed(4),
    hair: unit(hairColour(face)),
    beard: BEARDS[face.style][face.beard][1],
    light: +face.light.toFixed(4),
    background: unit(face.background),
    gradient: face.gradient ? unit(face.gradient) : null,
    rotation: face.rotation,
    clothes: unit(face.clothesColour),
    hat: cover === 'hat' ? unit(face.hatColour) : null,
    parts: {
      hair: face.hair,
      rear: face.rear,
      mouth: face.mouth,
      eyes: face.eyes,
      brows: face.brows,
      beard: face.beard,
      glasses: face.glasses,
      clothes: face.clothes,
      nose: face.nose,
    },
  };
}

const SHORT = ['shortFlat', 'shortRound', 'shortWaved', 'theCaesarAndSidePart'];
const LONG = ['straight01', 'straight02', 'longButNotTooLong', 'bigHair'];

/** The edits of `pairs`: for a face and two numbers, the two ends of one attribute. */
const EDITS = {
  smile: () => [{mouth: 'sad'}, {mouth: 'smile'}],
  eyes: () => [{eyes: 'closed'}, {eyes: 'default'}],
  glasses: () => [{glasses: 'none'}, {glasses: 'prescription02'}],
  length: (a, b) => [{hair: SHORT[Math.floor(a * 4)]}, {hair: LONG[Math.floor(b * 4)]}],
  skin: () => [{skin: 0.05}, {skin: 0.95}],
  grey: () => [{grey: 0}, {grey: 1}],
  beard: () => [{beard: 'none'}, {beard: 'beardMedium'}],
  light: () => [{light: 0.55}, {light: 1}],
};

/** One base face (avataaars with hair) in both ends of every edit: rows of [face, { edit, end }]. */
export function drawPairs(random) {
  const base = drawFace(random, 'avataaars');
  while (AVATAAARS_TOPS[base.hair][2] !== 'hair') base.hair = pick(random, AVATAAARS_TOPS);
  base.hairTone = ramp(HAIR, random() * 0.75);
  const [a, b] = [random(), random()];
  return Object.entries(EDITS).flatMap(([edit, ends]) =>
    ends(a, b).map((change, end) => [
      {...base, ...change},
      {edit, end},
    ]),
  );
}
