/** Version of this package: of the workflow that it deploys, and of the command. */
export const VERSION = '0.1.0';
