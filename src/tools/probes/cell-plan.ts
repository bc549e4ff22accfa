/** What of the usual walls stands around a start. */
export type Walls = 'strict' | 'read-only' | 'plain';

/** A container in which a probe runs. */
export interface CellPlan {
  readonly image: string;
  /** In place of ENTRYPOINT and CMD; undefined: the image's own. */
  readonly program: readonly [string, ...string[]] | undefined;
  /** In place of CMD; undefined: the image's own. */
  readonly args: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly walls: Walls;
  /** Where it is not the engine's own: that of an image that only an emulator runs. */
  readonly platform: string | undefined;
  /** The run's nonce, under which post finds it, and the probes' own label. */
  readonly labels: Readonly<Record<string, string>>;
}

const mebibyte = 1024 * 1024;
const tmp = { '/tmp': `mode=1777,exec,size=${256 * mebibyte}` };

/** The body of the engine's `POST /containers/create`. */
export function planCreation({
  image,
  program,
  args,
  env,
  walls,
  labels,
}: CellPlan): Readonly<Record<string, unknown>> {
  const [entrypoint, ...rest] = program ?? [];
  return {
    Image: image,
    ...(entrypoint === undefined ? {} : { Entrypoint: [entrypoint], Cmd: rest }),
    ...(entrypoint === undefined && args !== undefined ? { Cmd: args } : {}),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    AttachStdout: true,
    AttachStderr: true,
    // asked by us when its turn has come
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'none',
      Init: false,
      Memory: 1024 * mebibyte,
      MemorySwap: 1024 * mebibyte,
      PidsLimit: 256,
      // half of what another container of the machine gets
      CpuShares: 512,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
      Tmpfs: tmp,
      ReadonlyRootfs: walls !== 'plain',
      ...(walls === 'strict' ? { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] } : {}),
    },
  };
}
