import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/** A package that is inlined in a file: its comment, with name and version, and the function that evaluates it. */
const INLINED_PACKAGE =
  /^\/\/ \S*\/\.bun\/[^/\s]*@(?<version>[\d.]+)[^/\s]*\/node_modules\/(?<name>(?:@[^/\s]+\/)?[^/\s]+)\/dist-cjs\/index\.js\nvar (?<load>require_\w+) = __commonJS\(/gm;

/** A top-level statement that evaluates a module and keeps it under a name. */
const EVALUATED_MODULE =
  /^(?:var|const) (?<name>\w+) = (?<module>(?:__toESM\()?(?:(?<load>require_\w+)\(\)|require\((["'])[^"']+\4\))(?:, 1\))?);$/gm;

/**
 * esbuild plugin for functions that start quickly. What a function loads but does not use costs more than
 * everything that it does use, in two packages whose files are not made for leaving parts out:
 *
 * - Remotion's client inlines six clients of the AWS SDK, which are evaluated when it is loaded. Those that are
 *   installed in the same version are taken from there, where esbuild leaves out what is not used, and the
 *   function has one S3 client and not two.
 * - In it and in the X-Ray SDK, what else a file loads at its top is loaded when it is first used.
 *
 * A client of the AWS SDK describes all its operations in one file; only those that are used stay.
 *
 * And Node's own HTTP modules come by `require`: an `import` of them reads all their properties, one of which
 * loads the whole of fetch.
 */
export const lazyModules: Plugin = {
  name: 'lazy-modules',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@remotion[\\/]lambda-client[\\/]dist[\\/]esm[\\/]index\.mjs$/ },
      async ({ path }) => ({
        ...(await rewrite(path, (text) => loadOnFirstUse(shareInlinedPackages(text, installedVersion)))),
        // The client depends on nothing: from its own folder an app's other version would be found, or none.
        resolveDir: import.meta.dirname,
      }),
    );
    build.onLoad({ filter: /[\\/]aws-xray-sdk-core[\\/]dist[\\/].*\.js$/ }, (file) =>
      rewrite(file.path, loadOnFirstUse),
    );
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/].*[\\/]dist-es[\\/].*[\\/]?schemas_\d+\.js$/ }, (file) =>
      rewrite(file.path, dropUnusedSchemas),
    );
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === 'require-call' ? undefined : { path: path.replace('node:', ''), namespace: 'required' },
    );
    build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('node:${path}');`,
    }));
  },
};

async function rewrite(path: string, change: (text: string) => string) {
  return { contents: change(await readFile(path, 'utf8')), loader: 'js' as const };
}

/**
 * Replaces packages that are inlined in a file by imports of the installed ones, where the versions are the same.
 *
 * @throws Error `UnknownClientShape` when no inlined package is found: the rewrite has to be looked at again.
 */
export function shareInlinedPackages(
  text: string,
  versionOf: (packageName: string) => string | undefined,
): string {
  const inlined = [...text.matchAll(INLINED_PACKAGE)].map(({ groups = {} }) => groups);
  if (inlined.length === 0) {
    const error = new Error(
      "@remotion/lambda-client does not inline the AWS SDK in the way that stacks/bundling/lazy-modules.ts knows; compare its dist/esm/index.mjs with the patterns there, or take the plugin's first rule out.",
    );
    error.name = 'UnknownClientShape';
    throw error;
  }
  const installed = new Map(
    inlined
      .filter(({ name = '', version }) => versionOf(name) === version)
      .map(({ load, name }) => [load, name]),
  );
  return text
    .replaceAll(EVALUATED_MODULE, (statement, ...rest) => {
      const { name, load } = rest.at(-1) as Record<string, string>;
      return installed.has(load) ? `import * as ${name} from '${installed.get(load)}';` : statement;
    })
    .replaceAll(/^(var require_\w+ = )(?=__commonJS\()/gm, '$1/* @__PURE__ */ ');
}

/** Makes the modules that a file evaluates at its top be evaluated at their first use, where all uses are `name.…`. */
export function loadOnFirstUse(text: string): string {
  const lazy: string[] = [];
  const rest = text.replaceAll(EVALUATED_MODULE, '');
  const changed = text.replaceAll(EVALUATED_MODULE, (statement, ...groups) => {
    const { name = '', module } = groups.at(-1) as Record<string, string>;
    const uses = rest.match(new RegExp(`(?<![\\w$.])${name}(?![\\w$])`, 'g'))?.length;
    if (uses !== rest.match(memberOf(name))?.length) return statement;
    lazy.push(name);
    return `let ${name}$loaded; const ${name}$load = () => ${name}$loaded ??= ${module};`;
  });
  return lazy.reduce((result, name) => result.replaceAll(memberOf(name), `${name}$load().`), changed);
}

/** Lets esbuild leave out the schemas that nothing uses: it takes their computed names for calls that may matter. */
export function dropUnusedSchemas(text: string): string {
  return text.replaceAll(
    /^((?:export )?var \w+\$? = )(\[.*\]|\[.*[^;]\n[\s\S]*?^\]);$/gm,
    '$1/* @__PURE__ */ (() => $2)();',
  );
}

function memberOf(name: string): RegExp {
  return new RegExp(`(?<![\\w$.])${name}\\.(?=[A-Za-z_$])`, 'g');
}

function installedVersion(packageName: string): string | undefined {
  try {
    return require(`${packageName}/package.json`).version;
  } catch {
    return undefined;
  }
}
