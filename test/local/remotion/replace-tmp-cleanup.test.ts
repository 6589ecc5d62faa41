import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MODULE = new URL('../../../local/remotion/replace-tmp-cleanup.ts', import.meta.url).href;
const REMOTION_LAMBDA = dirname(createRequire(import.meta.url).resolve('@remotion/lambda/package.json'));
const FUNCTIONS = join('dist', 'functions');
const CLEANUP = join(FUNCTIONS, 'helpers', 'clean-tmpdir.js');

let folder: string;

/** A copy of what is checked of Remotion's packages, to change. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remotion-copy-'));
  cpSync(join(REMOTION_LAMBDA, FUNCTIONS), join(folder, 'lambda', FUNCTIONS), { recursive: true });
  mkdirSync(join(folder, 'serverless', 'dist'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** In a process of its own, because modules are replaced in it. It calls no clean-up. */
function replaceIn(folder: string, then: string): string {
  const script = `
    import { createRequire } from 'node:module';
    import { replaceTmpCleanup } from ${JSON.stringify(MODULE)};
    const require = createRequire(import.meta.url);
    const folder = ${JSON.stringify(folder)};
    const cleanup = ${JSON.stringify(join(folder, 'lambda', CLEANUP))};
    try {
      replaceTmpCleanup({ lambda: folder + '/lambda', others: [folder + '/serverless'] });
      ${then}
    } catch (error) {
      console.log(error.name + ': ' + error.message);
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return stdout.trim() || stderr;
}

function change(file: string, from: string, to: string) {
  const path = join(folder, 'lambda', file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replaceAll(from, to));
}

it('puts a clean-up that does nothing where the one that empties /tmp would be loaded', () => {
  const loaded = replaceIn(folder, 'console.log(Object.entries(require(cleanup)).join())');
  expect(loaded).toBe('deleteTmpDir,() => {}');
});

it.each<[string, () => void, RegExp]>([
  [
    'a second file that names /tmp',
    () => writeFileSync(join(folder, 'lambda', FUNCTIONS, 'helpers', 'wipe.js'), "rmSync('/tmp/x')"),
    /files that name \/tmp: .*wipe\.js/,
  ],
  [
    'another package that names /tmp',
    () => writeFileSync(join(folder, 'serverless', 'dist', 'inner.js'), 'rmSync(`/tmp`)'),
    /inner\.js names \/tmp/,
  ],
  ['a clean-up that has moved', () => rmSync(join(folder, 'lambda', CLEANUP)), /files that name \/tmp/],
  [
    'a clean-up with another export',
    () => change(CLEANUP, 'exports.deleteTmpDir = deleteTmpDir;', 'exports.wipe = deleteTmpDir;'),
    /exports .*exports\.wipe/,
  ],
  [
    'a clean-up that is called in another way',
    () =>
      change(join(FUNCTIONS, 'aws-server-implementation.js'), '(0, clean_tmpdir_1.deleteTmpDir)()', 'wipe()'),
    /does not call deleteTmpDir/,
  ],
])('refuses %s', (_, makeChange, reason) => {
  makeChange();
  const refusal = replaceIn(folder, 'console.log("replaced")');
  expect(refusal).toMatch(/^RemotionInternalsChanged: Remotion's function is not run: /);
  expect(refusal).toMatch(reason);
});

it('refuses a clean-up that is loaded already', () => {
  expect(replaceIn(folder, 'replaceTmpCleanup({ lambda: folder + "/lambda", others: [] })')).toMatch(
    /^RemotionInternalsChanged: .* is loaded already/,
  );
});

it("does not load Remotion's function outside of Node's permission model", () => {
  const module = new URL('../../../local/remotion/function.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then(() => console.log('loaded'), (error) => console.log(error.message))`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(stdout.trim()).toBe("Remotion's function empties /tmp: it runs under Node's permission model only");
});
