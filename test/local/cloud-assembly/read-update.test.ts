import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CustomResource, type Stack } from 'aws-cdk-lib/core';
import { readUpdate } from '../../../local/cloud-assembly/read-update.ts';
import { functionWithRole, handlerFolder, synthesize, temporaryFolder } from './synthesize.ts';

const folder = temporaryFolder();
const handler = handlerFolder(folder.path);
afterAll(() => folder.remove());

const update = (before: (stack: Stack) => void, after: (stack: Stack) => void) =>
  readUpdate(synthesize(folder.path, before), synthesize(folder.path, after), {
    endpoint: 'http://127.0.0.1:1',
  });

/** A function that stays and changes, and one that another replaces, each with a custom resource. */
const version = (name: string, memorySize: number) => (stack: Stack) => {
  const kept = functionWithRole(stack, 'Kept', handler, { memorySize });
  functionWithRole(stack, name, handler);
  new CustomResource(stack, `${name}Site`, { serviceToken: kept.functionArn, resourceType: 'Custom::Site' });
};

test('what is new is made first, then all else is changed, and what is gone is deleted last', () => {
  const { created, changed, final, toCreate, toDelete } = update(version('Old', 128), version('New', 256));
  const described = ({ functions }: typeof final) =>
    functions.map(({ logicalId, memorySizeInMb }) => `${logicalId.slice(0, 3)} ${memorySizeInMb}`).sort();
  expect(described(created)).toEqual(['Kep 128', 'New 128', 'Old 128']);
  expect(described(changed)).toEqual(['Kep 256', 'New 128', 'Old 128']);
  expect(described(final)).toEqual(['Kep 256', 'New 128']);
  expect(toCreate.map(({ logicalId }) => logicalId.slice(0, 7))).toEqual(['NewSite']);
  expect(toDelete.map(({ logicalId }) => logicalId.slice(0, 7))).toEqual(['OldSite']);
});

test('a change that is not made here is refused by name', () => {
  const queues =
    (...ids: string[]) =>
    (stack: Stack) => {
      for (const id of ids) new Queue(stack, id);
    };
  expect(() => update(queues('One'), queues('One', 'Two'))).toThrow(
    expect.objectContaining({
      name: 'UnsupportedTemplate',
      message: "Resources: a change of the stack's queues is not supported",
    }),
  );
});
