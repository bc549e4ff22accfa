import { defineConfig } from 'rolldown';

/** One self-contained file per entry: what `action.yml` names is all that the runner needs.
 * @actions/core imports an OIDC client, and with it all of undici (35 ms at start), that Slipway never calls: these packages
 * only declare things when they are imported, so the bundler may drop what is unused. */
const entry = (name) =>
  defineConfig({
    input: `src/${name}.ts`,
    platform: 'node',
    moduleTypes: { '.py': 'text' },
    treeshake: {
      moduleSideEffects: [{ test: /node_modules\/(@actions\/(core|http-client)|undici)\//, sideEffects: false }],
    },
    output: {
      file: `${process.env.SLIPWAY_DIST ?? 'dist'}/${name}.mjs`,
      format: 'esm',
      codeSplitting: false,
      minify: false,
    },
  });

export default [entry('main'), entry('post')];
