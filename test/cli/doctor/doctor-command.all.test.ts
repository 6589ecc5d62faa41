import { finish } from '../../finish.ts';
import { commandOnMachine } from '../command-on-machine.ts';

const command = commandOnMachine();
const { run } = command;

test('doctor --render finds a whole stack in order, and proves it by a frame that it says the cost of', async () => {
  const { status, stdout, stderr } = await run('doctor', '--render');
  expect({ status, stderr }).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^✔ \d+ ok, 4 skipped\n$/),
  });
  expect(stdout).toMatch(/^ok {7}remotion-version {4}function and client have 4\.0\.\d+$/m);
  expect(stdout).toMatch(/^ok {7}composition {9}HelloWorld$/m);
  expect(stdout).toMatch(/^ok {7}render {14}frame 0 of HelloWorld, \d+ kB, for \$0\.0000\d+:$/m);
  const tooLong = stdout.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '));
  expect(tooLong).toEqual([]);
});

test('the frame is rendered with the props of a file', async () => {
  const props = command.requestFile('props', { failAtFrame: 0 });
  const failed = await run('doctor', '--render', '--props', props);
  expect(failed.status).toBe(1);
  expect(failed.stdout).toMatch(/^fail {5}render {14}HelloWorld: /m);
  const list = command.requestFile('list', []);
  expect(await run('doctor', '--props', list)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/--props: .*list\.json holds no JSON object/),
  });
});

test('a composition that the site does not have, or that cannot be rendered, fails, with 1 as exit status', async () => {
  const { status, stdout } = await run('doctor', '--render', '--composition', 'Invoice', '--json');
  expect(status).toBe(1);
  const results = JSON.parse(stdout).checks.filter(({ status }: { status: string }) => status === 'fail');
  expect(results).toEqual([
    {
      name: 'composition',
      status: 'fail',
      found: 'the site has no composition "Invoice", but HelloWorld',
      remedy: expect.any(String),
    },
    {
      name: 'render',
      status: 'fail',
      found: expect.stringContaining('Invoice'),
      remedy: expect.stringContaining('Remotion Studio'),
    },
  ]);
});

test('without credentials it says so alone', async () => {
  const { status, stdout, stderr } = await finish(
    command.start(['doctor'], { AWS_ACCESS_KEY_ID: undefined }),
  );
  expect(status).toBe(1);
  expect(stdout).toMatch(/^fail {5}credentials {9}There are no AWS credentials/);
  expect(stdout.split('\n').filter((line) => /^\w/.test(line))).toHaveLength(1);
  expect(stderr).toMatch(/^✖ 1 fail, \d+ skipped, because of credentials\n$/);
});
