import { defineConfig } from 'rolldown';

/** Node's own modules, taken without `import`: that reads each of their lazy exports, and with them loads what nobody asked for (worker
 * threads, streams; 20 ms at start, measured). */
const builtins = {
  name: 'builtins',
  renderChunk: (code) => {
    const taken = code.replace(
      /^import (?:(?:\* as )?([\w$]+)|(\{[^}]+\})) from ("[^"]+");$/gm,
      (_, name, names, module) =>
        `const ${name ?? names.replaceAll(' as ', ': ')} = process.getBuiltinModule(${module});`,
    );
    const [left] = /^import\b.*$/m.exec(taken) ?? [];
    if (left !== undefined) throw new Error(`an import is left in the bundle: ${left}`);
    return taken;
  },
};

/** Octokit is told how to make its requests, and so takes node's own fetch: undici, which @actions/github has for its own, would be a third
 * of the file for nothing (10 ms at start, measured). */
const noUndici = {
  name: 'no-undici',
  resolveId: (source) => (source === 'undici' ? '\0undici' : undefined),
  load: (id) => (id === '\0undici' ? 'export const { fetch } = globalThis; export class ProxyAgent {}' : undefined),
};

/** One self-contained file per entry: what `action.yml` names is all that the runner needs.
 * @actions/core imports an OIDC client, and with it an HTTP client, that Slipway never calls: these packages only declare things when they
 * are imported, so the bundler may drop what is unused. */
const entry = (name) =>
  defineConfig({
    input: `src/${name}.ts`,
    platform: 'node',
    moduleTypes: { '.py': 'text' },
    plugins: [builtins, noUndici],
    treeshake: {
      moduleSideEffects: [{ test: /node_modules\/@actions\/(core|http-client)\//, sideEffects: false }],
    },
    output: {
      file: `${process.env.SLIPWAY_DIST ?? 'dist'}/${name}.mjs`,
      format: 'esm',
      codeSplitting: false,
      minify: false,
    },
  });

export default [entry('main'), entry('post')];
