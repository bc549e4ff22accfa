/** Node's own network modules, loaded when they are first used: an `import` of node:http reads each of its lazy exports, and with them
 * loads all of undici (15 to 20 ms, measured); node:https and node:tls cost about as much and are often not needed at all. */
export const network = {
  get http(): typeof import('node:http') {
    return process.getBuiltinModule('node:http');
  },
  get https(): typeof import('node:https') {
    return process.getBuiltinModule('node:https');
  },
  get http2(): typeof import('node:http2') {
    return process.getBuiltinModule('node:http2');
  },
  get tls(): typeof import('node:tls') {
    return process.getBuiltinModule('node:tls');
  },
} as const;
