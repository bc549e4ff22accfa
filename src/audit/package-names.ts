/** Programs that build and install, and nothing that runs in production. */
const tools = new Set([
  'pip',
  'setuptools',
  'wheel',
  'build',
  'uv',
  'poetry',
  'poetry-core',
  'pdm',
  'pipenv',
  'hatch',
  'hatchling',
  'flit',
  'pip-tools',
  'virtualenv',
  'maturin',
  'cython',
  'scikit-build-core',
  'meson-python',
  'ninja',
  'cmake',
  'pybind11',
  'cffi',
  'conda-lock',
  'pipx',
  'poetry-plugin-export',
]);

/** Whether a name, with or without a version, is that of a tool. */
export function isTool(name: string): boolean {
  return tools.has(normalizeName(/^[\w.-]+/.exec(name)?.[0] ?? ''));
}

/** Whether what is to be installed can only ever be one version. */
export function isExact(name: string): boolean {
  return /===?\s*[^*,]+$|\$/.test(name) || /@.*[0-9a-f]{40}/.test(name);
}

/** As all spellings of a name are one (packaging.python.org, "Name normalization"). */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
