import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const BIOME = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
const ROOT = join(import.meta.dirname, '..');

/** What `npm run lint` says of files with these imports. */
function lint(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rooms-'));
  try {
    cpSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
    for (const [file, specifier] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `import { it } from '${specifier}';\n\nexport const that = it;\n`);
    }
    const { stdout, stderr } = spawnSync(process.execPath, [BIOME, 'lint', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  [
    'statemachine/it.ts',
    '../functions/render/render-claims.ts',
    'statemachine/ is the contract of all rooms',
  ],
  ['statemachine/it.ts', '@aws-sdk/client-s3', 'statemachine/ imports no AWS code'],
  ['functions/start-render/it.ts', '../copy-to-bucket/copy-plan.ts', 'A step imports no other step'],
  ['functions/render/it.ts', '../start-render/claim-job.ts', 'functions/render/ is used by several steps'],
  ['functions/runtime/it.ts', '../render/find-render.ts', 'functions/runtime/ is what every function has'],
  ['functions/render/it.ts', '../../local/aws.ts', 'functions/ is deployed'],
  ['stacks/grants/it.ts', '../../proof/faults/cell.ts', 'stacks/ is what a user installs'],
  ['cli/it.ts', '../functions/runtime/measure.ts', 'cli/ is what a user installs'],
  ['local/iam/it.ts', '../../permissions/read-policies.ts', 'local/ runs the stack'],
  ['permissions/it.ts', '../proof/permissions/needed.ts', 'what shows a claim belongs into proof/'],
  ['proof/faults/it.ts', '../../bench/prices.ts', 'proof/ imports no bench/'],
  ['bench/it.ts', '../bin/faults.ts', 'bench/ imports no bin/'],
])('%s may not import %s, and lint says where it belongs', (file, specifier, message) => {
  expect(lint({ [file]: specifier })).toContain(message);
});

test('two files that import each other are refused', () => {
  expect(lint({ 'local/a.ts': './b.ts', 'local/b.ts': './a.ts' })).toContain('noImportCycles');
});

test('imports that run down are taken', () => {
  const printed = lint({
    'functions/start-render/it.ts': '../render/find-render.ts',
    'functions/render/it.ts': '../runtime/measure.ts',
    'stacks/ways-in/it.ts': '../../functions/runtime/metric-definitions.ts',
    'local/it.ts': '../stacks/bundling/bundle-functions.ts',
    'proof/permissions/it.ts': '../../permissions/read-policies.ts',
    'bin/it.ts': '../bench/prices.ts',
  });
  expect(printed).toContain('No fixes applied');
  expect(printed).not.toContain('lint/');
});
