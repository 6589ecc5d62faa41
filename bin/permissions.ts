import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../cli/usage-error.ts';
import { openCloudAssembly } from '../local/cloud-assembly/read-cloud-assembly.ts';
import { EXAMPLE_SETTINGS } from '../permissions/example-settings.ts';
import { readExercisedBy } from '../permissions/exercised-by.ts';
import { checkOtherAccount, ownersPolicies } from '../permissions/other-account.ts';
import { permissionsAsJson } from '../permissions/permissions-as-json.ts';
import { permissionsPage } from '../permissions/permissions-page.ts';
import { readPolicies } from '../permissions/read-policies.ts';

const USAGE = `Prints what every role of the stack may do, and why.

  npm run permissions                     as a page with a table per role (docs/permissions.md)
  npm run permissions -- --json           as one JSON document
  npm run permissions -- --assembly DIR   of what "cdk synth" has written to DIR; else of the stack with example names
  npm run permissions -- --destination BUCKET_ARN --account ID [--role ROLE_ARN] [--key KEY_ARN]
                                          the policy for the owner of a destination bucket in another account:
                                          --account is the account in which the workflow runs,
                                          --role the stack's output CopyToBucketRoleArn, once it is deployed,
                                          --key the key that the bucket is encrypted with

Exit status: 0 printed; 1 the stack cannot be synthesized; 2 the command cannot be used.`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error((error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  const options = parse(argv);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const { destination, account, role, key } = options;
  const owners = Object.entries({ destination, account, role, key }).filter(
    ([, value]) => value !== undefined,
  );
  if (owners.length > 0 && options.json)
    throw new UsageError(`--json and --${owners[0]?.[0]} cannot be used together.`);
  if (owners.length > 0 && (destination === undefined || account === undefined))
    throw new UsageError('--destination and --account are needed together.');

  const other = destination !== undefined &&
    account !== undefined && {
      destination,
      account,
      ...(role !== undefined && { roleArn: role }),
      ...(key !== undefined && { keyArn: key }),
    };
  if (other) checkOtherAccount(other);

  const assembly = options.assembly ?? (await synthesizedExample());
  const policies = readPolicies(assembly);
  if (other) {
    const { name: stackName } = openCloudAssembly(assembly);
    const { bucketPolicy, keyStatement } = ownersPolicies(policies, { ...other, stackName });
    print(`The policy of ${destination}; if it has one already, add the statement to it:`, bucketPolicy);
    if (keyStatement) print(`A statement for the policy of ${key}:`, keyStatement);
  } else if (options.json) {
    console.log(JSON.stringify(permissionsAsJson(policies, readExercisedBy()), null, 2));
  } else {
    process.stdout.write(permissionsPage(policies, readExercisedBy()));
  }
  return 0;
}

async function synthesizedExample(): Promise<string> {
  const { synthesizedApp } = await import('../local/cloud-assembly/synthesize.ts');
  return synthesizedApp(EXAMPLE_SETTINGS);
}

/** What it is goes to stderr, so that stdout can be piped on. */
function print(what: string, policy: object): void {
  console.error(what);
  console.log(JSON.stringify(policy, null, 2));
}

function parse(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'boolean' },
        assembly: { type: 'string' },
        destination: { type: 'string' },
        account: { type: 'string' },
        role: { type: 'string' },
        key: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.assembly !== undefined && !existsSync(join(values.assembly, 'manifest.json')))
      throw new UsageError(`--assembly: there is no cloud assembly (manifest.json) in ${values.assembly}.`);
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
