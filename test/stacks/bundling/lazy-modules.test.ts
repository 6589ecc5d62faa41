import {
  dropUnusedSchemas,
  loadOnFirstUse,
  shareInlinedPackages,
} from '../../../stacks/bundling/lazy-modules.ts';

const inlined = (name: string, version: string, load: string) =>
  `// ../../node_modules/.bun/${name.replace('/', '+')}@${version}/node_modules/${name}/dist-cjs/index.js\nvar ${load} = __commonJS((exports) => {\n  exports.Client = class {};\n});\n`;

describe('packages that are inlined', () => {
  const text = [
    inlined('@aws-sdk/client-s3', '3.986.0', 'require_s3'),
    inlined('@aws-sdk/client-iam', '3.986.0', 'require_iam'),
    'var S3SDK = __toESM(require_s3(), 1);\nvar iam = __toESM(require_iam(), 1);\nvar clientS3 = require_s3();\n',
  ].join('');

  test('are taken from where they are installed in the same version, and stay where they are not', () => {
    const shared = shareInlinedPackages(text, (name) => (name.endsWith('s3') ? '3.986.0' : '3.987.0'));
    expect(shared).toContain("import * as S3SDK from '@aws-sdk/client-s3';");
    expect(shared).toContain("import * as clientS3 from '@aws-sdk/client-s3';");
    expect(shared).toContain('var iam = __toESM(require_iam(), 1);');
    expect(shared).toContain('var require_s3 = /* @__PURE__ */ __commonJS(');
  });

  test('that cannot be found stop the bundling by name: the client has changed', () => {
    expect(() => shareInlinedPackages('export {};', () => undefined)).toThrow(
      expect.objectContaining({ name: 'UnknownClientShape' }),
    );
  });
});

describe('a module at the top of a file', () => {
  const run = (text: string) => {
    const loaded: string[] = [];
    const load = (name: string) => {
      loaded.push(name);
      return { value: 7, add: (n: number) => n + 1 };
    };
    return { result: new Function('require', text)(load), loaded };
  };

  test('is loaded when it is first used, and only once', () => {
    const text = "var a = require('a');\nvar b = require('b');\nreturn () => a.add(a.value);";
    const { result, loaded } = run(loadOnFirstUse(text));
    expect(loaded).toEqual([]);
    expect([result(), result()]).toEqual([8, 8]);
    expect(loaded).toEqual(['a']);
  });

  test.each([
    ['is passed on whole', "var a = require('a');\nreturn [a, a.value];"],
    ['is called', "var a = require('a');\nreturn () => a();"],
    ['is hidden by a variable of its name', "var a = require('a');\nreturn (a) => a.value;"],
  ])('is loaded at once where it %s', (_what, text) => {
    expect(loadOnFirstUse(text)).toBe(text);
  });
});

test('schemas mean the same and can be left out', () => {
  const text =
    'var __Unit = "unit";\nexport var A$ = [3, n0, "A",\n    { [_e]: 1 },\n    [() => B$], 2\n];\nexport var B$ = [1, "B"];\nexport const C = 1;';
  expect(dropUnusedSchemas(text)).toBe(
    'var __Unit = "unit";\nexport var A$ = /* @__PURE__ */ (() => [3, n0, "A",\n    { [_e]: 1 },\n    [() => B$], 2\n])();\nexport var B$ = /* @__PURE__ */ (() => [1, "B"])();\nexport const C = 1;',
  );
});
