import type { LoggedCall } from '../../local/aws.ts';
import { matchesPattern } from '../../local/iam/pattern.ts';

/** Calls that are refused, and that their caller does without. */
const TOLERATED = [
  {
    role: 'StartRender',
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::*/renders/*/out.*',
    why: "Remotion's client may ask for the output of the render that is joined; refused, it goes by the progress",
  },
];

/** Why a refused call does no harm, if it does none. */
export function whyTolerated({ principal, action, resource }: LoggedCall): string | undefined {
  return TOLERATED.find(
    (call) =>
      principal.includes(call.role) && action === call.action && matchesPattern(call.resource, resource),
  )?.why;
}
