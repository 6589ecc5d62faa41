import type { NeededResult } from './needed.ts';
import type { RefusedResult } from './refused.ts';

/** One line for a grant that was taken away. */
export function describeNeeded(result: NeededResult, display: (text: string) => string): string {
  switch (result.kind) {
    case 'needed':
      return [
        `✔ ${result.grant.name}`,
        `    without it, ${result.scenario.name}: ${display(result.failure)}`,
        `    AccessDenied: ${display(`${result.denied.principal} ${result.denied.action} ${result.denied.resource}`)}`,
      ].join('\n');
    case 'not exercised':
      return `- ${result.grant.name}\n    not exercised here: ${result.why}`;
    case 'not needed':
      return `✖ ${result.grant.name}\n    every scenario works without it`;
  }
}

/** A table of attempts and roles: `refused`, or what the role was answered; empty where it is the role's step. */
export function refusedTable(results: readonly RefusedResult[]): string {
  const roles = [...new Set(results.map(({ role }) => role))];
  const attempts = [...new Set(results.map(({ what }) => what))];
  const cell = (what: string, role: string): string => {
    const result = results.find((each) => each.what === what && each.role === role);
    if (!result) return '';
    return result.refused ? 'refused' : `✖ ${result.answer}`;
  };
  const rows = attempts.map((what) => [what, ...roles.map((role) => cell(what, role))]);
  const widths = ['attempt', ...roles].map((head, i) =>
    Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(['attempt', ...roles]), rule, ...rows.map(line)].join('\n');
}
