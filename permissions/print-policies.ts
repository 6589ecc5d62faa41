import type { PolicyStatement } from '../local/aws.ts';
import { type ExercisedBy, whyNotExercised } from './exercised-by.ts';
import {
  type ExplainedPolicies,
  type ExplainedRole,
  type ExplainedStatement,
  grantsOf,
  list,
} from './explained-statement.ts';

type Display = ExplainedPolicies['display'];

/** One table per role, and one of the resource policies, in Markdown. */
export function printPolicies(policies: ExplainedPolicies, exercisedBy: ExercisedBy): string {
  const { roles, statements, display } = policies;
  const grants = grantsOf(policies);
  const shownBy = (explained: ExplainedStatement): string => {
    const own = grants.filter((grant) => grant.explained === explained);
    const why = own.map(whyNotExercised).find((reason) => reason !== undefined);
    if (why) return `not here: ${why}`;
    return [...new Set(own.map(({ name }) => exercisedBy[name] ?? 'nothing'))].join('; ');
  };
  const sections = roles.map((role) => {
    const rows = statements
      .filter(({ kind, holderArn }) => kind === 'role' && holderArn === role.arn)
      .map((explained) => [...cells(explained, display), origin(explained), shownBy(explained)]);
    const head = ['may', 'on', 'if', 'because', "from Remotion's statement", 'shown by'];
    return `## ${role.name}\n\n${describeTrust(role, display)}\n\n${table(head, rows)}`;
  });
  const attached = statements
    .filter(({ kind }) => kind === 'resource policy')
    .map((explained) => {
      const [may = '', , condition = '', why = ''] = cells(explained, display);
      const { Effect, Principal } = explained.statement;
      return [
        code(explained.holder),
        `${Effect} ${principals(Principal, display)}`,
        may,
        condition,
        why,
        Effect === 'Allow' ? shownBy(explained) : '',
      ];
    });
  const resources = `## Resource policies\n\n${table(['of', 'effect for', 'to do', 'if', 'because', 'shown by'], attached)}`;
  return `${[...sections, resources].join('\n\n')}\n`;
}

function cells({ statement, why }: ExplainedStatement, display: Display): string[] {
  return [
    list(statement.Action).map(code).join(', '),
    list(statement.Resource)
      .map((resource) => code(display(resource)))
      .join(', '),
    conditions(statement, display),
    why ?? 'NO REASON GIVEN',
  ];
}

function conditions({ Condition = {} }: PolicyStatement, display: Display): string {
  return Object.entries(Condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(
        ([key, values]) => `${operator} ${code(key)} ${[values].flat().map(display).map(code).join(' or ')}`,
      ),
    )
    .join(', ');
}

/** How much of the published statement is left. */
function origin({ from, statement }: ExplainedStatement): string {
  if (!from) return '';
  const actions = `${list(statement.Action).length} of its ${from.actions.length} actions`;
  return `${from.sid}: ${actions}, this in place of ${from.resources.map(code).join(', ')}`;
}

function describeTrust({ trust, boundaryArn }: ExplainedRole, display: Display): string {
  const who = trust.map((statement) => {
    const condition = conditions(statement, display);
    return `Assumed by ${principals(statement.Principal, display)}${condition && ` if ${condition}`}.`;
  });
  return [...who, ...(boundaryArn ? [`Bounded by ${code(boundaryArn)}.`] : [])].join(' ');
}

function principals(principal: unknown, display: Display): string {
  if (typeof principal === 'string') return code(principal);
  return Object.values(principal as Record<string, string | string[]>)
    .flat()
    .map((name) => code(display(name)))
    .join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
