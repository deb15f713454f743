/**
 * Variants of a face: the same person with some attributes changed by a known amount, or drawn in another style. The targets of a change
 * are a few well-known parts for each style (the "ramps"), so that what an edit should look like is a function of the face and the request.
 */
import {attributes} from './faces.mjs';

const STYLES = ['avataaars', 'toonHead', 'personas'];

/** Attributes that an edit can change, each with the label (`attributes`) that measures it. */
export const EDITABLE = {
  smile: 'smile',
  glasses: 'glasses',
  hair: 'length',
  beard: 'beard',
  skin: 'skin',
  grey: 'grey',
  eyes: 'eyes',
  brightness: 'light',
};

/** For each style and attribute: values in rising order, and the options of a face that draw them. */
const RAMPS = {
  avataaars: {
    smile: [
      [-1, {mouth: 'sad'}],
      [0, {mouth: 'serious'}],
      [0.5, {mouth: 'default'}],
      [0.8, {mouth: 'twinkle'}],
      [1, {mouth: 'smile'}],
    ],
    eyes: [
      [0, {eyes: 'closed'}],
      [0.5, {eyes: 'squint'}],
      [1, {eyes: 'default'}],
    ],
    glasses: [
      [0, {glasses: 'none'}],
      [1, {glasses: 'prescription02'}],
    ],
    hair: [
      [0, {hair: 'bald'}],
      [0.12, {hair: 'theCaesar'}],
      [0.2, {hair: 'shortFlat'}],
      [0.4, {hair: 'shaggy'}],
      [0.65, {hair: 'bob'}],
      [0.85, {hair: 'longButNotTooLong'}],
      [1, {hair: 'straight01'}],
    ],
    beard: [
      [0, {beard: 'none'}],
      [0.5, {beard: 'beardLight'}],
      [0.75, {beard: 'beardMedium'}],
      [1, {beard: 'beardMajestic'}],
    ],
  },
  toonHead: {
    smile: [
      [-1, {mouth: 'sad'}],
      [0.9, {mouth: 'smile'}],
      [1, {mouth: 'laugh'}],
    ],
    eyes: [
      [0.2, {eyes: 'happy'}],
      [0.4, {eyes: 'humble'}],
      [1, {eyes: 'wide'}],
    ],
    glasses: [],
    hair: [
      [0, {hair: 'none', rear: 'none'}],
      [0.25, {hair: 'sideComed', rear: 'none'}],
      [0.5, {hair: 'sideComed', rear: 'neckHigh'}],
      [0.75, {hair: 'sideComed', rear: 'shoulderHigh'}],
      [1, {hair: 'sideComed', rear: 'longStraight'}],
    ],
    beard: [
      [0, {beard: 'none'}],
      [0.4, {beard: 'chin'}],
      [0.8, {beard: 'fullBeard'}],
      [1, {beard: 'longBeard'}],
    ],
  },
  personas: {
    smile: [
      [-1, {mouth: 'frown'}],
      [0.4, {mouth: 'smirk'}],
      [0.8, {mouth: 'smile'}],
      [1, {mouth: 'bigSmile'}],
    ],
    eyes: [
      [0, {eyes: 'sleep', glasses: 'none'}],
      [1, {eyes: 'open', glasses: 'none'}],
    ],
    glasses: [
      [0, {eyes: 'open', glasses: 'none'}],
      [1, {eyes: 'glasses', glasses: 'glasses'}],
    ],
    hair: [
      [0, {hair: 'bald'}],
      [0.1, {hair: 'buzzcut'}],
      [0.25, {hair: 'fade'}],
      [0.65, {hair: 'bobCut'}],
      [0.9, {hair: 'long'}],
      [1, {hair: 'extraLong'}],
    ],
    beard: [
      [0, {beard: 'none'}],
      [0.5, {beard: 'goatee'}],
      [0.8, {beard: 'beardMustache'}],
    ],
  },
};
const RANGES = {skin: [0, 1], grey: [0, 1], brightness: [0.5, 1]};
const FIELDS = {skin: 'skin', grey: 'grey', brightness: 'light'};
/** What stands for a face's clothes and eyebrows in each other style. */
const CLOTHES = {
  avataaars: ['shirtCrewNeck', 'blazerAndShirt', 'hoodie'],
  toonHead: ['tShirt', 'openJacket', 'turtleNeck'],
  personas: ['rounded', 'squared', 'small'],
};

const nearest = (ramp, value) =>
  ramp.reduce((best, row) => (Math.abs(row[0] - value) < Math.abs(best[0] - value) ? row : best));

/** The value of an attribute in a face (glasses: 0 or 1). */
export function valueOf(face, attribute) {
  const value = attributes(face)[EDITABLE[attribute]];
  return attribute === 'glasses' ? Math.min(1, value) : value;
}

/** Whether a change of the attribute can be drawn: not hair under a hat, not glasses on toonHead, not eyes behind drawn glasses. */
export function changeable(face, attribute) {
  if (attribute === 'hair' && attributes(face).cover === 2) return false;
  if (attribute === 'eyes' && face.style === 'personas' && face.glasses !== 'none') return false;
  return attribute in RANGES || RAMPS[face.style][attribute].length > 0;
}

/** Draws a target for an attribute: any point of a continuous range (a quarter of them its ends), or a step of the ramp. */
export function drawTarget(random, face, attribute) {
  if (!(attribute in RANGES)) {
    const ramp = RAMPS[face.style][attribute];
    return ramp[Math.floor(random() * ramp.length)][0];
  }
  const [low, high] = RANGES[attribute];
  const at = random();
  if (at < 0.125) return low;
  return at < 0.25 ? high : low + (high - low) * random();
}

/** The face with one attribute at the step of its ramp nearest to `value`; a face that is there already stays as it is. */
export function change(face, attribute, value) {
  if (attribute in RANGES) return {...face, [FIELDS[attribute]]: value};
  const [step, options] = nearest(RAMPS[face.style][attribute], value);
  return Math.abs(step - valueOf(face, attribute)) < 1e-6 ? face : {...face, ...options};
}

/** The same face in another style: values of the attributes, colours and light stay; parts are the nearest of the ramps. */
export function restyle(face, style) {
  if (face.style === style) return face;
  const index = Object.values(CLOTHES[face.style]).indexOf(face.clothes);
  const twin = {
    ...face,
    style,
    clothes: CLOTHES[style][Math.max(0, index)],
    glasses: 'none',
    rear: undefined,
    nose: style === 'personas' ? 'mediumRound' : undefined,
    brows: {avataaars: 'defaultNatural', toonHead: 'neutral'}[style],
    hatColour: face.hatColour ?? face.clothesColour,
  };
  const ramps = RAMPS[style];
  for (const attribute of ['smile', 'eyes', 'beard', 'hair', 'glasses']) {
    if (ramps[attribute].length === 0) continue;
    if (attribute === 'glasses' && valueOf(face, 'glasses') === 0) continue;
    Object.assign(twin, nearest(ramps[attribute], valueOf(face, attribute))[1]);
  }
  return twin;
}

/**
 * A face and `count` variants: rows of [face, {set, restyled}], where `set` names the attributes brought to a step of their ramp, so that a
 * learner knows which parts follow from the request. A third of the variants change the style; most change one to three attributes.
 */
export function drawVariants(random, face, count) {
  const rows = [[face, {set: [], restyled: false}]];
  while (rows.length <= count) {
    const other = STYLES.filter((style) => style !== face.style);
    const restyled = random() < 0.33;
    let variant = restyled ? restyle(face, other[Math.floor(random() * 2)]) : face;
    const set = [];
    const wanted = Math.floor(random() * 4) + (restyled ? -1 : 1 - Math.floor(random() * 2));
    for (let i = 0; i < Math.min(3, Math.max(restyled ? 0 : 1, wanted)); i++) {
      const names = Object.keys(EDITABLE).filter(
        (name) => !set.includes(name) && changeable(variant, name),
      );
      const name = names[Math.floor(random() * names.length)];
      variant = change(variant, name, drawTarget(random, variant, name));
      set.push(name);
    }
    rows.push([variant, {set, restyled}]);
  }
  return rows;
}
