import { readFileSync } from 'node:fs';
import { parse } from '@babel/parser';

/** A field or a method of a declaration. */
export interface DeclaredMember {
  readonly name: string;
  /** As in the source. */
  readonly type: string;
  readonly isRequired: boolean;
  /** Its docstring without tags, on one line. */
  readonly text: string;
  /** What `@default` says; undefined where it says nothing. */
  readonly default: string | undefined;
}

/** An exported interface, type or class, as its source has it. */
export interface Declaration {
  readonly name: string;
  readonly text: string;
  /** Names of the interfaces that it extends. */
  readonly extends: readonly string[];
  readonly members: readonly DeclaredMember[];
  /** Of a type that has no members: the type. */
  readonly type: string | undefined;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly leadingComments?: readonly { readonly value: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: each kind of node has fields of its own.
  readonly [field: string]: any;
}

/** The exported declarations of a file, in their order. Private members and constructors are left out. */
export function readDeclarations(file: string): Declaration[] {
  const source = readFileSync(file, 'utf8');
  const { program } = parse(source, { sourceType: 'module', plugins: ['typescript'], attachComment: true });
  const textOf = (node: Node) => oneLine(source.slice(node.start, node.end));

  function member(node: Node): DeclaredMember {
    const { text, tags } = docstring(node);
    const isMethod = node.type === 'ClassMethod';
    const type = isMethod
      ? `(${node.params.map(textOf).join(', ')})${node.returnType ? textOf(node.returnType) : ''}`
      : textOf(node.typeAnnotation.typeAnnotation);
    return { name: node.key.name, type, isRequired: !node.optional, text, default: tags.default };
  }

  return (program.body as unknown as Node[])
    .filter(({ type, declaration }) => type === 'ExportNamedDeclaration' && declaration?.id)
    .flatMap((statement): Declaration[] => {
      const { declaration } = statement;
      const shared = { name: declaration.id.name, text: docstring(statement).text, type: undefined };
      switch (declaration.type) {
        case 'TSInterfaceDeclaration': {
          const parents = (declaration.extends ?? []).map(textOf);
          return [{ ...shared, extends: parents, members: declaration.body.body.map(member) }];
        }
        case 'ClassDeclaration': {
          const isShown = (node: Node) =>
            ['ClassProperty', 'ClassMethod'].includes(node.type) &&
            !node.accessibility &&
            !node.static &&
            node.kind !== 'constructor';
          return [{ ...shared, extends: [], members: declaration.body.body.filter(isShown).map(member) }];
        }
        case 'TSTypeAliasDeclaration': {
          const { typeAnnotation } = declaration;
          const literal = [typeAnnotation, ...(typeAnnotation.types ?? [])].find(
            ({ type }: Node) => type === 'TSTypeLiteral',
          );
          const members = (literal?.members ?? []).map(member);
          const others = (typeAnnotation.types ?? []).filter((part: Node) => part !== literal).map(textOf);
          return [
            literal
              ? { ...shared, extends: others, members }
              : { ...shared, extends: [], members, type: textOf(typeAnnotation) },
          ];
        }
        default:
          return [];
      }
    });
}

/** The docstring right before a node: its text, and its tags by their names. */
function docstring({ leadingComments = [] }: Node): { text: string; tags: Record<string, string> } {
  const comment = leadingComments.at(-1)?.value ?? '';
  if (!comment.startsWith('*')) return { text: '', tags: {} };
  const [text = '', ...tagged] = comment
    .replace(/^\*/, '')
    .replaceAll(/\n\s*\* ?/g, '\n')
    .split(/(?<=^|\s)@(?=[a-z]+\b)/);
  const tags = tagged.map((tag) => /^(\w+)\s*([\s\S]*)$/.exec(tag)?.slice(1) ?? []);
  return {
    text: oneLine(text),
    tags: Object.fromEntries(tags.map(([name, value = '']) => [name, oneLine(value)])),
  };
}

function oneLine(text: string): string {
  return text
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
