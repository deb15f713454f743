// A real Chroma server, from its npm package, which is installed on demand: it is large, runs on few
// systems, and is no part of what is published.
import {execFileSync, spawn} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {build, root} from '../../scripts/paths.mjs';

const folder = join(build, 'chroma');
const cli = join(folder, 'node_modules/chromadb/dist/cli.mjs');
const INSTALL_MILLISECONDS = 240_000;
const START_MILLISECONDS = 60_000;

/** Why there can be no server here, else `false`. */
export function installChroma() {
  try {
    if (!existsSync(cli)) {
      mkdirSync(folder, {recursive: true});
      copyFileSync(join(root, 'test/e2e/chroma/package.json'), join(folder, 'package.json'));
      execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
        cwd: folder,
        stdio: 'ignore',
        timeout: INSTALL_MILLISECONDS,
      });
    }
    return false;
  } catch (error) {
    rmSync(folder, {recursive: true, force: true});
    return `Chroma could not be installed from npm (${String(error.message).split('\n')[0]})`;
  }
}

/** Starts a server that pages of `origin` may read; undefined where its library does not run. */
export async function startChroma(origin) {
  const port = await freePort();
  const data = mkdtempSync(join(folder, 'data-'));
  const config = join(data, 'config.yaml');
  // A star is no origin to it.
  const lines = [
    `port: ${port}`,
    'listen_address: "127.0.0.1"',
    `persist_path: "${join(data, 'db')}"`,
    `cors_allow_origins: ["${origin}"]`,
  ];
  writeFileSync(config, lines.join('\n'));
  const server = spawn(process.execPath, [cli, 'run', config], {stdio: 'ignore'});
  const close = () => {
    server.kill('SIGKILL');
    rmSync(data, {recursive: true, force: true});
  };
  const api = `http://127.0.0.1:${port}/api/v2`;
  for (const end = Date.now() + START_MILLISECONDS; Date.now() < end; await wait(200)) {
    if (server.exitCode !== null) break;
    const answer = await fetch(`${api}/heartbeat`).catch(() => undefined);
    if (answer?.ok) return {host: `127.0.0.1:${port}`, api, close};
  }
  close();
  return undefined;
}

/** Makes a collection with vectors in it. */
export async function fill(api, {name, space = 'cosine', metadata, tenant, database, ...records}) {
  const scope = `tenants/${tenant ?? 'default_tenant'}/databases/${database ?? 'default_database'}`;
  const collections = `${api}/${scope}/collections`;
  const {id} = await post(collections, {name, metadata, configuration: {hnsw: {space}}});
  if (records.ids) await post(`${collections}/${id}/add`, records);
}

/** Sends JSON, and reads what comes back. */
export async function post(url, body) {
  const headers = {'content-type': 'application/json'};
  const answer = await fetch(url, {method: 'POST', headers, body: JSON.stringify(body)});
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const {port} = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
