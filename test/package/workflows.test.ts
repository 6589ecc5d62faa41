import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './packed-package.ts';

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  permissions: object;
  jobs: Record<string, { permissions: Record<string, string>; steps: Step[]; needs?: string }>;
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const FILES = globSync('.github/workflows/*.yml', { cwd: ROOT });
const stepsOf = (file: string) =>
  Object.values((parse(read(file)) as Workflow).jobs).flatMap(({ steps }) => steps);
const release: Workflow = parse(read('.github/workflows/release.yml'));
const { version, devDependencies } = JSON.parse(read('package.json'));

test.each(FILES)('%s pins its actions by commit, and says by which release that is', (file) => {
  const uses = read(file).match(/^.*\buses:.*$/gm) ?? [];
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test.each(FILES)('%s has scripts that a shell reads, without a word of the event in them', (file) => {
  for (const { run } of stepsOf(file).filter((step) => step.run)) {
    expect(spawnSync('bash', ['-n', '-c', run as string]).status).toBe(0);
    expect(run).not.toContain('${{');
  }
  expect(existsSync(join(ROOT, '.ci/run'))).toBe(true);
});

test.each(FILES)('%s has the Node.js that is tested, and no permission that a job does not name', (file) => {
  const nodes = stepsOf(file).filter(({ uses }) => uses?.startsWith('actions/setup-node'));
  expect(nodes.map((step) => step.with?.['node-version'])).toEqual(nodes.map(() => devDependencies.node));
  const { permissions, jobs } = parse(read(file)) as Workflow;
  expect(permissions).toEqual({});
  for (const job of Object.values(jobs)) expect(job.permissions).toBeDefined();
});

test('only the job that publishes may speak for the repository, after the tests, and it runs nothing of it', () => {
  const { pack, publish } = release.jobs;
  expect(pack?.permissions).toEqual({ contents: 'read' });
  expect(publish).toMatchObject({ permissions: { 'id-token': 'write' }, needs: 'pack' });
  expect(publish?.steps.some(({ uses }) => uses?.startsWith('actions/checkout'))).toBe(false);
  expect(publish?.steps.flatMap(({ run }) => run ?? [])).toEqual([
    'npm publish --provenance --access public --ignore-scripts ./*.tgz',
  ]);
});

test('a release is of the version that the tag, package.json and the changelog have', () => {
  const check = scriptOf('The tag is the version');
  const status = (tag: string) => runScript(check, ROOT, { GITHUB_REF_NAME: tag });
  expect(status(`v${version}`)).toBe(0);
  expect(status('v9.9.9')).not.toBe(0);
});

test('the published package names the repository that it is published from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    writeFileSync(join(folder, 'package.json'), read('package.json'));
    const repository = 'https://github.example/someone/videos';
    const environment = { GITHUB_SERVER_URL: 'https://github.example', GITHUB_REPOSITORY: 'someone/videos' };
    expect(runScript(scriptOf('The package says'), folder, environment)).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      repository: { type: 'git', url: `git+${repository}.git` },
      bugs: { url: `${repository}/issues` },
      homepage: `${repository}#readme`,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(globSync('.github/ISSUE_TEMPLATE/[!c]*.yml', { cwd: ROOT }))('%s is an issue form', (file) => {
  const form: {
    name: string;
    description: string;
    body: { type: string; id?: string; attributes: object }[];
  } = parse(read(file));
  expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
  const fields = form.body.filter(({ type }) => type !== 'markdown');
  expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  for (const { type, attributes } of fields) {
    expect(['input', 'textarea', 'dropdown', 'checkboxes']).toContain(type);
    expect(attributes).toMatchObject({ label: expect.any(String) });
  }
});

function scriptOf(name: string): string {
  return release.jobs.pack?.steps.find((step) => step.name?.startsWith(name))?.run ?? 'false';
}

/** As GitHub runs it. Source: https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#jobsjob_idstepsshell */
function runScript(script: string, cwd: string, environment: Record<string, string>): number | null {
  return spawnSync('bash', ['-e', '-c', script], { cwd, env: { ...process.env, ...environment } }).status;
}
