import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { LOCAL_REGION } from '../../local/aws.ts';
import { exportWaysIn } from '../../local/describe-ways-in.ts';
import { testMachine } from '../end-to-end/test-machine.ts';
import { finish } from '../finish.ts';
import { runInApp } from '../package/consumer-app.ts';
import { packedPackage } from '../package/packed-package.ts';
import { commandBlocks, howRun, ROOT } from './command-blocks.ts';

jest.setTimeout(600_000);

const run = (how: ReturnType<typeof howRun>) => commandBlocks().filter((block) => howRun(block) === how);
const hasAwsCli = spawnSync('aws', ['--version']).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'commands-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('in a new folder, with the packed package alone', () => {
  test.each(run('new folder'))('the commands at $at end in a video and a template', ({ text }) => {
    const tarball = packedPackage(folder);
    const app = mkdtempSync(join(folder, 'app-'));
    writeFileSync(join(app, 'package.json'), '{}');
    const script = text.replace(
      'npm install remotion-step-functions\n',
      `npm install --prefer-offline ${tarball}\n`,
    );
    runInApp(app, process.execPath, 'bash', '-euo', 'pipefail', '-c', script);
    expect(readFileSync(join(app, 'out/hello-world.mp4')).byteLength).toBeGreaterThan(100_000);
    const template = JSON.parse(
      readFileSync(join(app, 'cdk.out/RemotionStepFunctions.template.json'), 'utf8'),
    );
    const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
    expect(types).toContain('AWS::StepFunctions::StateMachine');
    expect(existsSync(join(app, 'examples/hello-world/request.json'))).toBe(true);

    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const [, file = '', code = ''] = /as `(app\.mts)`[^\n]*\n\n```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    writeFileSync(join(app, file), code);
    runInApp(
      app,
      process.execPath,
      'cdk',
      'synth',
      '--quiet',
      '--output',
      'own.out',
      '--app',
      `node ${file}`,
    );
    expect(existsSync(join(app, 'own.out/Videos.template.json'))).toBe(true);
  });
});

describe('in a clone, against one machine', () => {
  const on = testMachine();
  let clone: string;

  beforeAll(() => {
    clone = mkdtempSync(join(folder, 'clone-'));
    for (const name of readdirSync(ROOT))
      if (name !== 'out') symlinkSync(join(ROOT, name), join(clone, name));
  });

  test.each(run('one machine'))('the commands at $at run as they stand', async ({ text }) => {
    if (/^aws |\(aws /m.test(text) && !hasAwsCli) return;
    const { outputs } = on.machine.stack;
    writeFileSync(join(folder, 'outputs.json'), JSON.stringify(outputs));
    const prelude = `output() { node -p "require('${folder}/outputs.json').$1"; }`;
    const script = `${exportWaysIn(outputs)}\n${prelude}\n${text}`;
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: clone, env: environment() });
    const { status, stdout, stderr } = await finish(child);
    expect({ status, printed: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, printed: '' });
  });

  test('what they have started has been rendered', async () => {
    const ended = await on.endedWith('HelloWorld', 3);
    expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 'SUCCEEDED'));
  });

  function environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return {
      PATH: [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), PATH].join(delimiter),
      HOME,
      AWS_ENDPOINT_URL: on.machine.endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_DEFAULT_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'local',
      NODE_OPTIONS: '',
    };
  }
});
