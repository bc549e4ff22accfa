/** Whether words are those of a storage without room: of Linux, as text or as Go's JSON has its number (distribution 2.8), of a quota
 * (Harbor), of an S3 that is full (MinIO). */
export function saysFull(words: string): boolean {
  return full.test(words);
}

const full =
  /no space left on device|disk quota exceeded|"Err":(?:28|122)\b|StorageFull|exceed the configured upper limit/i;

/** The way out where it is a registry's. */
export const fullRegistryHint =
  'this is not the runner’s disk: delete images in the registry and let it collect its garbage, or raise its quota, then run this again; what has arrived is not sent twice';
