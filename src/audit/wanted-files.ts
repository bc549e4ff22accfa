type Row = readonly [RegExp, number];

/** What was asked to be installed. */
const asked: readonly Row[] = [
  [/\/(?:[^/]*requirements[^/]*|constraints[^/]*)\.(?:txt|in)$|\/requirements\/[^/]+\.txt$/, 1_000_000],
  [/\/(?:pyproject\.toml|setup\.cfg|setup\.py|Pipfile|environment\.ya?ml|package\.json)$/, 256_000],
  [/\/(?:uv\.lock|poetry\.lock|pdm\.lock|pylock(?:\.[^/]+)?\.toml|Pipfile\.lock)$/, 4_000_000],
];

/** Which files' text rules ask for, and how much of each is kept, in bytes. One list for all rules, since an image is read once, before
 * any of them knows its configuration: a rule that needs another file adds a row. */
const rows: readonly Row[] = [
  // what is installed
  [/^\/var\/lib\/dpkg\/(?:status$|status\.d\/[^/]+$)/, 16_000_000],
  [/^(?:\/usr)?\/lib\/apk\/db\/installed$/, 16_000_000],
  [/\.dist-info\/METADATA$|\.egg-info(?:\/PKG-INFO)?$/, 128_000],
  [/\.dist-info\/(?:INSTALLER|REQUESTED|WHEEL|direct_url\.json|entry_points\.txt|top_level\.txt)$/, 16_000],
  // users, and the distribution
  [/^\/etc\/(?:passwd|group|shadow|gshadow|sudoers|nsswitch\.conf|debian_version|alpine-release)$/, 256_000],
  [/^\/(?:etc|usr\/lib)\/os-release$/, 16_000],
  [
    /^\/etc\/(?:sudoers\.d|ld\.so\.conf\.d|apt\/sources\.list\.d)\/[^/]+$|^\/etc\/(?:ld\.so\.conf|apt\/sources\.list)$/,
    16_000,
  ],
  [/^\/etc\/ld-musl-[^/]+\.path$|^\/etc\/apk\/repositories$/, 16_000],
  // Python
  [/\/pyvenv\.cfg$|\/(?:site|dist)-packages\/[^/]+\.pth$/, 16_000],
  [/\/include\/python3\.\d+\/patchlevel\.h$/, 16_000],
  // where credentials are kept
  [
    /\/(?:\.netrc|_netrc|\.pypirc|pip\.conf|pip\.ini|uv\.toml|auth\.toml|\.condarc|\.npmrc|\.yarnrc|\.yarnrc\.yml)$/,
    64_000,
  ],
  [
    /\/(?:\.git-credentials|\.gitconfig|\.git\/config|\.dockercfg|\.docker\/config\.json|\.kube\/config|kubeconfig)$/,
    64_000,
  ],
  [/\/\.aws\/(?:credentials|config)$|\/(?:\.pgpass|\.my\.cnf|\.htpasswd|\.s3cfg|\.boto|\.vault-token)$/, 64_000],
  [/\/(?:application_default_credentials|credentials|secrets?|service[-_]account[^/]*)\.(?:json|ya?ml|toml)$/, 64_000],
  [/\/\.env(?:\.[^/]+)?$|\/[^/]+\.env$/, 64_000],
  [/\/id_(?:rsa|dsa|ecdsa|ed25519)(?:_[^/.]+)?$|\.(?:pem|key|ppk)$/, 64_000],
  ...asked,
];

/** Files of the application that say how it starts; in the system's own folders nobody asks for them. */
const start =
  /\.(?:sh|bash)$|\/[^/]*entry-?point[^/]*$|\/(?:Procfile|supervisord\.conf|crontab|uwsgi\.(?:ini|ya?ml)|gunicorn[^/]*\.py|(?:manage|wsgi|asgi|app|main|settings|celery|__main__)\.py)$/;
const system =
  /^\/(?:usr\/(?!local\/(?:bin|sbin)\/|src\/)|lib\/|lib64\/|var\/lib\/|etc\/(?!cron))|\/(?:site|dist)-packages\/|\/lib\/python3/;

/** How many bytes of a file's text are kept; 0: none. */
export function wantedText(path: string): number {
  const row = rows.find(([pattern]) => pattern.test(path));
  if (row !== undefined) return row[1];
  return start.test(path) && !system.test(path) ? 64_000 : 0;
}

/** How many bytes of a file of the build context are read; 0: none. */
export function wantedOfContext(path: string): number {
  return asked.find(([pattern]) => pattern.test(path))?.[1] ?? (start.test(path) ? 64_000 : 0);
}

/** Of a script: its text, whatever its name. */
export const longestScript = 64_000;

/** Whether a file may be a program, a library or a script: its first bytes tell. */
export function mayRun(path: string, mode: number): boolean {
  return (mode & 0o111) !== 0 || /\.so(?:\.[\d.]+)?$/.test(path);
}
