import { createHash } from 'node:crypto';

/** A UUID of version 3: the same for the same name, as AWS names what belongs to a Map. */
export function nameBasedUuid(name: string): string {
  const bytes = createHash('md5').update(name).digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x30, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
