import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { readExercisedBy, whyNotExercised } from '../../permissions/exercised-by.ts';
import { type ExplainedPolicies, grantsOf, list } from '../../permissions/explained-statement.ts';
import { permissionsAsJson } from '../../permissions/permissions-as-json.ts';
import { permissionsPage } from '../../permissions/permissions-page.ts';
import { RENDERER_SCENARIOS } from '../../proof/permissions/renderer-scenarios.ts';
import { SCENARIOS } from '../../proof/permissions/scenarios.ts';
import { examplePolicies } from './synthesized.ts';

jest.setTimeout(60_000);

let policies: ExplainedPolicies;
beforeAll(async () => {
  policies = await examplePolicies();
});

test('docs/permissions.md is what npm run permissions prints; "npm run -s permissions > docs/permissions.md" renews it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/permissions.md'), 'utf8');
  expect(page).toBe(permissionsPage(policies, readExercisedBy()));
});

test('every statement of every policy has a reason', () => {
  const without = policies.statements
    .filter(({ why }) => !why || why.length < 20)
    .map(({ holder, statement }) => `${holder}: ${list(statement.Action)}`);
  expect(without).toEqual([]);
});

test('every grant names the scenario that fails without it; "npm run prove:permissions -- --write" finds it', () => {
  const exercisedBy = readExercisedBy();
  const scenarios = [...SCENARIOS, ...RENDERER_SCENARIOS].map(({ name }) => name);
  const without = grantsOf(policies).filter(
    (grant) => !whyNotExercised(grant) && !scenarios.includes(exercisedBy[grant.name] ?? ''),
  );
  expect(without.map(({ name }) => name)).toEqual([]);
  const names = grantsOf(policies).map(({ name }) => name);
  expect(Object.keys(exercisedBy).filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('every grant on what is Remotion’s says which published statement it was narrowed from', () => {
  const onRemotion = grantsOf(policies).filter(
    ({ explained, resource }) =>
      explained.kind === 'role' &&
      // The site is ours to upload; Remotion's own command does it with the key of a person.
      explained.holder !== 'DeploySite' &&
      /^<Remotion (bucket|function)>/.test(policies.display(resource)),
  );
  expect(onRemotion.length).toBeGreaterThan(10);
  // What Distributed Map writes in parts: Remotion's policy has nothing about that.
  const ofRemotion = onRemotion.filter(({ resource }) => !resource.endsWith('/map-runs/*'));
  for (const { explained, action } of ofRemotion) expect(explained.from?.actions).toContain(action);
});

test('a whole "*" is a resource of logs and X-Ray only, whose actions have none', () => {
  const everything = grantsOf(policies).filter(({ resource }) => resource === '*');
  expect(everything.filter(({ action }) => !/^(logs|xray):/.test(action))).toEqual([]);
});

test('for machines there is every grant, one by one', () => {
  const { roles } = permissionsAsJson(policies, readExercisedBy()) as {
    roles: { role: string; grants: { action: string; resource: string }[] }[];
  };
  expect(roles.map(({ role }) => role)).toEqual([
    'AwaitRenders',
    'Remotion',
    'DeploySite',
    'AwaitTurn',
    'StartRender',
    'GetRenderProgress',
    'CopyToBucket',
    'CancelRender',
    'StateMachine',
    'RenderRequested',
    'SweepRenders',
    'RenderQueuePipe',
    'RenderApi',
    'RenderBatchPrepareBatch',
    'RenderBatchAdmitRow',
    'RenderBatchRecordRow',
    'RenderBatchFollowBatch',
    'RenderBatchSummarizeBatch',
    'RenderBatchStateMachine',
  ]);
  expect(roles.find(({ role }) => role === 'CopyToBucket')?.grants).toContainEqual({
    action: 's3:PutObject',
    resource: '<Videos>/*',
    condition: { StringEquals: { 'aws:ResourceAccount': '<account>' } },
    why: expect.stringContaining('destination bucket'),
    remotionStatement: null,
    exercisedBy: expect.any(String),
  });
});

test('a boundary shows at every role', async () => {
  const permissionsBoundaryArn = 'arn:aws:iam::aws:policy/PowerUserAccess';
  const { roles } = await examplePolicies({ permissionsBoundaryArn });
  expect(roles.length).toBeGreaterThan(5);
  for (const { boundaryArn } of roles) expect(boundaryArn).toBe(permissionsBoundaryArn);
});
