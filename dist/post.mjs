import { readFileSync, rmSync } from "node:fs";
import * as os from "os";
import { createHash } from "node:crypto";
import { userInfo } from "node:os";
import { join } from "node:path";

// node_modules/@actions/core/lib/utils.js
/**
* Sanitizes an input into a string so it can be passed into issueCommand safely
* @param input input to sanitize into a string
*/
function toCommandValue(input) {
	if (input === null || input === void 0) return "";
	else if (typeof input === "string" || input instanceof String) return input;
	return JSON.stringify(input);
}
/**
*
* @param annotationProperties
* @returns The command properties to send with the actual annotation command
* See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
*/
function toCommandProperties(annotationProperties) {
	if (!Object.keys(annotationProperties).length) return {};
	return {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn
	};
}

// node_modules/@actions/core/lib/command.js
/**
* Issues a command to the GitHub Actions runner
*
* @param command - The command name to issue
* @param properties - Additional properties for the command (key-value pairs)
* @param message - The message to include with the command
* @remarks
* This function outputs a specially formatted string to stdout that the Actions
* runner interprets as a command. These commands can control workflow behavior,
* set outputs, create annotations, mask values, and more.
*
* Command Format:
*   ::name key=value,key=value::message
*
* @example
* ```typescript
* // Issue a warning annotation
* issueCommand('warning', {}, 'This is a warning message');
* // Output: ::warning::This is a warning message
*
* // Set an environment variable
* issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
* // Output: ::set-env name=MY_VAR::some value
*
* // Add a secret mask
* issueCommand('add-mask', {}, 'secretValue123');
* // Output: ::add-mask::secretValue123
* ```
*
* @internal
* This is an internal utility function that powers the public API functions
* such as setSecret, warning, error, and exportVariable.
*/
function issueCommand(command, properties, message) {
	const cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + os.EOL);
}
const CMD_STRING = "::";
var Command = class {
	constructor(command, properties, message) {
		if (!command) command = "missing.command";
		this.command = command;
		this.properties = properties;
		this.message = message;
	}
	toString() {
		let cmdStr = CMD_STRING + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += " ";
			let first = true;
			for (const key in this.properties) if (this.properties.hasOwnProperty(key)) {
				const val = this.properties[key];
				if (val) {
					if (first) first = false;
					else cmdStr += ",";
					cmdStr += `${key}=${escapeProperty(val)}`;
				}
			}
		}
		cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
		return cmdStr;
	}
};
function escapeData(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/:/g, "%3A").replace(/,/g, "%2C");
}

// node_modules/@actions/core/lib/core.js
var __awaiter = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
/**
* The code to exit an action
*/
var ExitCode;
(function(ExitCode) {
	/**
	* A code indicating that the action was successful
	*/
	ExitCode[ExitCode["Success"] = 0] = "Success";
	/**
	* A code indicating that the action was a failure
	*/
	ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
/**
* Adds a notice issue
* @param message notice issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function notice$1(message, properties = {}) {
	issueCommand("notice", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Writes info to log with console.log.
* @param message info message
*/
function info(message) {
	process.stdout.write(message + os.EOL);
}
/**
* Gets the value of an state set by this action's main execution.
*
* @param     name     name of the state to get
* @returns   string
*/
function getState(name) {
	return process.env[`STATE_${name}`] || "";
}

// src/errors.ts
/** An error that a user can act on: what happened with the value in it, and the way out. Anything else that is thrown is our bug. */
var ActionError = class extends Error {
	name = "ActionError";
	code;
	hint;
	constructor(code, message, options) {
		super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
		this.code = code;
		this.hint = options.hint;
	}
};

// src/model/log-line.ts
const zeroWidth = "​";
/** A line of a child's output as it may stand in the log: `##[` and `##vso[` anywhere are commands to GitHub's and Azure's runners
* (actions/runner, ActionCommand.TryParse), so a zero-width space parts them; control characters other than tab and colour go. */
function defang(line) {
	return line.replace(/^(\s*)::/, `$1${zeroWidth}::`).replace(/##(?=\[|vso\[)/gi, `##${zeroWidth}`).replace(/[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f\u0085\u2028\u2029]/g, "");
}
/** A text of several lines as it may stand in the log. */
function defangText(text) {
	return text.split("\n").map(defang).join("\n");
}

// src/tools/actions.ts
/** Text in the log. What comes from outside must be quoted by the caller. */
function say(line) {
	info(defangText(line));
}
/** A notice in the log and beside the run. */
function notice(text) {
	notice$1(defangText(text), { title: "Slipway" });
}
/** What main remembered under a name; empty where it did not. */
function recall(name) {
	return getState(name);
}

// src/tools/http/network.ts
/** Node's own network modules, loaded when they are first used: an `import` of node:http reads each of its lazy exports, and with them
* loads all of undici (15 to 20 ms, measured); node:https and node:tls cost about as much and are often not needed at all. */
const network = {
	get http() {
		return process.getBuiltinModule("node:http");
	},
	get https() {
		return process.getBuiltinModule("node:https");
	},
	get tls() {
		return process.getBuiltinModule("node:tls");
	}
};

// src/tools/http/exchange.ts
/** A failure below HTTP. Its message has the host and the system's code, never the path, the query or a header. */
var HttpError = class extends Error {
	name = "HttpError";
	kind;
	/** The system's or TLS' code, such as `ECONNREFUSED` or `EPROTO`; empty where there is none. */
	code;
	constructor(kind, reason, at) {
		super(`${at.host}: ${reason}`);
		this.kind = kind;
		this.code = at.code;
	}
};
/** Sets a guard over an exchange; its deadline runs from now. */
function guardExchange({ url, deadline, cancel }) {
	let sent;
	let reason;
	let timer;
	const stop = (why) => {
		reason ??= why;
		sent?.destroy(reason);
	};
	const disarm = () => clearTimeout(timer);
	const arm = (ms) => {
		disarm();
		const late = () => stop(new HttpError("timeout", `nothing within ${Math.round(ms)} ms`, {
			host: url.host,
			code: ""
		}));
		timer = setTimeout(late, ms);
	};
	const onAbort = () => stop(new ActionError("cancelled", `the request to ${url.host} was given up because the run was cancelled`, { hint: "run it again" }));
	if (cancel.aborted) onAbort();
	else cancel.addEventListener("abort", onAbort, { once: true });
	arm(deadline);
	return {
		watch: (request) => {
			sent = request;
			if (reason !== void 0) request.destroy(reason);
		},
		arm,
		disarm,
		reason: () => reason,
		end: () => {
			disarm();
			cancel.removeEventListener("abort", onAbort);
		}
	};
}
/** Sends a request and waits for the reply's head. Errors are the system's own: see `explain`. */
function openExchange(agent, exchange, guard) {
	const { method, url, socketPath, body } = exchange;
	const options = {
		method,
		agent,
		headers: {
			"user-agent": "slipway",
			...body instanceof Uint8Array ? { "content-length": String(body.byteLength) } : {},
			...exchange.headers
		}
	};
	return new Promise((resolve, reject) => {
		const sent = (url.protocol === "http:" ? network.http.request : network.https.request)(url, socketPath === void 0 ? options : {
			...options,
			socketPath
		});
		guard.watch(sent);
		sent.once("response", resolve);
		sent.on("error", (error) => {
			if (sent.reusedSocket && error.code === "ECONNRESET" && (method === "GET" || method === "HEAD") && guard.reason() === void 0) resolve(openExchange(agent, exchange, guard));
			else reject(error);
		});
		if (body === void 0 || body instanceof Uint8Array) sent.end(body);
		else {
			body.once("error", (error) => sent.destroy(error));
			body.pipe(sent);
		}
	});
}
/** The reply's headers: names in lower case, repeated ones joined by `, `. */
function readHeaders(response) {
	const headers = /* @__PURE__ */ new Map();
	for (const [name, value] of Object.entries(response.headers)) if (value !== void 0) headers.set(name, typeof value === "string" ? value : value.join(", "));
	return headers;
}
/** The error of a reply that ended before its end. */
function cutOff(exchange, code) {
	return new HttpError("broken", "the reply was cut off", {
		host: exchange.url.host,
		code
	});
}
const distrust = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;
/** The code of one of node's errors; empty where there is none. */
function codeOf(error) {
	return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";
}
/** Turns what node threw into an HttpError; what is none of its network errors is handed back as it came. */
function explain(error, exchange) {
	if (error instanceof HttpError || error instanceof ActionError) return error;
	const code = codeOf(error);
	const at = {
		host: exchange.url.host,
		code
	};
	if (code.startsWith("HPE_")) return new HttpError("broken", `the reply is no HTTP (${code})`, at);
	if (distrust.test(code)) return new HttpError("untrusted", `its certificate is not trusted (${code})`, at);
	if (/^E(?!RR_)[A-Z0-9_]+$/.test(code) || code.startsWith("ERR_SSL_")) return new HttpError("unreachable", code, at);
	return error;
}

// src/tools/http/stream.ts
/** Sends a request and returns as soon as the reply's head is there.
* @throws HttpError, and ActionError `cancelled`; so do the chunks. */
async function openStream(agent, request) {
	const guard = guardExchange(request);
	try {
		const response = await openExchange(agent, request, guard);
		guard.disarm();
		const chunks = readChunks(response, request, guard);
		return {
			status: response.statusCode ?? 0,
			headers: readHeaders(response),
			chunks
		};
	} catch (error) {
		guard.end();
		throw guard.reason() ?? explain(error, request);
	}
}
async function* readChunks(response, request, guard) {
	const reader = response[Symbol.asyncIterator]();
	try {
		for (;;) {
			guard.arm(request.idle);
			const next = await reader.next();
			guard.disarm();
			if (next.done === true) break;
			yield next.value;
		}
	} catch (error) {
		if (guard.reason() === void 0 && !response.complete) throw cutOff(request, codeOf(error));
		throw guard.reason() ?? explain(error, request);
	} finally {
		guard.end();
		if (!response.complete) response.destroy();
	}
}

// src/tools/engine/call.ts
const questionLimit = 3e4;
const longestReply = 16777216;
/** A push says something at least every few seconds; a registry that never answers says nothing for ever. */
const silenceLimit = 18e4;
/** Makes a value of an endpoint; nothing is sent yet. */
function connectEngine(endpoint) {
	const pool = {
		keepAlive: true,
		timeout: 4e3
	};
	if (endpoint.kind === "unix" || endpoint.tls === void 0) return {
		endpoint,
		agent: new network.http.Agent(pool)
	};
	const { ca, cert, key, verify } = endpoint.tls;
	const material = {
		...ca === void 0 ? {} : { ca },
		...cert === void 0 ? {} : { cert },
		...key === void 0 ? {} : { key }
	};
	return {
		endpoint,
		agent: new network.https.Agent({
			...pool,
			...material,
			rejectUnauthorized: verify
		})
	};
}
/** Asks one thing. Every status is an answer.
* @throws ActionError `engine-missing` where nobody answers, `cancelled`. */
async function callEngine(engine, call) {
	const stream = await streamEngine(engine, call);
	const chunks = [];
	let size = 0;
	for await (const chunk of stream.chunks) {
		size += chunk.byteLength;
		if (size > longestReply) throw new Error(`the engine's reply to ${call.path.join("/")} is longer than ${longestReply} bytes`);
		chunks.push(chunk);
	}
	return {
		status: stream.status,
		body: parseJson(Buffer.concat(chunks).toString("utf8"))
	};
}
/** Asks one thing whose answer comes bit by bit.
* @throws as `callEngine`. */
async function streamEngine(engine, call) {
	const { endpoint, agent } = engine;
	const url = new URL(baseOf(endpoint));
	url.pathname = `/${call.path.map((part) => part.split("/").map(encodeURIComponent).join("/")).join("/")}`;
	for (const [name, value] of Object.entries(call.query)) url.searchParams.set(name, value);
	try {
		return await openStream(agent, {
			method: call.method,
			url,
			socketPath: endpoint.kind === "unix" ? endpoint.path : void 0,
			trust: {
				kind: "verified",
				ca: void 0
			},
			headers: call.json === void 0 ? call.headers : {
				...call.headers,
				"content-type": "application/json"
			},
			body: call.json === void 0 ? void 0 : Buffer.from(JSON.stringify(call.json)),
			deadline: questionLimit,
			idle: silenceLimit,
			cancel: call.cancel
		});
	} catch (error) {
		throw error instanceof HttpError ? explainMissing(endpoint, error) : error;
	}
}
/** The engine's own words about a refused call. */
function messageOf({ status, body }) {
	const message = typeof body === "object" && body !== null && "message" in body ? body.message : void 0;
	return typeof message === "string" ? message : `status ${status}`;
}
function baseOf(endpoint) {
	if (endpoint.kind === "unix") return "http://docker";
	return `${endpoint.tls === void 0 ? "http" : "https"}://${endpoint.host}:${endpoint.port}`;
}
function explainMissing(endpoint, error) {
	const where = endpoint.kind === "unix" ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
	if (error.code === "EACCES" || error.code === "EPERM") return new ActionError("engine-missing", `no permission to use the Docker engine at ${where}`, {
		hint: "let the runner’s user into the group `docker`, or point DOCKER_HOST at an engine that it may use",
		cause: error
	});
	const reason = error.kind === "unreachable" ? error.code : error.message;
	return new ActionError("engine-missing", `no Docker engine answers at ${where} (${reason})`, {
		hint: "use a runner with Docker (`runs-on: ubuntu-latest` has it), start the engine, or set DOCKER_HOST",
		cause: error
	});
}
function parseJson(text) {
	try {
		return text === "" ? void 0 : JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return void 0;
		throw error;
	}
}

// src/tools/engine/endpoint.ts
/** Finds the engine as docker does: DOCKER_HOST, else the context of DOCKER_CONTEXT, else `currentContext` of config.json, else the
* usual socket. Nothing is asked of it yet.
* @throws ActionError `engine-missing` where the address or the context is none that this action can speak to. */
async function findEngine(env) {
	return connectEngine(parseEndpoint(readAddress(env)));
}
/** The folder of docker's config.json: DOCKER_CONFIG, else `~/.docker`, where without HOME the system tells whose home that is, as
* it does for docker; undefined where nobody knows. */
function dockerConfigFolder(env) {
	if (env["DOCKER_CONFIG"]) return env["DOCKER_CONFIG"];
	const home = env["HOME"] || homeOfUser();
	return home === void 0 ? void 0 : join(home, ".docker");
}
function homeOfUser() {
	try {
		return userInfo().homedir || void 0;
	} catch {
		return;
	}
}
/** Docker's config.json as parsed JSON; an empty object where there is none.
* @throws ActionError `engine-missing` where it is unreadable. */
function readDockerConfig(env) {
	const folder = dockerConfigFolder(env);
	const text = folder === void 0 ? void 0 : readIfThere(join(folder, "config.json"));
	return text === void 0 || text.trim() === "" ? {} : parseObject(text, join(folder ?? "", "config.json"));
}
function readAddress(env) {
	if (env["DOCKER_HOST"]) return {
		host: env["DOCKER_HOST"],
		source: "DOCKER_HOST",
		tls: readVariableTls(env)
	};
	const named = env["DOCKER_CONTEXT"] || readDockerConfig(env)["currentContext"];
	if (typeof named === "string" && named !== "" && named !== "default") return readContext(env, named);
	return {
		host: "unix:///var/run/docker.sock",
		source: "the usual socket",
		tls: void 0
	};
}
function readVariableTls(env) {
	if (!env["DOCKER_TLS_VERIFY"] && !env["DOCKER_TLS"]) return void 0;
	return {
		...readTlsFolder(env["DOCKER_CERT_PATH"] || dockerConfigFolder(env)),
		verify: Boolean(env["DOCKER_TLS_VERIFY"])
	};
}
function readContext(env, name) {
	const folder = join(dockerConfigFolder(env) ?? "", "contexts");
	const id = createHash("sha256").update(name).digest("hex");
	const path = join(folder, "meta", id, "meta.json");
	const text = readIfThere(path);
	if (text === void 0) throw missing(`the docker context ${JSON.stringify(name)} does not exist: there is no ${path}`);
	const endpoint = fieldOf(fieldOf(parseObject(text, path), "Endpoints"), "docker");
	const host = fieldOf(endpoint, "Host");
	if (typeof host !== "string" || host === "") throw missing(`the docker context ${JSON.stringify(name)} names no host in ${path}`);
	const tls = readTlsFolder(join(folder, "tls", id, "docker"));
	const verify = fieldOf(endpoint, "SkipTLSVerify") !== true;
	const wanted = !verify || tls.ca !== void 0 || tls.cert !== void 0;
	return {
		host,
		source: `the docker context ${JSON.stringify(name)}`,
		tls: wanted ? {
			...tls,
			verify
		} : void 0
	};
}
function parseEndpoint({ host, source, tls }) {
	const socket = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
	if (socket !== void 0) return {
		kind: "unix",
		path: socket
	};
	const [, name, port] = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/.exec(host) ?? [];
	if (name !== void 0) return {
		kind: "tcp",
		host: name,
		port: Number(port ?? (tls === void 0 ? 2375 : 2376)),
		tls
	};
	throw missing(`${source} is ${JSON.stringify(host)}: only unix:// and tcp:// can be spoken to`);
}
function readTlsFolder(folder) {
	const read = (file) => folder === void 0 ? void 0 : readIfThere(join(folder, file));
	return {
		ca: read("ca.pem"),
		cert: read("cert.pem"),
		key: read("key.pem")
	};
}
function readIfThere(path) {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		const code = error.code;
		if (code === "ENOENT" || code === "ENOTDIR") return void 0;
		throw missing(`${path} cannot be read (${code})`);
	}
}
function parseObject(text, path) {
	let value;
	try {
		value = JSON.parse(text);
	} catch {
		value = void 0;
	}
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
	throw missing(`${path} is no JSON object`);
}
function fieldOf(value, key) {
	return typeof value === "object" && value !== null ? value[key] : void 0;
}
function missing(message) {
	return new ActionError("engine-missing", message, { hint: "point DOCKER_HOST at a socket such as unix:///var/run/docker.sock, or choose a context with `docker context use`; an engine behind ssh:// can be reached through a forwarded socket" });
}

// src/tools/engine/engine.ts
/** Lets a name (`repository:tag`) stand for an image, told by its id or another name. */
async function tagImageId(engine, { id, name }, cancel) {
	const colon = name.lastIndexOf(":");
	const query = {
		repo: name.slice(0, colon),
		tag: name.slice(colon + 1)
	};
	const reply = await ask(engine, {
		method: "POST",
		path: [
			"images",
			id,
			"tag"
		],
		query,
		cancel
	});
	if (reply.status !== 201) throw refused$1(`tag ${id} as ${name}`, reply);
}
/** Takes a name off an image; the image goes with its last name. That there is none of that name is fine. */
async function removeImageName(engine, name, cancel) {
	const reply = await ask(engine, {
		method: "DELETE",
		path: ["images", name],
		query: { force: "1" },
		cancel
	});
	if (reply.status !== 200 && reply.status !== 404) throw refused$1(`remove ${name}`, reply);
}
/** Removes every container with this label (`name=value`), running or not; resolves with how many there were. */
async function removeContainers(engine, label, cancel) {
	const reply = await ask(engine, {
		method: "GET",
		path: ["containers", "json"],
		query: {
			all: "1",
			filters: JSON.stringify({ label: [label] })
		},
		cancel
	});
	if (reply.status !== 200 || !Array.isArray(reply.body)) throw refused$1("list containers", reply);
	const ids = reply.body.map((one) => text(fields(one)["Id"]));
	for (const id of ids) {
		const gone = await ask(engine, {
			method: "DELETE",
			path: ["containers", id],
			query: {
				force: "1",
				v: "1"
			},
			cancel
		});
		if (![
			204,
			404,
			409
		].includes(gone.status)) throw refused$1(`remove container ${id}`, gone);
	}
	return ids.length;
}
function ask(engine, { method, path, cancel, query = {} }) {
	return callEngine(engine, {
		method,
		path,
		query,
		headers: {},
		cancel
	});
}
function refused$1(what, reply) {
	return new ActionError("engine-missing", `the Docker engine refused to ${what}: ${messageOf(reply)}`, { hint: "look at the engine’s own log; it answers, but not to this" });
}
function fields(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
function text(value) {
	return typeof value === "string" ? value : "";
}

// src/tools/engine/turns.ts
/** Gives up every turn of a run that ended without doing so. */
async function endTurns(engine, nonce, cancel) {
	const filters = JSON.stringify({ label: [`io.slipway.run=${nonce}`] });
	const volumes = fieldsOf((await callEngine(engine, {
		method: "GET",
		path: ["volumes"],
		query: { filters },
		headers: {},
		cancel
	})).body)["Volumes"];
	for (const one of Array.isArray(volumes) ? volumes : []) {
		const name = fieldsOf(one)["Name"];
		if (typeof name === "string" && name.startsWith("slipway-turn-")) await remove(engine, name, cancel);
	}
}
async function remove(engine, volume, cancel) {
	const reply = await callEngine(engine, {
		method: "DELETE",
		path: ["volumes", volume],
		query: {},
		headers: {},
		cancel
	});
	if (reply.status !== 204 && reply.status !== 404) throw refused(volume, reply);
}
function refused(what, reply) {
	return new ActionError("engine-missing", `the Docker engine let nobody wait for ${what}: ${messageOf(reply)}`, { hint: "look at the engine’s own log; it answers, but not to this" });
}
function fieldsOf(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

// src/tools/environment.ts
/** Every variable of the process as a plain record. */
function readVariables() {
	const all = {};
	for (const [name, value] of Object.entries(process.env)) if (value !== void 0) all[name] = value;
	return all;
}

// src/tools/state.ts
const key = "slipway";
const noncePattern = /^[0-9a-f]{32}$/;
/** What main wrote down; undefined where it got nowhere. A state that main cannot have written (tests might forge one) is an error.
* @throws Error naming what is wrong with it. */
function readState(temp) {
	const text = recall(key);
	if (text === "") return void 0;
	const { nonce, folder, names, restore } = JSON.parse(text);
	if (typeof nonce !== "string" || !noncePattern.test(nonce)) throw new Error("the state has no nonce of ours");
	if (folder !== stateFolder(temp, nonce)) throw new Error(`the state names a folder that is not ours: ${JSON.stringify(folder)}`);
	if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) throw new Error("the state has no list of names");
	if (!Array.isArray(restore) || !restore.every((one) => typeof one.name === "string" && typeof one.id === "string")) throw new Error("the state has no list of names to restore");
	return {
		nonce,
		folder,
		names,
		restore
	};
}
/** The private folder that belongs to a nonce. */
function stateFolder(temp, nonce) {
	return `${temp.replace(/\/+$/, "")}/slipway-${nonce}`;
}

// src/post.ts
/** Undoes what State remembers and nothing else; what cannot be undone is a notice, never a red job. */
async function post() {
	const all = readVariables();
	const state = readState(all["RUNNER_TEMP"] ?? "");
	if (state === void 0) return;
	rmSync(state.folder, {
		recursive: true,
		force: true
	});
	const engine = await findEngine(all);
	const cancel = AbortSignal.timeout(6e4);
	await removeContainers(engine, `io.slipway.run=${state.nonce}`, cancel);
	await Promise.all([...state.names.map((name) => removeImageName(engine, name, cancel)), ...state.restore.map(({ name, id }) => tagImageId(engine, {
		id,
		name
	}, cancel))]);
	await endTurns(engine, state.nonce, cancel);
	say(`tidied up: ${describe(state)}`);
}
function describe({ names, restore }) {
	return [...names.map((name) => `removed ${name}`), ...restore.map(({ name }) => `restored ${name}`)].join(", ");
}
try {
	await post();
} catch (error) {
	notice(`not everything of this run could be removed: ${error instanceof Error ? error.message : String(error)}`);
}
process.exit(0);

export {  };