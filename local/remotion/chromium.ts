import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder, madeOnce } from '../../stacks/bundling/cache-folder.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

export interface Chromium {
  readonly executablePath: string;
  /** Variables that its process needs. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The machine's own fonts, if it has any, and the Open Sans that comes with the package. */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/**
 * A Chromium that runs on this machine as it is: on Linux x64 the one in `@sparticuz/chromium`, if it is installed,
 * unpacked once into the cache folder, else the one that Remotion downloads once.
 * @throws if it does not start, with what it says
 */
export async function findChromium(): Promise<Chromium> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return remotionsChromium();
  const entryPoint = sparticuzChromium();
  if (!entryPoint) return remotionsChromium();
  const { version } = JSON.parse(await readFile(join(entryPoint, '..', '..', 'package.json'), 'utf8'));
  const folder = await madeOnce(join(cacheFolder(), `chromium-${version}`), (staging) =>
    unpack(entryPoint, staging),
  );
  const executablePath = join(folder, 'chromium');
  const fonts = { FONTCONFIG_FILE: join(folder, 'fonts', 'fonts.conf') };
  if (await starts(executablePath, {})) return { executablePath, environment: fonts };
  // A bare machine lacks NSS and expat; the package brings them.
  const libraries = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') };
  await run(executablePath, ['--version'], { env: libraries });
  return { executablePath, environment: { ...fonts, ...libraries } };
}

function sparticuzChromium(): string | undefined {
  try {
    return require.resolve('@sparticuz/chromium');
  } catch {
    return undefined;
  }
}

async function remotionsChromium(): Promise<Chromium> {
  const { resolve } = createRequire(require.resolve('@remotion/lambda/package.json'));
  const { ensureBrowser } = await import(pathToFileURL(resolve('@remotion/renderer')).href);
  const browser = await ensureBrowser({ logLevel: 'error' });
  if (!('path' in browser))
    throw new Error(`Remotion has no browser for ${process.platform} ${process.arch}`);
  return { executablePath: browser.path, environment: {} };
}

/** The package unpacks into the temporary folder, and its libraries only where it believes to be on Lambda. */
async function unpack(entryPoint: string, folder: string): Promise<void> {
  const code = `(await import(${JSON.stringify(pathToFileURL(entryPoint).href)})).default.executablePath()`;
  await run(process.execPath, ['--input-type=module', '--eval', `await ${code}`], {
    env: { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  });
  await writeFile(join(folder, 'fonts', 'fonts.conf'), FONTS_CONF);
}

async function starts(executablePath: string, env: Record<string, string>): Promise<boolean> {
  return run(executablePath, ['--version'], { env }).then(
    () => true,
    () => false,
  );
}
