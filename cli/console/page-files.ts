import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'page');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Packages whose modules the page imports by name. */
const MODULES = ['preact', 'preact/hooks', 'htm'] as const;

const addressOf = (name: string) => `./module/${name.replace('/', '-')}.js`;

/** Where the page finds those, beside itself. */
const IMPORT_MAP = JSON.stringify({
  imports: Object.fromEntries(MODULES.map((name) => [name, addressOf(name)])),
});

/** Hash of the one script that stands in the page itself, for the Content-Security-Policy. */
export const IMPORT_MAP_HASH = `sha256-${createHash('sha256').update(IMPORT_MAP).digest('base64')}`;

/** A file as it is served. */
export interface PageFile {
  readonly contentType: string;
  readonly content: string;
}

/**
 * A file of the page; undefined if there is none.
 *
 * @param path Without a leading slash; `''` is the page itself.
 * @param token Written into the page, so that whoever can open it can use it; `''`: the link has it.
 */
export function pageFile(path: string, token: string): PageFile | undefined {
  if (path === '') {
    const content = readFileSync(join(FOLDER, 'index.html'), 'utf8')
      .replace('{ "imports": {} }', () => IMPORT_MAP)
      .replace('<!-- modules -->', preloads)
      .replace('TOKEN', token);
    return { contentType: CONTENT_TYPES['.html'] as string, content };
  }
  const module = MODULES.find((name) => `./${path}` === addressOf(name));
  const contentType = CONTENT_TYPES[extname(path)];
  if (module)
    return { contentType: contentType as string, content: readFileSync(moduleFile(module), 'utf8') };
  if (!contentType || !/^[a-z-]+\.(css|js|svg)$/.test(path)) return undefined;
  try {
    return { contentType, content: readFileSync(join(FOLDER, path), 'utf8') };
  } catch {
    return undefined;
  }
}

/** All modules at once: else a browser learns of each from the one that imports it. */
function preloads(): string {
  const own = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));
  return [...MODULES.map(addressOf), ...own.map((name) => `./${name}`)]
    .map((address) => `<link rel="modulepreload" href="${address}">`)
    .join('');
}

/** The module that browsers take; of htm, Node.js is given another. */
function moduleFile(name: (typeof MODULES)[number]): string {
  const file = createRequire(import.meta.url).resolve(name);
  return name === 'htm' ? join(dirname(file), 'htm.module.js') : file;
}
