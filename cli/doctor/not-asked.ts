/** Thrown by a check that cannot be made here, whatever the permissions: says why. */
export class NotAsked extends Error {}
