/**
 * Reads environment variables that a function cannot work without.
 *
 * @throws Error `MissingEnvironmentVariable`, naming every variable that is not set. Call it while the module
 * loads, so that a wrong deployment fails at init and not in the middle of a render.
 */
export function requireEnvironment<const Name extends string>(...names: Name[]): Record<Name, string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    const error = new Error(`The function needs the environment variable ${missing.join(' and ')}.`);
    error.name = 'MissingEnvironmentVariable';
    throw error;
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as Record<Name, string>;
}
