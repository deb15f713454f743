// Shows the tags of the page beside what they draw, from the page itself, so that no example is ever
// out of date; and makes the one latent that HTML alone cannot: an average.
import {average} from '/dist/cdn/latent-elements.js';

const scripts = {
  install: '<script type="module" src="/dist/cdn/latent-elements.js"></' + 'script>',
  average: `import {average} from '/dist/cdn/latent-elements.js';

await Promise.all(faces.map((face) => face.ready));
picture.latent = average(faces.map((face) => face.latent));`,
  map: `map.items = Array.from({length: 256}, (_, seed) => ({id: \`face \${seed}\`, image: \`seed:\${seed}\`}));`,
};

// Characters that fit beside a picture, and below one.
const NARROW = 46;
const WIDE = 80;

/** The tag as one would write it, in lines that fit. */
function source(element, width) {
  const tag = element.localName;
  const attributes = [...element.attributes]
    .filter(
      ({name}) =>
        !['class', 'style', 'label', 'width', 'height'].includes(name) &&
        !(name === 'id' && !isTarget(element)),
    )
    .map(({name, value}) => (value === '' ? name : `${name}="${value}"`));
  const lines = [`<${tag}`];
  for (const attribute of attributes) {
    const longer = `${lines.at(-1)} ${attribute}`;
    if (longer.length < width) lines[lines.length - 1] = longer;
    else lines.push(`  ${attribute}`);
  }
  const children = [...element.children].map((child) => `  ${line(child)}\n`).join('');
  const close = `</${tag}>`;
  const fits = `${lines.at(-1)}>${close}`.length <= width;
  return `${lines.join('\n')}>${children || !fits ? '\n' : ''}${children}${close}`;
}

/** Whether another element names it, so that its id belongs to the example. */
function isTarget({id}) {
  return document.querySelector(`[for="${id}"]`) !== null;
}

function line(image) {
  const slot = image.slot ? ` slot="${image.slot}"` : '';
  return `<img${slot} src="${image.getAttribute('src')}" alt="…">`;
}

// Colours by the words' kinds; text only, so nothing of the page can run.
const kinds = [
  ['tag', /<\/?[\w-]+|\/?>/y],
  ['string', /"[^"]*"|'[^']*'/y],
  ['keyword', /\b(?:import|from|await)\b(?=[ (])/y],
  ['name', /[\w-]+(?==)|\b(?:controls|autoplay|loop|live|filter|reconstruct)\b/y],
];

function colour(text) {
  const pieces = [];
  for (let at = 0; at < text.length;) {
    const [kind, length] = kindAt(text, at);
    const piece = text.slice(at, at + length);
    pieces.push(kind ? span(kind, piece) : piece);
    at += length;
  }
  return pieces;
}

function kindAt(text, at) {
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return [kind, match[0].length];
  }
  return [undefined, /\w/.test(text[at]) ? /\w+/.exec(text.slice(at))[0].length : 1];
}

function span(kind, text) {
  const element = document.createElement('span');
  element.className = kind;
  element.textContent = text;
  return element;
}

for (const block of document.querySelectorAll('pre[data-code], pre[data-script]')) {
  const {script, code: selector} = block.dataset;
  const shown = block
    .closest('section')
    ?.querySelectorAll(
      selector || 'latent-interpolator, latent-slider, latent-image, latent-generator, latent-map',
    );
  const width = block.closest('.wide') ? WIDE : NARROW;
  const code = document.createElement('code');
  code.append(
    ...colour(script ? scripts[script] : [...shown].map((each) => source(each, width)).join('\n')),
  );
  block.tabIndex = 0;
  block.append(code);
}

for (const compare of document.querySelectorAll('.compare')) {
  const range = compare.querySelector('input');
  const split = () => compare.style.setProperty('--split', `${range.value}%`);
  range.addEventListener('input', split);
  split();
}

document.querySelector('#faces-map').items = Array.from({length: 256}, (_, seed) => ({
  id: `face ${seed}`,
  image: `seed:${seed}`,
}));

const faces = [...document.querySelectorAll('.faces latent-image')];
const picture = document.querySelector('#average');
Promise.all(faces.map((face) => face.ready)).then(
  () => (picture.latent = average(faces.map((face) => face.latent))),
  () => picture.remove(), // The faces themselves say what went wrong.
);
