import { requireSupportedApp } from '../../stacks/require-supported-app.ts';

test.each(['18.20.8', '20.10.0'])(
  'Node.js %s is refused by name, with the version that is needed',
  (node) => {
    expect(() => requireSupportedApp(node)).toThrow(
      expect.objectContaining({
        name: 'UnsupportedNodeVersion',
        message: `RenderWorkflow needs Node.js 20.11 or later; this is ${node}.`,
      }),
    );
  },
);

test.each(['20.11.0', '22.0.0', process.versions.node])('Node.js %s is taken', (node) => {
  expect(() => requireSupportedApp(node)).not.toThrow();
});
