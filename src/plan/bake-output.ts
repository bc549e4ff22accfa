import { escapeTemplate, quoteCsvField } from './bake-text.ts';
import type { BuildRequest } from './build-request.ts';

/** The same media types on every builder, whatever is its default: the digest depends on them. */
const kept = 'type=image,oci-mediatypes=true';

/** Where the image goes: into a folder as files rather than one tar, so that each blob can be sent by itself. */
export function planTo({ delivery, name, layout, sendsTo }: BuildRequest): object {
  switch (delivery) {
    case 'by-engine':
      return { tags: [name], output: ['type=docker'] };
    case 'by-builder':
      return sendsTo === undefined ? { output: [`${kept},push=false`] } : planPushTo(sendsTo.name);
    case 'by-folder':
      return { output: [escapeTemplate(['type=oci', 'tar=false', `dest=${layout}`].map(quoteCsvField).join(','))] };
  }
}

/** Into a repository, by digest and without a tag. */
export function planPushTo(name: string): object {
  return { output: [`${kept},name=${name},push-by-digest=true,name-canonical=true,push=true`] };
}

export function planInline({ inline }: BuildRequest['cache']): object {
  return inline ? { 'cache-to': ['type=inline'] } : {};
}
