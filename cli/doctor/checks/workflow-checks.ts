import { VERSION } from '../../../statemachine/version.ts';
import { nameOf } from '../../find-state-machine.ts';
import { type Check, type Finding, fail, ok, warn, worstOf } from '../check.ts';
import { functionsIn, type WorkflowFacts } from '../workflow-facts.ts';

const DEPLOY = 'Deploy the stack again (npx cdk deploy).';

/** The state machine and the functions of its steps. */
export const workflowChecks: readonly Check[] = [
  {
    name: 'workflow',
    about: 'The stack is deployed, and its version is that of this command.',
    permissions: [
      'states:ListStateMachines',
      'states:DescribeStateMachine',
      'lambda:GetFunctionConfiguration',
    ],
    first: true,
    async run(facts) {
      const { stateMachineArn = '', status } = await facts.machine();
      const name = nameOf(stateMachineArn);
      if (status !== 'ACTIVE')
        return fail(`${name} is ${status}`, 'It is being deleted: deploy the stack anew.');
      if (!(await facts.stepArns()).StartRender)
        return fail(
          `${name} is no render workflow: it has no step StartRender`,
          'Name the right one (--state-machine-arn): the output "StateMachineArn" of the stack.',
        );
      const { Environment } = await facts.step('StartRender').catch((error: Error) => {
        // The check of the steps tells which are not there.
        if (error.name === 'ResourceNotFoundException') return { Environment: undefined };
        throw error;
      });
      if (!Environment) return fail(`${name} is there, and its function StartRender is not`, DEPLOY);
      const { workflowVersion } = await facts.settings();
      if (workflowVersion === VERSION) return ok(`version ${VERSION}: ${name}`);
      return warn(
        workflowVersion === undefined
          ? `older than this command, which has ${VERSION}: ${name}`
          : `version ${workflowVersion}, and this command has ${VERSION}: ${name}`,
        `${DEPLOY.slice(0, -1)}, or use the command of the stack's version.`,
      );
    },
  },
  {
    name: 'steps',
    about: 'The functions of the steps are there and can be invoked.',
    permissions: ['lambda:GetFunctionConfiguration'],
    async run(facts) {
      return stateOf(facts, await facts.stepArns());
    },
  },
  {
    name: 'batch',
    about: 'The functions of the state machine of batches are there and can be invoked, if there is one.',
    permissions: [
      'states:ListStateMachines',
      'states:DescribeStateMachine',
      'lambda:GetFunctionConfiguration',
    ],
    async run(facts) {
      const definition = await facts.batchDefinition();
      if (definition === undefined) return ok('the stack has none (renderBatch)');
      return stateOf(facts, functionsIn(JSON.parse(definition)));
    },
  },
  {
    name: 'licence',
    about: 'Which licence key of Remotion the workflow reports uses with.',
    permissions: [],
    async run(facts) {
      const { licenseKey } = await facts.settings();
      if (licenseKey === undefined)
        return ok('no key: right for individuals and companies of up to three people');
      if (licenseKey.trim() !== licenseKey || licenseKey === '' || licenseKey.startsWith('arn:'))
        return fail(
          'what is set as remotionLicenseKey is no key',
          'Set it to a key as remotion.pro shows it, and deploy again.',
        );
      return ok('a key is set');
    },
  },
];

/** Whether functions, by the names of their steps, are there. */
async function stateOf(facts: WorkflowFacts, arns: Readonly<Record<string, string>>): Promise<Finding> {
  const names = Object.keys(arns);
  const findings = Object.entries(arns).map(async ([name, arn]) => {
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } =
      await facts.functionConfiguration(arn);
    if (State !== undefined && !['Active', 'Inactive'].includes(State))
      return fail(`${name} is ${State}: ${StateReason}`, DEPLOY);
    if (LastUpdateStatus === 'Failed')
      return fail(`the last update of ${name} failed: ${LastUpdateStatusReason}`, DEPLOY);
    return ok(`${names.length} functions: ${names.join(', ')}`);
  });
  const missing = findings.map((finding, i) =>
    finding.catch((error: Error) => {
      if (error.name !== 'ResourceNotFoundException') throw error;
      return fail(`the function of ${names[i]} is not there`, DEPLOY);
    }),
  );
  return worstOf(await Promise.all(missing));
}
