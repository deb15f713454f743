import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {completePack} from '../../src/cli/complete-pack.js';
import {LatentError} from '../../src/core/errors.js';
import {parsePack} from '../../src/core/pack/parse-pack.js';

const root = mkdtempSync(join(tmpdir(), 'latent-pack-'));
const requests: (string | undefined)[] = [];
const server = createServer(({url}, response) => {
  requests.push(url);
  response.statusCode = url === '/decoder.onnx' ? 200 : 404;
  response.end(response.statusCode === 200 ? 'a network' : '');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
after(() => {
  server.close();
  rmSync(root, {recursive: true});
});

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const SHIPPED = join(root, 'shipped');

const template = (decoder: object) => ({
  format: 1,
  name: 'tiny',
  version: '1.0.0',
  license: 'MIT',
  space: {id: 'tiny-1', shape: [4]},
  image: {size: {width: 8, height: 8}},
  parts: {
    decoder: {inputs: {latent: 'a'}, outputs: {image: 'b'}, ...decoder},
    encoder: {file: 'encoder.onnx', bytes: 1, inputs: {image: 'b'}, outputs: {latent: 'a'}},
  },
});

let folders = 0;
function folder(manifest: unknown, name = 'pack.template.json'): string {
  const path = join(root, `pack${String(++folders)}`);
  mkdirSync(path);
  writeFileSync(join(path, name), JSON.stringify(manifest));
  writeFileSync(join(path, 'encoder.onnx'), 'another network');
  return path;
}

const complete = (source: string, output?: string) => completePack({source, output}, SHIPPED);
const written = (path: string) =>
  JSON.parse(readFileSync(join(path, 'pack.json'), 'utf8')) as ReturnType<typeof template>;

async function refused(promise: Promise<unknown>, code: string, pattern: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof LatentError);
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  });
}

test('it measures files beside the manifest and files elsewhere', async () => {
  const path = folder(template({file: `${host}/decoder.onnx`}));
  const said = await complete(path);
  assert.match(said, /^2 files, 0\.0 MB → .*pack\.json \(tiny 1\.0\.0\)$/);
  const {decoder, encoder} = parsePack(written(path), 'test').parts;
  assert.deepEqual([decoder?.bytes, decoder?.sha256], [9, hash('a network')]);
  assert.deepEqual([encoder?.bytes, encoder?.sha256], [15, hash('another network')]);
  assert.deepEqual(Object.keys(written(path).parts.encoder).slice(0, 3), [
    'file',
    'bytes',
    'sha256',
  ]);
});

test('it downloads nothing that is described already, and follows files that lie here', async () => {
  requests.length = 0;
  const known = {file: `${host}/decoder.onnx`, bytes: 9, sha256: hash('a network')};
  const path = folder(template(known), 'pack.json');
  await complete(path);
  writeFileSync(join(path, 'encoder.onnx'), 'trained anew');
  await complete(path);
  assert.deepEqual(requests, []);
  assert.equal(parsePack(written(path), 'test').parts.encoder?.sha256, hash('trained anew'));
});

test('a shipped template is known by its name', async () => {
  const manifest = template({file: `${host}/decoder.onnx`});
  mkdirSync(join(SHIPPED, 'tiny'), {recursive: true});
  writeFileSync(join(SHIPPED, 'tiny/pack.template.json'), JSON.stringify(manifest));
  const path = folder({}, 'unused.json');
  await complete('tiny', join(path, 'pack.json'));
  assert.equal(written(path).name, 'tiny');
});

test('it refuses a file that is another one, and writes nothing', async () => {
  for (const wrong of [{bytes: 8}, {sha256: hash('else')}, {bytes: 10}]) {
    const path = folder(template({file: `${host}/decoder.onnx`, ...wrong}));
    await refused(complete(path), 'integrity', /decoder\.onnx has 9 bytes.*another file/);
    assert.throws(() => written(path));
  }
});

test('it says what is missing or does not fit', async () => {
  const gone = folder(template({file: `${host}/nowhere.onnx`}));
  await refused(complete(gone), 'not-found', /404.*nowhere\.onnx/);
  const local = folder(template({file: 'nowhere.onnx'}));
  await refused(complete(local), 'not-found', /nowhere\.onnx.*beside the pack\.json/);
  await refused(complete('no-such-pack'), 'not-found', /no-such-pack/);
  await refused(complete(folder(null)), 'bad-pack', /no JSON object/);
  const imageless = {...template({file: `${host}/decoder.onnx`}), image: undefined};
  await refused(complete(folder(imageless)), 'bad-pack', /image is missing/);
  const unreachable = folder(template({file: 'http://127.0.0.1:1/decoder.onnx'}));
  await refused(complete(unreachable), 'network', /127\.0\.0\.1:1/);
});
