import { join } from 'node:path';
import { type Declaration, type DeclaredMember, readDeclarations } from './read-declarations.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Section {
  readonly title: string;
  readonly text: string;
  /** Files with the names that are shown of them; of the contract all. */
  readonly files: readonly (readonly [file: string, ...names: string[]])[];
}

const SECTIONS: readonly Section[] = [
  {
    title: 'The constructs',
    text: "`import { RemotionRenderer, RenderWorkflow } from 'remotion-step-functions'`",
    files: [
      ['stacks/render-workflow.ts', 'RenderWorkflow'],
      ['stacks/render-workflow-props.ts', 'RenderWorkflowProps', 'DestinationHeaders'],
      ['stacks/grants/encryption-keys.ts', 'EncryptionKeys'],
      ['stacks/renderer/remotion-renderer.ts', 'RemotionRenderer'],
      ['stacks/renderer/renderer-props.ts', 'RemotionRendererProps', 'RendererKeys'],
      ['stacks/renderer/renderer-size.ts', 'RendererSize'],
      ['stacks/renderer/renderer-function.ts', 'RendererNetwork'],
      ['stacks/renderer/site-address.ts', 'SiteAccess'],
      ['stacks/renderer/remotion-package.ts', 'LayersPreset'],
    ],
  },
  {
    title: 'The contract',
    text: "`import type { RenderRequest, RenderResult } from 'remotion-step-functions/contract'`. Events have [JSON Schemas](events.md), and errors [remedies](errors.md).",
    files: [
      ['statemachine/contract.ts'],
      [
        'statemachine/batch-contract.ts',
        ...['BatchRequest', 'Stopping', 'BatchForecast', 'ExpectedCost', 'RowProblem'],
        ...['BatchCounts', 'BatchSummary', 'RowResult', 'RowStatus'],
      ],
    ],
  },
];

/** The page of everything that the package exports, from the docstrings. */
export function referencePage(): string {
  const sections = SECTIONS.map(({ title, text, files }) =>
    [`## ${title}`, text, ...files.flatMap(([file, ...names]) => chosen(file, names).map(declaration))].join(
      '\n\n',
    ),
  );
  return `# Reference\n\nMade from the docstrings by \`npm run api\`.\n\n${sections.join('\n\n')}\n`;
}

/** @throws Error naming a declaration that the file does not have. */
function chosen(file: string, names: readonly string[]): Declaration[] {
  const all = readDeclarations(join(ROOT, file));
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((each) => each.name === name);
    if (!found) throw new Error(`${file} exports no ${name}`);
    return found;
  });
}

function declaration({ name, text, type, members, extends: parents }: Declaration): string {
  const paragraphs = [`### ${name}`, text];
  if (type) paragraphs.push(`\`${type}\``);
  if (parents.length > 0)
    paragraphs.push(`With the fields of ${parents.map((each) => `\`${each}\``).join(', ')}.`);
  if (members.length > 0) paragraphs.push(table(members));
  return paragraphs.filter(Boolean).join('\n\n');
}

function table(members: readonly DeclaredMember[]): string {
  const hasDefaults = members.some((member) => member.default !== undefined);
  const rows = members.map((member) => [
    `\`${member.name}\`${member.isRequired ? '' : '?'}`,
    `\`${member.type}\``,
    member.text,
    ...(hasDefaults ? [member.default?.replace(/^- /, '') ?? ''] : []),
  ]);
  const heading = ['name', 'type', 'meaning', ...(hasDefaults ? ['default'] : [])];
  return [heading, heading.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
