import { jest } from '@jest/globals';
import type { LocalStack } from '../../../local/cloud-assembly/local-stack.ts';
import { ConnectionReset, type GatewayCall } from '../../../local/gateway.ts';
import { createFaultSwitch } from '../../../proof/faults/fault-switch.ts';

const functions = ['StartRender', 'CopyToBucket'].map((step) => ({
  logicalId: `${step}1234`,
  name: step,
  arn: `arn:${step}`,
  roleArn: `role:${step}`,
}));
const stack = { functions, stateMachines: [], outputs: { RemotionBucketName: 'remotion' } };
const made = createFaultSwitch({ stack: () => stack as unknown as LocalStack });

const answered = { requestId: '1', payload: Buffer.from('{}') };
const invoke = (functionName: string, next = async () => answered) =>
  made.interceptInvocation({ functionName } as never, next as never);
const call = (step: string, next = async () => ({ status: 200, body: '' })) =>
  made.intercept(
    {
      service: 's3',
      request: {
        principal: { kind: 'role', roleArn: `role:${step}` },
        headers: {},
        method: 'PUT',
        path: '/videos/a.mp4',
        query: new URLSearchParams(),
      },
      authorizations: [{ action: 's3:PutObject', resource: 'arn:aws:s3:::videos/a.mp4' }],
    } as unknown as GatewayCall,
    next as never,
  );

test('there are throttling, an internal error, a reset before and after its effect, and a late answer', () => {
  expect(made.faultKinds.map(({ id }) => id)).toEqual([
    'throttled',
    'internal-error',
    'reset-before',
    'reset-after',
    'late-answer',
  ]);
});

test('a fault happens to the next invocation of its target, once, and says so', async () => {
  made.setFault({ kind: 'throttled', target: 'invocation StartRender' });
  expect(await invoke('CopyToBucket')).toBe(answered);
  expect(made.fault()).not.toHaveProperty('happenedTo');
  await expect(invoke('StartRender')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  expect(made.fault()).toMatchObject({ happenedTo: 'an invocation of StartRender' });
  expect(await invoke('StartRender')).toBe(answered);
});

test('a call that is reset after it took effect has taken effect', async () => {
  const next = jest.fn(async () => ({ status: 200, body: '' }));
  made.setFault({ kind: 'reset-after', target: 'call CopyToBucket' });
  await call('StartRender', next);
  await expect(call('CopyToBucket', next)).rejects.toBeInstanceOf(ConnectionReset);
  expect(next).toHaveBeenCalledTimes(2);
  await call('CopyToBucket', next);
  expect(made.fault()?.happenedTo).toMatch(/of CopyToBucket$/);
});

test('S3 says 503 where others say 429', async () => {
  made.setFault({ kind: 'throttled', target: 'call CopyToBucket' });
  await expect(call('CopyToBucket')).rejects.toMatchObject({ name: 'SlowDown', status: 503 });
});

test('a fault that is switched off happens to nothing; one that is not known is refused', async () => {
  made.setFault({ kind: 'throttled', target: 'invocation StartRender' });
  made.setFault(undefined);
  expect(await invoke('StartRender')).toBe(answered);
  expect(() => made.setFault({ kind: 'fire', target: 'x' })).toThrow('There is no fault "fire"');
});
