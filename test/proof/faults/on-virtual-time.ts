/** Programs on virtual time, which takes a process for good. The argument says which; each prints what came out. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { REQUEST_ID } from '../../../proof/faults/open-requests.ts';
import { installVirtualTime } from '../../../proof/faults/virtual-time.ts';

const HOUR = 3_600_000;
const realTimer = globalThis.setTimeout;
const reallyWait = (milliseconds: number) => new Promise<void>((resolve) => realTimer(resolve, milliseconds));

const { clock, waitInRequest } = installVirtualTime({ standstillAfter: 500 });
const began = clock.now();
const seconds = () => Math.round((clock.now() - began) / 1000);

async function serve(answer: (request: http.IncomingMessage) => Promise<void>): Promise<number> {
  const server = http.createServer(async (request, response) => {
    await text(request);
    await answer(request);
    response.end('answered');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function ask(options: http.RequestOptions, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', ...options }, (response) => resolve(text(response)));
    request.on('error', reject);
    if (request.getHeader('expect')) request.on('continue', () => request.end(body));
    else request.end(body);
  });
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  async 'more requests than connections'() {
    const port = await serve(({ headers }) =>
      waitInRequest(headers[REQUEST_ID] as string, () => clock.sleep(HOUR)),
    );
    const agent = new http.Agent({ maxSockets: 1, keepAlive: true });
    await Promise.all([ask({ port, agent }), ask({ port, agent }), ask({ port, agent })]);
  },
  async 'a request that asks first'() {
    const port = await serve(() => reallyWait(50));
    const body = 'a large object';
    const headers = { expect: '100-continue', 'content-length': body.length };
    const asked = ask({ port, method: 'PUT', headers }, body).then(() => seconds());
    await Promise.all([asked.then((at) => console.log(`answered after ${at} s`)), sleep(HOUR)]);
  },
  async 'a request that asks first, and its server waits'() {
    const port = await serve(({ headers }) =>
      waitInRequest(headers[REQUEST_ID] as string, () => clock.sleep(HOUR)),
    );
    await ask({ port, method: 'PUT', headers: { expect: '100-continue' } });
  },
  async 'a request by address and options'() {
    const port = await serve(({ headers }) =>
      waitInRequest(headers[REQUEST_ID] as string, () => clock.sleep(HOUR)),
    );
    const address = `http://127.0.0.1:${port}/`;
    await new Promise((resolve) => {
      http.request(new URL(address), { method: 'PUT' }, (response) => resolve(text(response))).end();
    });
    await new Promise((resolve) => {
      http.request(address, (response) => resolve(text(response))).end();
    });
  },
  async 'a connection that is closed without an answer'() {
    const port = await serve(async (request) => void request.socket.destroy());
    await ask({ port }).catch(({ code }) => console.log(code));
    await clock.sleep(HOUR);
  },
  async 'a request without an answer'() {
    const port = await serve(() => new Promise(() => {}));
    await Promise.all([ask({ port, path: '/renders/?list-type=2' }), clock.sleep(HOUR)]);
  },
};

await programs[process.argv[2] ?? '']?.();
console.log(`${seconds()} s have passed`);
process.exit();
