import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTEXT_NAMES } from '../../stacks/context-settings.ts';
import { finish } from '../finish.ts';
import { synthesize } from '../stacks/synthesize.ts';
import { commandBlocks, files, howRun, ROOT } from './command-blocks.ts';

const blocks = commandBlocks();
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const found = (pattern: RegExp) =>
  blocks.flatMap(({ at, text }) => [...text.matchAll(pattern)].map(([, name = '']) => ({ at, name })));
const unknown = (names: { at: string; name: string }[], known: readonly string[]) =>
  names.filter(({ name }) => !known.includes(name));

test('there are commands of every kind', () => {
  expect(new Set(blocks.map(howRun))).toEqual(new Set(['new folder', 'one machine', 'checked']));
});

test('none that deploys is run', () => {
  const deploying = blocks.filter(({ text }) => /\b(cdk deploy|verify:aws)\b/.test(text));
  expect(deploying.map(howRun)).toEqual(deploying.map(() => 'checked'));
  expect(deploying.length).toBeGreaterThan(1);
});

test.each(blocks)('a shell reads the commands at $at', ({ text }) => {
  expect(spawnSync('bash', ['-n', '-c', text]).stderr.toString()).toBe('');
});

test('the npm scripts that they name are there', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const known = [...Object.keys(scripts), 'ci', 'cit', 'init', 'install', 'pack'];
  expect(unknown(found(/\bnpm (?:run )?(?:-s )?([\w:]+)/g), known)).toEqual([]);
});

test('the outputs that they name are those of the stack', () => {
  const template = synthesize({ renderQueue: 'true', renderApi: 'true', renderBatch: 'true' });
  const outputs = Object.keys(template.findOutputs('*'));
  expect(unknown(found(/\$\(output (\w+)\)/g), outputs)).toEqual([]);
});

test('the settings that they give are settings, each of which docs/settings.md has', () => {
  expect(unknown(found(/ -c (\w+)=/g), CONTEXT_NAMES)).toEqual([]);
  const rows = read('docs/settings.md').match(/^\| `.*?(?= \| )/gm) ?? [];
  const documented = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(documented.sort()).toEqual([...CONTEXT_NAMES].sort());
});

test('the versions that they install are those that are tested', () => {
  const { devDependencies } = JSON.parse(read('package.json'));
  const wrong = blocks.flatMap(({ text }) =>
    [...text.matchAll(/ ((?:@[\w-]+\/)?[\w-]+)@([\d^][\w.]*)/g)].filter(
      ([, name = '', version]) =>
        devDependencies[name] !== version?.replace('^', '') && version !== '^0.28.0',
    ),
  );
  expect(wrong.map(([text]) => text)).toEqual([]);
});

test('the files that they read are there, where they are not of the reader', () => {
  const named = blocks
    .filter((block) => howRun(block) !== 'checked')
    .flatMap(({ text }) => files(text))
    .filter((file) => !existsSync(join(ROOT, file)));
  expect(named).toEqual([]);
});

test('the command has the subcommands and the options that they use', async () => {
  const uses = blocks.flatMap(({ at, text }) =>
    [
      ...text
        .replaceAll('\\\n', ' ')
        .matchAll(/npx remotion-step-functions (\w+)((?: (?!#|\||&).*?)?)(?=$|#|'| {3})/gm),
    ].map(([, name = '', rest = '']) => ({ at, name, options: rest.match(/--[a-z-]+/g) ?? [] })),
  );
  const names = [...new Set(uses.map(({ name }) => name))].filter((name) => name !== 'app');
  const help = new Map(await Promise.all(names.map(async (name) => [name, await helpOf(name)] as const)));
  const wrong = uses.filter(
    ({ name, options }) =>
      name !== 'app' && !options.every((option) => new RegExp(`${option}\\b`).test(help.get(name) ?? '')),
  );
  expect(wrong).toEqual([]);
  expect(names.length).toBeGreaterThan(4);
});

async function helpOf(name: string): Promise<string> {
  const cli = join(ROOT, 'bin/remotion-step-functions.js');
  const args =
    name === 'batch' ? [['batch'], ['batch', 'status'], ['batch', 'stop'], ['batch', 'retry']] : [[name]];
  const printed = await Promise.all(
    args.map((words) => finish(spawn(process.execPath, [cli, ...words, '--help'], { cwd: ROOT }))),
  );
  expect(printed.map(({ status }) => status)).toEqual(args.map(() => 0));
  return printed.map(({ stdout }) => stdout).join('');
}
