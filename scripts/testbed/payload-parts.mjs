// What the payloads of most events have in common.

/** @typedef {{ name: string, payload: any, ref: string, sha: string, headRef: string, baseRef: string }} GitHubEvent what runAction wants to know of an event (`event` is {name, payload}) */

export const REPOSITORY = 'octo-org/app';

/** @param {string} fullName @param {{ id?: number, fork?: boolean, defaultBranch?: string }} [options] */
export function repositoryObject(fullName = REPOSITORY, { id = 100200300, fork = false, defaultBranch = 'main' } = {}) {
  const [login, name] = fullName.split('/');
  const url = `https://github.com/${fullName}`;
  return {
    id,
    node_id: `R_${id}`,
    name,
    full_name: fullName,
    private: false,
    fork,
    visibility: 'public',
    default_branch: defaultBranch,
    master_branch: defaultBranch,
    owner: { login, id: fork ? 9009 : 4005006, type: fork ? 'User' : 'Organization' },
    html_url: url,
    url: `https://api.github.com/repos/${fullName}`,
    clone_url: `${url}.git`,
    description: null,
    license: null,
    topics: [],
  };
}

/** @param {string} repository @param {string} actor @param {string | undefined} defaultBranch */
export function common(repository, actor, defaultBranch) {
  const object = repositoryObject(repository, defaultBranch === undefined ? {} : { defaultBranch });
  return {
    repository: object,
    organization: { login: object.owner.login, id: object.owner.id },
    sender: { login: actor, id: 7008009, type: 'User' },
  };
}
