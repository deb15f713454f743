// The page "Measure on this machine".
import * as elements from '/dist/cdn/latent-elements.js';
import {cellOf, gainOf, measureMachine, toMarkdown} from './measure.js';

const part = (id) => document.getElementById(id);
let measured;
let running;

part('measure').addEventListener('click', async () => {
  if (running) {
    running.abort();
    return;
  }
  running = new AbortController();
  part('measure').textContent = 'Stop';
  part('bar').hidden = false;
  part('status').textContent = 'Measuring …';
  try {
    measured = await measureMachine(elements, {
      signal: running.signal,
      onProgress: ({what, device, ratio}) => {
        part('bar').value = ratio;
        part('now').textContent = what && `${what}, ${device}`;
      },
    });
    show(measured);
    part('status').textContent = 'Done.';
  } catch (error) {
    part('status').textContent = running.signal.aborted ? 'Stopped.' : error.message;
  } finally {
    running = undefined;
    part('measure').textContent = 'Measure again';
    part('bar').hidden = true;
    part('now').textContent = '';
  }
});

function show({browser, cores, isolated, adapter, rows}) {
  part('machine').textContent =
    `${browser}. ${cores} cores, ${isolated ? '' : 'not '}cross-origin isolated. ` +
    `WebGPU: ${adapter ?? 'no adapter'}.`;
  part('rows').replaceChildren(
    ...rows.map((row) => {
      const line = document.createElement('tr');
      const name = document.createElement('th');
      name.scope = 'row';
      name.textContent = row.what;
      const cells = [cellOf(row.webgpu), cellOf(row.wasm), gainOf(row)].map((text) => {
        const cell = document.createElement('td');
        cell.textContent = text;
        return cell;
      });
      line.append(name, ...cells);
      return line;
    }),
  );
  part('result').hidden = false;
}

for (const [id, toText] of [
  ['markdown', toMarkdown],
  ['json', (result) => JSON.stringify(result, null, 2)],
]) {
  part(id).addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(toText(measured));
      part('status').textContent = 'Copied.';
    } catch {
      part('status').textContent = 'The browser let nothing be copied.';
    }
  });
}
