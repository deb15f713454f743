// A static server for the demo page, the browser tests and the benches: Node's own http, no watching,
// no rewriting, so that what is tested is what is built.
import {createReadStream} from 'node:fs';
import {stat} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname, join, resolve, sep} from 'node:path';
import {pipeline} from 'node:stream/promises';

const types = {
  '.avif': 'image/avif',
  '.bmp': 'image/bmp',
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * Serves folders on 127.0.0.1 until `close()`.
 *
 * @param {object} options
 * @param {string | Record<string, string>} options.root A folder, or URL prefixes and their folders
 *   (`{'/': 'stories/demo', '/dist': 'dist'}`); the longest prefix wins.
 * @param {number} [options.port] 0 takes a free one.
 * @param {boolean} [options.isolated] COOP and COEP, so that the page has `SharedArrayBuffer`.
 * @param {boolean} [options.cors] Lets pages of any origin read and embed what is served.
 * @param {Record<string, string>} [options.headers] More headers (a CSP), on every answer.
 * @param {Record<string, (request: import('node:http').IncomingMessage,
 *   response: import('node:http').ServerResponse) => unknown>} [options.routes] Answers by exact path,
 *   before any file; a throw answers 500.
 * @returns {Promise<{url: string, close: () => Promise<void>}>} `url` without a closing slash.
 */
export async function serve({
  root,
  port = 0,
  isolated = true,
  cors = false,
  headers = {},
  routes = {},
}) {
  const mounts = Object.entries(typeof root === 'string' ? {'/': root} : root)
    .map(([prefix, folder]) => ({prefix: prefix.replace(/\/*$/, '/'), folder: resolve(folder)}))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const common = {
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    ...(isolated ? isolation : {}),
    ...(cors
      ? {'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin'}
      : {}),
    ...headers,
  };

  const answer = async (request, response) => {
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
    // Not new URL(): it would fold `..` away before it could be refused.
    const path = decode(request.url.replace(/[?#].*$/s, ''));
    if (path === undefined) return end(response, 400, 'Malformed address.');
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route) return route(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return end(response, 405, 'Only GET and HEAD.');
    }
    const file = await find(mounts, path);
    if (!file) return end(response, 404, `Nothing at ${path}.`);
    if (file.folder) {
      response.setHeader('location', `${encodeURI(path)}/`);
      return end(response, 308, 'A folder.');
    }
    response.writeHead(200, {
      'content-type': types[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
      'content-length': file.size,
    });
    if (request.method === 'HEAD') return response.end();
    // A page that leaves in the middle of a download is no fault of the server.
    return pipeline(createReadStream(file.path), response).catch(() => undefined);
  };

  const server = createServer((request, response) => {
    Promise.resolve(answer(request, response)).catch((error) => {
      if (response.headersSent) response.destroy();
      else end(response, 500, String(error));
    });
  });
  await new Promise((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The file of a path, with its size; `folder` where the address lacks its closing slash. */
async function find(mounts, path) {
  for (const {prefix, folder} of mounts) {
    if (!path.startsWith(prefix) && `${path}/` !== prefix) continue;
    const target = resolve(join(folder, path.slice(prefix.length)));
    if (target !== folder && !target.startsWith(folder + sep)) return undefined;
    const found = await stat(target).catch(() => undefined);
    if (found?.isFile()) return {path: target, size: found.size};
    if (!found?.isDirectory()) continue;
    const index = join(target, 'index.html');
    const page = await stat(index).catch(() => undefined);
    if (page?.isFile()) {
      return path.endsWith('/') ? {path: index, size: page.size} : {folder: true};
    }
  }
  return undefined;
}

function decode(path) {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.startsWith('/') && !decoded.includes('\0') ? decoded : undefined;
  } catch {
    return undefined;
  }
}

function end(response, status, text) {
  response.writeHead(status, {'content-type': 'text/plain; charset=utf-8'}).end(`${text}\n`);
}
