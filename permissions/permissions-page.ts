import type { ExercisedBy } from './exercised-by.ts';
import type { ExplainedPolicies } from './explained-statement.ts';
import { printPolicies } from './print-policies.ts';

const INTRODUCTION = `# Permissions

Nobody holds a key. Every function, the state machine and each way in that starts executions by itself (a rule, a pipe, an API) has a role of its own. This page is the output of \`npm run permissions\`, made from the synthesized template; \`npm run permissions -- --json\` is the same for machines, \`-- --assembly cdk.out\` the same of your own settings.

- **Derived.** Grants on Remotion's resources come from the [policy that Remotion publishes](https://www.remotion.dev/docs/lambda/permissions) for users of its client and for the role of its functions, narrowed to one function, one bucket and a prefix. One that Remotion's policy does not contain stops the synth (\`NotInRemotionPolicy\`), and a test shows the difference when a new version changes the statements.
- **Needed, sufficient, refused.** \`npm run prove:permissions\` runs the workflow on one machine, with these policies enforced on every call. It takes each grant away and shows the scenario, named under "shown by", that then fails at this role's step; it shows that no call is made outside a grant and no grant is without a call; and it tries for each role what must be refused.
- **\`*\`** is a whole resource only where AWS has no resources for the action. Within a name it stands for what is made up at run time: render ids, object keys.
- **Confused deputies.** Trust policies name this account and the kind of source for Step Functions, EventBridge and its pipes. Lambda sends no source when it assumes an execution role, so that a condition would lock the function out, and API Gateway documents none.

\`<Name>\` is a resource of the stack. For a destination bucket in another account, and for calling Remotion from a function, instance or container of your own, see [Other accounts and compute](other-accounts-and-compute.md).
`;

/** docs/permissions.md. */
export function permissionsPage(policies: ExplainedPolicies, exercisedBy: ExercisedBy): string {
  return `${INTRODUCTION}\n${printPolicies(policies, exercisedBy)}`;
}
