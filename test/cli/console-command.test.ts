import { once } from 'node:events';
import { finish } from '../finish.ts';
import { commandOnMachine } from './command-on-machine.ts';

const command = commandOnMachine();

test('console serves the page of the workflow to those who have the link, until Ctrl-C', async () => {
  const child = command.start(['console', '--port', '0', '--json']);
  const finished = finish(child);
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  const { url } = JSON.parse(String(line));
  const { origin, hash } = new URL(url);
  expect(await (await fetch(`${origin}/_console/`)).text()).toContain('<div id="page">');
  const ask = (headers: Record<string, string>) => fetch(`${origin}/_console/api/workflow`, { headers });
  expect((await ask({})).status).toBe(403);
  const workflow = await (await ask({ 'x-console-token': hash.replace('#key=', '') })).json();
  expect(workflow).toMatchObject({
    stateMachineArn: command.on.machine.stack.outputs.StateMachineArn,
    endpoint: command.on.machine.endpoint,
    graph: { startAt: 'ReadRequest' },
  });
  expect(workflow).not.toHaveProperty('machine');

  const { port } = new URL(url);
  const second = await command.run('console', '--port', port);
  expect(second).toMatchObject({ status: 2, stderr: expect.stringContaining(`--port: ${port} is in use`) });

  child.kill('SIGINT');
  const { status, stderr } = await finished;
  expect({ status, stderr }).toEqual({ status: 130, stderr: expect.stringContaining(`✔ Open ${url}`) });
});

test('a port that is none is refused', async () => {
  const { status, stderr } = await command.run('console', '--port', '70000');
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining('Expected a number from 0 to 65535.'),
  });
});
