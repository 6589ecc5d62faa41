import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where a sentence is cut: the start of it tells which it is. */
const LENGTH = 100;

/** Stands for what is filled into a sentence. */
const HOLE = '{}';

const CODE_OF_RENDERS = [
  ['@remotion/serverless', 'dist/**/*.js'],
  ['@remotion/serverless-client', 'dist/*.js'],
  ['@remotion/renderer', 'dist/**/*.js'],
  ['@remotion/studio', 'dist/renderEntry.js'],
  ['remotion', 'dist/cjs/validation/*.js'],
] as const;

/** Parts of the client's one file that a start, a launch or a renderer comes through. */
const PARTS_OF_CLIENT = [
  'aws-provider',
  'call-lambda-async',
  'call-lambda-streaming',
  'call-lambda-sync',
  'check-credentials',
  'convert-to-serve-url',
  'get-service-client',
  'head-file',
  'make-lambda-payload',
  'read-file',
  'render-media-on-lambda',
  'validate-lambda-codec',
  'validate-serveurl',
  'write-file',
];

/** Files that neither a start nor a render runs: other commands, the command line, downloads of a browser. */
const OTHER_BUSINESS = [
  /dist\/esm\//,
  /serverless\/dist\/(info|handlers\/(compositions|progress|still))\.js$/,
  /serverless-client\/dist\/(get-or-create-bucket|get-custom-out-name|validate-bucket-name)\.js$/,
  /renderer\/dist\/(check-version-requirements|ensure-browser|get-port|get-silent-parts|get-video-metadata)\.js$/,
  /renderer\/dist\/(prepare-server|probe-encoder|render-still|repro|serve-static|get-local-browser-executable)\.js$/,
  /renderer\/dist\/(render-partitions|chalk\/index|serve-handler\/[^/]+|browser\/(BrowserFetcher|extract-zip-archive))\.js$/,
  /renderer\/dist\/options\/(?!audio-codec|color-space|gop-size|offthreadvideo-cache-size|video-codec|video-image-format|x264-preset)/,
  /cjs\/validation\/(validate-folder-name|validation-spring-duration)\.js$/,
];

/** Every sentence that the installed Remotion can make an error of in a start or a render, cut at 100 characters. */
export function remotionSentences(): string[] {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string) => dirname(require.resolve(`${name}/package.json`));
  const files = CODE_OF_RENDERS.flatMap(([name, pattern]) =>
    globSync(join(folderOf(name), pattern)).filter((file) => !OTHER_BUSINESS.some((each) => each.test(file))),
  );
  const client = readFileSync(join(folderOf('@remotion/lambda-client'), 'dist/esm/index.mjs'), 'utf8');
  const code = [...files.map((file) => readFileSync(file, 'utf8')), ...partsOfClient(client)];
  const sentences = code.flatMap(errorTexts).map(cut);
  return [...new Set(sentences)].filter((sentence) => /\w/.test(sentence)).sort();
}

/** The client is one file, in which a comment names the file that a part came from. */
function partsOfClient(client: string): string[] {
  const parts = client.split(/^\/\/ (?=\S+\.[a-z]+$)/m);
  const named = PARTS_OF_CLIENT.map((name) => parts.filter((part) => part.startsWith(`src/${name}.ts\n`)));
  const missing = PARTS_OF_CLIENT.filter((_name, index) => named[index]?.length === 0);
  if (missing.length > 0) throw new Error(`Remotion's client has no part ${missing.join(', ')} any more.`);
  return named.flat();
}

function cut(sentence: string): string {
  const [line = ''] = sentence.trim().split('\n');
  return line.slice(0, LENGTH).trim();
}

/**
 * The first argument of every `new …Error(`, or what was declared under its name.
 */
function errorTexts(code: string): string[] {
  return [...code.matchAll(/new \w*Error\(/g)].map(({ index, 0: match }) => {
    const start = index + match.length;
    const [name] = /^\w+(?=\))/.exec(code.slice(start, start + 50)) ?? [];
    const declared = name === undefined ? -1 : code.lastIndexOf(`const ${name} = `, start);
    return firstArgument(code, declared < 0 ? start : declared + `const ${name} = `.length);
  });
}

/** The literals of an expression, with holes where there is something else. Those of a list are lines. */
function firstArgument(code: string, start: number): string {
  const isList = /^\s*\[/.test(code.slice(start, start + 20));
  const own = isList ? 1 : 0;
  let text = '';
  let depth = 0;
  for (let at = start; at < code.length; at += 1) {
    const char = code.charAt(at);
    if ('"\'`'.includes(char)) {
      const literal = readLiteral(code, at);
      if (depth === own) text += literal.text;
      at = literal.end;
    } else if ('([{'.includes(char)) depth += 1;
    else if (depth > 0 && ')]}'.includes(char)) {
      depth -= 1;
      if (isList && depth === 0) break;
    } else if (depth === 0 && '),;'.includes(char)) break;
    else if (isList && depth === own && char === ',') text += '\n';
    else if (depth === own && !/[\s+]/.test(char) && !text.endsWith(HOLE)) text += HOLE;
  }
  return text;
}

function readLiteral(code: string, start: number): { text: string; end: number } {
  const quote = code.charAt(start);
  let text = '';
  for (let at = start + 1; at < code.length; at += 1) {
    const char = code.charAt(at);
    if (char === quote) return { text, end: at };
    if (char === '\\') {
      at += 1;
      text += code.charAt(at) === 'n' ? '\n' : code.charAt(at);
    } else if (quote === '`' && code.startsWith('${', at)) {
      text += HOLE;
      at = endOfHole(code, at + 2);
    } else text += char;
  }
  throw new Error('A literal does not end.');
}

/** Where the brace is that ends a hole of a template. */
function endOfHole(code: string, start: number): number {
  let depth = 1;
  for (let at = start; at < code.length; at += 1) {
    const char = code.charAt(at);
    if ('"\'`'.includes(char)) at = readLiteral(code, at).end;
    else if (char === '{') depth += 1;
    else if (char === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('A template does not end.');
}
