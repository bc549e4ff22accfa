import type { Brand } from '../model/brand.ts';
import type { BytecodePlan } from '../model/bytecode.ts';
import type { Repository } from '../model/image-ref.ts';
import type { Platform } from '../model/platform.ts';
import type { CachePlan } from './cache-plan.ts';
import type { Delivery } from './delivery.ts';

/** The name under which an image lies in the engine's store alone: unique to the run, and no registry can have it. */
export type LocalName = Brand<string, 'LocalName'>;

/** Where the value of a build secret comes from: a variable in the builder's own environment, or a file that is read
 * when its RUN starts (a copy, then: the work tree may have changed by that time). */
export type SecretSource =
  | { readonly kind: 'variable'; readonly id: string; readonly variable: string }
  | { readonly kind: 'file'; readonly id: string; readonly path: string };

/** What the compile step is asked for. */
export interface BytecodeRequest extends BytecodePlan {
  /** Folders in which `python3` is looked for after the image's PATH. */
  readonly places: readonly string[];
  /** A folder of this run's own, where `report.json` goes. */
  readonly reportFolder: string;
}

/** Everything that decides what is built. Paths are absolute; maps keep the user's order; empty means not given. */
export interface BuildRequest {
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  /** The stage whose build is the test; `undefined` where there is none. */
  readonly testTarget: string | undefined;
  readonly args: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  /** Name to absolute path, `docker-image://…` or git URL, as build-contexts takes it. */
  readonly contexts: ReadonlyMap<string, string>;
  readonly secrets: readonly SecretSource[];
  readonly ssh: readonly string[];
  readonly platforms: readonly Platform[];
  readonly annotations: readonly string[];
  readonly addHosts: ReadonlyMap<string, string>;
  readonly network: string | undefined;
  readonly shmSize: string | undefined;
  readonly ulimits: readonly string[];
  /** Entitlements: `network.host`, `security.insecure`, `device=…`. */
  readonly allow: readonly string[];
  readonly pull: boolean;
  readonly noCache: boolean;
  readonly noCacheFilters: readonly string[];
  /** `type=provenance,mode=max`, `type=sbom`; none by default: each gives every build a new digest. */
  readonly attestations: readonly string[];
  /** Committer time in seconds since 1970: SOURCE_DATE_EPOCH, unless `args` set it. */
  readonly commitTime: number;
  readonly cache: CachePlan;
  readonly builder: string | undefined;
  readonly delivery: Delivery;
  /** Where the builder sends the image in the solve that makes it, by digest and without a tag; undefined: it keeps it until the verdict. */
  readonly sendsTo: Repository | undefined;
  /** Whether each platform is solved by itself, on the node of the builder that has it, and the index is made here. */
  readonly perPlatform: boolean;
  readonly name: LocalName;
  /** A folder of this run's own, where an image that is delivered `by-folder` goes as an OCI layout. */
  readonly layout: string;
  /** Undefined: the image ships as its Dockerfile makes it. */
  readonly bytecode: BytecodeRequest | undefined;
}
