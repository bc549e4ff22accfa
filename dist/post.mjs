const { appendFileSync, chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule("node:fs");
const { readFile, rm: rm$1 } = process.getBuiltinModule("node:fs/promises");
const { setTimeout: setTimeout$1 } = process.getBuiltinModule("node:timers/promises");
const { createHash, randomBytes } = process.getBuiltinModule("node:crypto");
const os = process.getBuiltinModule("os");
const fs = process.getBuiltinModule("fs");
const path = process.getBuiltinModule("path");
const events = process.getBuiltinModule("events");
const { StringDecoder } = process.getBuiltinModule("string_decoder");
const child = process.getBuiltinModule("child_process");
const { setTimeout: setTimeout$2 } = process.getBuiltinModule("timers");
const { basename, dirname, join: join$1 } = process.getBuiltinModule("node:path");
const { userInfo } = process.getBuiltinModule("node:os");
const { BlockList, isIP, isIPv4 } = process.getBuiltinModule("node:net");
const { Readable } = process.getBuiltinModule("node:stream");

// \0rolldown/runtime.js
var __defProp = Object.defineProperty;
var __esmMin = (fn, res, err) => () => {
	if (err) throw err[0];
	try {
		return fn && (res = fn(fn = 0)), res;
	} catch (e) {
		throw err = [e], e;
	}
};
var __exportAll = (all, flags) => {
	let target = Object.setPrototypeOf({}, null);
	for (var name in all) {
		__defProp(target, name, {
			get: all[name],
			enumerable: true
		});
	}
	if (!(flags & 1)) {
		__defProp(target, Symbol.toStringTag, { value: "Module" });
	}
	return flags & 2 ? target : Object.preventExtensions(target);
};

// src/errors.ts
/** What something that was thrown says; anything can be thrown. */
function formatThrown(error) {
	return error instanceof Error ? error.message : String(error);
}
var ActionError;
var init_errors = __esmMin((() => {
	ActionError = class extends Error {
		name = "ActionError";
		code;
		hint;
		/** The line that it is about, by the file's absolute path. */
		place;
		constructor(code, message, options) {
			super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
			this.code = code;
			this.hint = options.hint;
			this.place = options.place;
		}
	};
}));

// node_modules/csv-parse/lib/api/CsvError.js
var CsvError;
var init_CsvError = __esmMin((() => {
	CsvError = class CsvError extends Error {
		constructor(code, message, options, ...contexts) {
			if (Array.isArray(message)) message = message.join(" ").trim();
			super(message);
			if (Error.captureStackTrace !== void 0) Error.captureStackTrace(this, CsvError);
			this.code = code;
			for (const context of contexts) for (const key in context) {
				const value = context[key];
				this[key] = Buffer.isBuffer(value) ? value.toString(options.encoding) : value == null ? value : JSON.parse(JSON.stringify(value));
			}
		}
	};
}));

// node_modules/csv-parse/lib/utils/is_object.js
var is_object;
var init_is_object = __esmMin((() => {
	is_object = function(obj) {
		return typeof obj === "object" && obj !== null && !Array.isArray(obj);
	};
}));

// node_modules/csv-parse/lib/api/normalize_columns_array.js
var normalize_columns_array;
var init_normalize_columns_array = __esmMin((() => {
	init_CsvError();
	init_is_object();
	normalize_columns_array = function(columns) {
		const normalizedColumns = [];
		for (let i = 0, l = columns.length; i < l; i++) {
			const column = columns[i];
			if (column === void 0 || column === null || column === false) normalizedColumns[i] = { disabled: true };
			else if (typeof column === "string" || typeof column === "number") normalizedColumns[i] = { name: `${column}` };
			else if (is_object(column)) {
				if (typeof column.name !== "string") throw new CsvError("CSV_OPTION_COLUMNS_MISSING_NAME", [
					"Option columns missing name:",
					`property "name" is required at position ${i}`,
					"when column is an object literal"
				]);
				normalizedColumns[i] = column;
			} else throw new CsvError("CSV_INVALID_COLUMN_DEFINITION", [
				"Invalid column definition:",
				"expect a string or a literal object,",
				`got ${JSON.stringify(column)} at position ${i}`
			]);
		}
		return normalizedColumns;
	};
}));

// node_modules/csv-parse/lib/utils/ResizeableBuffer.js
var ResizeableBuffer;
var init_ResizeableBuffer = __esmMin((() => {
	ResizeableBuffer = class {
		constructor(size = 100) {
			this.size = size;
			this.length = 0;
			this.buf = Buffer.allocUnsafe(size);
		}
		prepend(val) {
			if (Buffer.isBuffer(val)) {
				const length = this.length + val.length;
				if (length >= this.size) {
					this.resize();
					if (length >= this.size) throw Error("INVALID_BUFFER_STATE");
				}
				const buf = this.buf;
				this.buf = Buffer.allocUnsafe(this.size);
				val.copy(this.buf, 0);
				buf.copy(this.buf, val.length);
				this.length += val.length;
			} else {
				const length = this.length++;
				if (length === this.size) this.resize();
				const buf = this.clone();
				this.buf[0] = val;
				buf.copy(this.buf, 1, 0, length);
			}
		}
		append(val) {
			const length = this.length++;
			if (length === this.size) this.resize();
			this.buf[length] = val;
		}
		clone() {
			return Buffer.from(this.buf.slice(0, this.length));
		}
		resize() {
			const length = this.length;
			this.size = this.size * 2;
			const buf = Buffer.allocUnsafe(this.size);
			this.buf.copy(buf, 0, 0, length);
			this.buf = buf;
		}
		toString(encoding) {
			if (encoding) return this.buf.toString(encoding, 0, this.length);
			else return Uint8Array.prototype.slice.call(this.buf.slice(0, this.length));
		}
		toJSON() {
			return this.toString("utf8");
		}
		reset() {
			this.length = 0;
		}
	};
}));

// node_modules/csv-parse/lib/api/init_state.js
var init_state;
var init_init_state = __esmMin((() => {
	init_ResizeableBuffer();
	init_state = function(options) {
		const timchars = [
			32,
			9,
			10,
			13,
			12,
			11,
			160,
			5760,
			8192,
			8193,
			8194,
			8195,
			8196,
			8197,
			8198,
			8199,
			8200,
			8201,
			8202,
			8232,
			8233,
			8239,
			8287,
			12288,
			65279
		].reduce((acc, codepoint) => {
			const encoded = Buffer.from(String.fromCharCode(codepoint), options.encoding);
			if (codepoint !== 63 && encoded.length === 1 && encoded[0] === 63) return acc;
			acc.push(encoded);
			return acc;
		}, []);
		const timcharFirstBytes = /* @__PURE__ */ new Uint8Array(256);
		for (const t of timchars) timcharFirstBytes[t[0]] = 1;
		return {
			bomSkipped: false,
			bufBytesStart: 0,
			castField: options.cast_function,
			commenting: false,
			delimiterBufPrevious: void 0,
			delimiterDiscovered: false,
			error: void 0,
			enabled: options.from_line === 1,
			escaping: false,
			escapeIsQuote: Buffer.isBuffer(options.escape) && Buffer.isBuffer(options.quote) && Buffer.compare(options.escape, options.quote) === 0,
			expectedRecordLength: Array.isArray(options.columns) ? options.columns.length : void 0,
			field: new ResizeableBuffer(20),
			firstLineToHeaders: options.cast_first_line_to_header,
			needMoreDataSize: Math.max(options.comment !== null ? options.comment.length : 0, ...options.delimiter ? options.delimiter.map((delimiter) => delimiter.length) : [], options.delimiter_auto ? 1 : 0, options.quote !== null ? options.quote.length : 0, ...timchars.map((t) => t.length)),
			previousBuf: void 0,
			quoting: false,
			stop: false,
			rawBuffer: new ResizeableBuffer(100),
			record: [],
			recordHasError: false,
			record_length: 0,
			recordDelimiterMaxLength: options.record_delimiter.length === 0 ? 0 : Math.max(...options.record_delimiter.map((v) => v.length)),
			trimChars: [Buffer.from(" ", options.encoding)[0], Buffer.from("	", options.encoding)[0]],
			wasQuoting: false,
			wasRowDelimiter: false,
			timchars,
			timcharFirstBytes
		};
	};
}));

// node_modules/csv-parse/lib/utils/underscore.js
var underscore;
var init_underscore = __esmMin((() => {
	underscore = function(str) {
		return str.replace(/([A-Z])/g, function(_, match) {
			return "_" + match.toLowerCase();
		});
	};
}));

// node_modules/csv-parse/lib/api/normalize_options.js
var normalize_options;
var init_normalize_options = __esmMin((() => {
	init_normalize_columns_array();
	init_CsvError();
	init_underscore();
	init_is_object();
	normalize_options = function(opts) {
		const options = {};
		for (const opt in opts) options[underscore(opt)] = opts[opt];
		if (options.encoding === void 0 || options.encoding === true) options.encoding = "utf8";
		else if (options.encoding === null || options.encoding === false) options.encoding = null;
		else if (typeof options.encoding !== "string" && options.encoding !== null) throw new CsvError("CSV_INVALID_OPTION_ENCODING", [
			"Invalid option encoding:",
			"encoding must be a string or null to return a buffer,",
			`got ${JSON.stringify(options.encoding)}`
		], options);
		if (options.bom === void 0 || options.bom === null || options.bom === false) options.bom = false;
		else if (options.bom !== true) throw new CsvError("CSV_INVALID_OPTION_BOM", [
			"Invalid option bom:",
			"bom must be true,",
			`got ${JSON.stringify(options.bom)}`
		], options);
		options.cast_function = null;
		if (options.cast === void 0 || options.cast === null || options.cast === false || options.cast === "") options.cast = void 0;
		else if (typeof options.cast === "function") {
			options.cast_function = options.cast;
			options.cast = true;
		} else if (options.cast !== true) throw new CsvError("CSV_INVALID_OPTION_CAST", [
			"Invalid option cast:",
			"cast must be true or a function,",
			`got ${JSON.stringify(options.cast)}`
		], options);
		if (options.cast_date === void 0 || options.cast_date === null || options.cast_date === false || options.cast_date === "") options.cast_date = false;
		else if (options.cast_date === true) options.cast_date = function(value) {
			const date = Date.parse(value);
			return !isNaN(date) ? new Date(date) : value;
		};
		else if (typeof options.cast_date !== "function") throw new CsvError("CSV_INVALID_OPTION_CAST_DATE", [
			"Invalid option cast_date:",
			"cast_date must be true or a function,",
			`got ${JSON.stringify(options.cast_date)}`
		], options);
		options.cast_first_line_to_header = void 0;
		if (options.columns === true) options.cast_first_line_to_header = void 0;
		else if (typeof options.columns === "function") {
			options.cast_first_line_to_header = options.columns;
			options.columns = true;
		} else if (Array.isArray(options.columns)) options.columns = normalize_columns_array(options.columns);
		else if (options.columns === void 0 || options.columns === null || options.columns === false) options.columns = false;
		else throw new CsvError("CSV_INVALID_OPTION_COLUMNS", [
			"Invalid option columns:",
			"expect an array, a function or true,",
			`got ${JSON.stringify(options.columns)}`
		], options);
		if (options.group_columns_by_name === void 0 || options.group_columns_by_name === null || options.group_columns_by_name === false) options.group_columns_by_name = false;
		else if (options.group_columns_by_name !== true) throw new CsvError("CSV_INVALID_OPTION_GROUP_COLUMNS_BY_NAME", [
			"Invalid option group_columns_by_name:",
			"expect an boolean,",
			`got ${JSON.stringify(options.group_columns_by_name)}`
		], options);
		else if (options.columns === false) throw new CsvError("CSV_INVALID_OPTION_GROUP_COLUMNS_BY_NAME", ["Invalid option group_columns_by_name:", "the `columns` mode must be activated."], options);
		if (options.comment === void 0 || options.comment === null || options.comment === false || options.comment === "") options.comment = null;
		else {
			if (typeof options.comment === "string") options.comment = Buffer.from(options.comment, options.encoding);
			if (!Buffer.isBuffer(options.comment)) throw new CsvError("CSV_INVALID_OPTION_COMMENT", [
				"Invalid option comment:",
				"comment must be a buffer or a string,",
				`got ${JSON.stringify(options.comment)}`
			], options);
		}
		if (options.comment_no_infix === void 0 || options.comment_no_infix === null || options.comment_no_infix === false) options.comment_no_infix = false;
		else if (options.comment_no_infix !== true) throw new CsvError("CSV_INVALID_OPTION_COMMENT", [
			"Invalid option comment_no_infix:",
			"value must be a boolean,",
			`got ${JSON.stringify(options.comment_no_infix)}`
		], options);
		if (options.delimiter_auto === void 0 || options.delimiter_auto === null || options.delimiter_auto === false) options.delimiter_auto = false;
		else if (options.delimiter_auto === true) options.delimiter_auto = {};
		else if (!is_object(options.delimiter_auto)) throw new CsvError("CSV_INVALID_OPTION_DELIMITER_AUTO", [
			"Invalid option delimiter_auto:",
			"delimiter_auto must be a boolean or a configuration object,",
			`got ${JSON.stringify(options.delimiter_auto)}`
		], options);
		if (options.delimiter_auto) {
			if (options.delimiter_auto.preferred === void 0) options.delimiter_auto.preferred = {
				[",".charCodeAt(0)]: 1.8,
				["	".charCodeAt(0)]: 1.8,
				[";".charCodeAt(0)]: 1.6,
				[" ".charCodeAt(0)]: 1.6,
				[":".charCodeAt(0)]: 1.5,
				[".".charCodeAt(0)]: 1.4,
				["/".charCodeAt(0)]: 1.4
			};
			else if (!is_object(options.delimiter_auto.preferred)) throw new CsvError("CSV_INVALID_OPTION_DELIMITER_AUTO", [
				"Invalid option delimiter_auto:",
				"preferred must be an object,",
				`got ${JSON.stringify(options.delimiter_auto.preferred)}`
			], options);
			if (options.delimiter_auto.score === void 0) options.delimiter_auto.score = (info, options) => {
				return (info.total - info.std) * (options.preferred[info.char_code] || 1);
			};
			else if (typeof options.delimiter_auto.score !== "function") throw new CsvError("CSV_INVALID_OPTION_DELIMITER_AUTO", [
				"Invalid option delimiter_auto:",
				"score must be a function,",
				`got ${JSON.stringify(options.delimiter_auto.score)}`
			], options);
			if (options.delimiter_auto.size === void 0) options.delimiter_auto.size = 2048;
			else if (typeof options.delimiter_auto.size !== "number") throw new CsvError("CSV_INVALID_OPTION_DELIMITER_AUTO", [
				"Invalid option delimiter_auto:",
				"size must be a number,",
				`got ${JSON.stringify(options.delimiter_auto.size)}`
			], options);
		}
		const delimiter_json = JSON.stringify(options.delimiter);
		if (options.delimiter_auto !== false) options.delimiter = [];
		if (!Array.isArray(options.delimiter)) {
			if (options.delimiter === void 0 || options.delimiter === null || options.delimiter === false) options.delimiter = Buffer.from(",", options.encoding);
			options.delimiter = [options.delimiter];
		}
		options.delimiter = options.delimiter.map(function(delimiter) {
			if (typeof delimiter === "string") delimiter = Buffer.from(delimiter, options.encoding);
			if (!Buffer.isBuffer(delimiter) || delimiter.length === 0) throw new CsvError("CSV_INVALID_OPTION_DELIMITER", [
				"Invalid option delimiter:",
				"delimiter must be a non empty string or buffer or array of string|buffer,",
				`got ${delimiter_json}`
			], options);
			return delimiter;
		});
		if (options.escape === void 0 || options.escape === true) options.escape = Buffer.from("\"", options.encoding);
		else if (typeof options.escape === "string") options.escape = Buffer.from(options.escape, options.encoding);
		else if (options.escape === null || options.escape === false) options.escape = null;
		if (options.escape !== null) {
			if (!Buffer.isBuffer(options.escape)) throw new Error(`Invalid Option: escape must be a buffer, a string or a boolean, got ${JSON.stringify(options.escape)}`);
		}
		if (options.from === void 0 || options.from === null) options.from = 1;
		else {
			if (typeof options.from === "string" && /\d+/.test(options.from)) options.from = parseInt(options.from);
			if (Number.isInteger(options.from)) {
				if (options.from < 0) throw new Error(`Invalid Option: from must be a positive integer, got ${JSON.stringify(opts.from)}`);
			} else throw new Error(`Invalid Option: from must be an integer, got ${JSON.stringify(options.from)}`);
		}
		if (options.from_line === void 0 || options.from_line === null) options.from_line = 1;
		else {
			if (typeof options.from_line === "string" && /\d+/.test(options.from_line)) options.from_line = parseInt(options.from_line);
			if (Number.isInteger(options.from_line)) {
				if (options.from_line <= 0) throw new Error(`Invalid Option: from_line must be a positive integer greater than 0, got ${JSON.stringify(opts.from_line)}`);
			} else throw new Error(`Invalid Option: from_line must be an integer, got ${JSON.stringify(opts.from_line)}`);
		}
		if (options.ignore_last_delimiters === void 0 || options.ignore_last_delimiters === null) options.ignore_last_delimiters = false;
		else if (typeof options.ignore_last_delimiters === "number") {
			options.ignore_last_delimiters = Math.floor(options.ignore_last_delimiters);
			if (options.ignore_last_delimiters === 0) options.ignore_last_delimiters = false;
		} else if (typeof options.ignore_last_delimiters !== "boolean") throw new CsvError("CSV_INVALID_OPTION_IGNORE_LAST_DELIMITERS", [
			"Invalid option `ignore_last_delimiters`:",
			"the value must be a boolean value or an integer,",
			`got ${JSON.stringify(options.ignore_last_delimiters)}`
		], options);
		if (options.ignore_last_delimiters === true && options.columns === false) throw new CsvError("CSV_IGNORE_LAST_DELIMITERS_REQUIRES_COLUMNS", ["The option `ignore_last_delimiters`", "requires the activation of the `columns` option"], options);
		if (options.info === void 0 || options.info === null || options.info === false) options.info = false;
		else if (options.info !== true) throw new Error(`Invalid Option: info must be true, got ${JSON.stringify(options.info)}`);
		if (options.max_record_size === void 0 || options.max_record_size === null || options.max_record_size === false) options.max_record_size = 0;
		else if (Number.isInteger(options.max_record_size) && options.max_record_size >= 0) {} else if (typeof options.max_record_size === "string" && /\d+/.test(options.max_record_size)) options.max_record_size = parseInt(options.max_record_size);
		else throw new Error(`Invalid Option: max_record_size must be a positive integer, got ${JSON.stringify(options.max_record_size)}`);
		if (options.objname === void 0 || options.objname === null || options.objname === false) options.objname = void 0;
		else if (Buffer.isBuffer(options.objname)) {
			if (options.objname.length === 0) throw new Error(`Invalid Option: objname must be a non empty buffer`);
			if (options.encoding === null) {} else options.objname = options.objname.toString(options.encoding);
		} else if (typeof options.objname === "string") {
			if (options.objname.length === 0) throw new Error(`Invalid Option: objname must be a non empty string`);
		} else if (typeof options.objname === "number") {} else throw new Error(`Invalid Option: objname must be a string or a buffer, got ${options.objname}`);
		if (options.objname !== void 0) {
			if (typeof options.objname === "number") {
				if (options.columns !== false) throw Error("Invalid Option: objname index cannot be combined with columns or be defined as a field");
			} else if (options.columns === false) throw Error("Invalid Option: objname field must be combined with columns or be defined as an index");
		}
		if (options.on_record === void 0 || options.on_record === null) options.on_record = void 0;
		else if (typeof options.on_record !== "function") throw new CsvError("CSV_INVALID_OPTION_ON_RECORD", [
			"Invalid option `on_record`:",
			"expect a function,",
			`got ${JSON.stringify(options.on_record)}`
		], options);
		if (options.on_skip !== void 0 && options.on_skip !== null && typeof options.on_skip !== "function") throw new Error(`Invalid Option: on_skip must be a function, got ${JSON.stringify(options.on_skip)}`);
		if (options.quote === null || options.quote === false || options.quote === "") options.quote = null;
		else {
			if (options.quote === void 0 || options.quote === true) options.quote = Buffer.from("\"", options.encoding);
			else if (typeof options.quote === "string") options.quote = Buffer.from(options.quote, options.encoding);
			if (!Buffer.isBuffer(options.quote)) throw new Error(`Invalid Option: quote must be a buffer or a string, got ${JSON.stringify(options.quote)}`);
		}
		if (options.raw === void 0 || options.raw === null || options.raw === false) options.raw = false;
		else if (options.raw !== true) throw new Error(`Invalid Option: raw must be true, got ${JSON.stringify(options.raw)}`);
		if (options.record_delimiter === void 0) options.record_delimiter = [];
		else if (typeof options.record_delimiter === "string" || Buffer.isBuffer(options.record_delimiter)) {
			if (options.record_delimiter.length === 0) throw new CsvError("CSV_INVALID_OPTION_RECORD_DELIMITER", [
				"Invalid option `record_delimiter`:",
				"value must be a non empty string or buffer,",
				`got ${JSON.stringify(options.record_delimiter)}`
			], options);
			options.record_delimiter = [options.record_delimiter];
		} else if (!Array.isArray(options.record_delimiter)) throw new CsvError("CSV_INVALID_OPTION_RECORD_DELIMITER", [
			"Invalid option `record_delimiter`:",
			"value must be a string, a buffer or array of string|buffer,",
			`got ${JSON.stringify(options.record_delimiter)}`
		], options);
		options.record_delimiter = options.record_delimiter.map(function(rd, i) {
			if (typeof rd !== "string" && !Buffer.isBuffer(rd)) throw new CsvError("CSV_INVALID_OPTION_RECORD_DELIMITER", [
				"Invalid option `record_delimiter`:",
				"value must be a string, a buffer or array of string|buffer",
				`at index ${i},`,
				`got ${JSON.stringify(rd)}`
			], options);
			else if (rd.length === 0) throw new CsvError("CSV_INVALID_OPTION_RECORD_DELIMITER", [
				"Invalid option `record_delimiter`:",
				"value must be a non empty string or buffer",
				`at index ${i},`,
				`got ${JSON.stringify(rd)}`
			], options);
			if (typeof rd === "string") rd = Buffer.from(rd, options.encoding);
			return rd;
		});
		if (typeof options.relax_column_count === "boolean") {} else if (options.relax_column_count === void 0 || options.relax_column_count === null) options.relax_column_count = false;
		else throw new Error(`Invalid Option: relax_column_count must be a boolean, got ${JSON.stringify(options.relax_column_count)}`);
		if (typeof options.relax_column_count_less === "boolean") {} else if (options.relax_column_count_less === void 0 || options.relax_column_count_less === null) options.relax_column_count_less = false;
		else throw new Error(`Invalid Option: relax_column_count_less must be a boolean, got ${JSON.stringify(options.relax_column_count_less)}`);
		if (typeof options.relax_column_count_more === "boolean") {} else if (options.relax_column_count_more === void 0 || options.relax_column_count_more === null) options.relax_column_count_more = false;
		else throw new Error(`Invalid Option: relax_column_count_more must be a boolean, got ${JSON.stringify(options.relax_column_count_more)}`);
		if (typeof options.relax_quotes === "boolean") {} else if (options.relax_quotes === void 0 || options.relax_quotes === null) options.relax_quotes = false;
		else throw new Error(`Invalid Option: relax_quotes must be a boolean, got ${JSON.stringify(options.relax_quotes)}`);
		if (typeof options.skip_empty_lines === "boolean") {} else if (options.skip_empty_lines === void 0 || options.skip_empty_lines === null) options.skip_empty_lines = false;
		else throw new Error(`Invalid Option: skip_empty_lines must be a boolean, got ${JSON.stringify(options.skip_empty_lines)}`);
		if (typeof options.skip_records_with_empty_values === "boolean") {} else if (options.skip_records_with_empty_values === void 0 || options.skip_records_with_empty_values === null) options.skip_records_with_empty_values = false;
		else throw new Error(`Invalid Option: skip_records_with_empty_values must be a boolean, got ${JSON.stringify(options.skip_records_with_empty_values)}`);
		if (typeof options.skip_records_with_error === "boolean") {} else if (options.skip_records_with_error === void 0 || options.skip_records_with_error === null) options.skip_records_with_error = false;
		else throw new Error(`Invalid Option: skip_records_with_error must be a boolean, got ${JSON.stringify(options.skip_records_with_error)}`);
		if (options.rtrim === void 0 || options.rtrim === null || options.rtrim === false) options.rtrim = false;
		else if (options.rtrim !== true) throw new Error(`Invalid Option: rtrim must be a boolean, got ${JSON.stringify(options.rtrim)}`);
		if (options.ltrim === void 0 || options.ltrim === null || options.ltrim === false) options.ltrim = false;
		else if (options.ltrim !== true) throw new Error(`Invalid Option: ltrim must be a boolean, got ${JSON.stringify(options.ltrim)}`);
		if (options.trim === void 0 || options.trim === null || options.trim === false) options.trim = false;
		else if (options.trim !== true) throw new Error(`Invalid Option: trim must be a boolean, got ${JSON.stringify(options.trim)}`);
		if (options.trim === true && opts.ltrim !== false) options.ltrim = true;
		else if (options.ltrim !== true) options.ltrim = false;
		if (options.trim === true && opts.rtrim !== false) options.rtrim = true;
		else if (options.rtrim !== true) options.rtrim = false;
		if (options.to === void 0 || options.to === null) options.to = -1;
		else if (options.to !== -1) {
			if (typeof options.to === "string" && /\d+/.test(options.to)) options.to = parseInt(options.to);
			if (Number.isInteger(options.to)) {
				if (options.to <= 0) throw new Error(`Invalid Option: to must be a positive integer greater than 0, got ${JSON.stringify(opts.to)}`);
			} else throw new Error(`Invalid Option: to must be an integer, got ${JSON.stringify(opts.to)}`);
		}
		if (options.to_line === void 0 || options.to_line === null) options.to_line = -1;
		else if (options.to_line !== -1) {
			if (typeof options.to_line === "string" && /\d+/.test(options.to_line)) options.to_line = parseInt(options.to_line);
			if (Number.isInteger(options.to_line)) {
				if (options.to_line <= 0) throw new Error(`Invalid Option: to_line must be a positive integer greater than 0, got ${JSON.stringify(opts.to_line)}`);
			} else throw new Error(`Invalid Option: to_line must be an integer, got ${JSON.stringify(opts.to_line)}`);
		}
		return options;
	};
}));

// node_modules/csv-parse/lib/utils/delimiter_discover.js
var delimiter_discover, std;
var init_delimiter_discover = __esmMin((() => {
	init_normalize_options();
	init_api();
	delimiter_discover = function(records, options) {
		if (!options) ({delimiter_auto: options} = normalize_options({ delimiter_auto: true }));
		if (typeof records === "string") records = Buffer.from(records);
		if (Buffer.isBuffer(records)) records = ((data) => {
			const records = [];
			const parser = transform({ delimiter: [] });
			const push = (record) => records.push(record);
			const close = () => {};
			const error = parser.parse(data, true, push, close);
			if (error !== void 0) throw error;
			return records;
		})(records);
		const info = Array(127).fill().map(() => ({ lines: [] }));
		records.map(([record], line) => {
			for (let i = 0, l = record.length; i < l; i++) {
				const code = record.charCodeAt(i);
				if (info[code].lines[line] === void 0) info[code].lines[line] = 0;
				info[code].lines[line]++;
			}
		});
		info.map((info, i) => {
			info.char_code = i;
			info.std = std(info.lines);
			info.total = info.lines.reduce((acc, val) => acc + val, 0);
			info.preferred = !!options.preferred[i];
			info.score = options.score(info, options);
		});
		const result = info.reduce((acc, info) => acc.score > info.score ? acc : info, {});
		return String.fromCharCode(result.char_code);
	};
	std = function(array) {
		const n = array.length;
		if (n === 0) return 0;
		const mean = array.reduce((a, b) => a + b) / n;
		return Math.sqrt(array.map((x) => Math.pow(x - mean, 2)).reduce((a, b) => a + b) / n);
	};
}));

// node_modules/csv-parse/lib/api/index.js
var isRecordEmpty, cr, nl, boms, transform;
var init_api = __esmMin((() => {
	init_normalize_columns_array();
	init_init_state();
	init_normalize_options();
	init_CsvError();
	init_delimiter_discover();
	isRecordEmpty = function(record) {
		return record.every((field) => field == null || field.toString && field.toString().trim() === "");
	};
	cr = 13;
	nl = 10;
	boms = {
		utf8: Buffer.from([
			239,
			187,
			191
		]),
		utf16le: Buffer.from([255, 254])
	};
	transform = function(original_options = {}) {
		const info = {
			bytes: 0,
			bytes_records: 0,
			comment_lines: 0,
			empty_lines: 0,
			invalid_field_length: 0,
			lines: 1,
			records: 0
		};
		const options = normalize_options(original_options);
		return {
			info,
			original_options,
			options,
			state: init_state(options),
			__needMoreData: function(i, bufLen, end) {
				if (end) return false;
				const { encoding, escape, quote } = this.options;
				const { quoting, needMoreDataSize, recordDelimiterMaxLength } = this.state;
				return bufLen - i - 1 < Math.max(needMoreDataSize, recordDelimiterMaxLength === 0 ? Buffer.from("\r\n", encoding).length : recordDelimiterMaxLength, quoting ? (escape === null ? 0 : escape.length) + quote.length : 0, quoting ? quote.length + recordDelimiterMaxLength : 0);
			},
			parse: function(nextBuf, end, push, close) {
				const { bom, comment_no_infix, delimiter_auto, encoding, from_line, ltrim, max_record_size, raw, relax_quotes, rtrim, skip_empty_lines, to, to_line } = this.options;
				let { comment, escape, quote, record_delimiter } = this.options;
				const { bomSkipped, delimiterDiscovered, delimiterBufPrevious, rawBuffer, escapeIsQuote } = this.state;
				if (!delimiterDiscovered && delimiter_auto) {
					let delimiterBuf;
					if (delimiterBufPrevious === void 0) delimiterBuf = nextBuf;
					else if (delimiterBufPrevious !== void 0 && nextBuf === void 0) delimiterBuf = delimiterBufPrevious;
					else delimiterBuf = Buffer.concat([delimiterBufPrevious, nextBuf]);
					nextBuf = void 0;
					if (end || delimiterBuf.length > delimiter_auto.size) {
						this.options.delimiter = [Buffer.from(delimiter_discover(delimiterBuf, this.options.delimiter_auto))];
						this.state.previousBuf = delimiterBuf;
						this.state.delimiterBufPrevious = void 0;
						this.state.delimiterDiscovered = true;
					} else {
						this.state.delimiterBufPrevious = delimiterBuf;
						return;
					}
				}
				const { previousBuf } = this.state;
				let buf;
				if (previousBuf === void 0) {
					if (nextBuf === void 0) {
						close();
						return;
					} else buf = nextBuf;
				} else if (previousBuf !== void 0 && nextBuf === void 0) buf = previousBuf;
				else buf = Buffer.concat([previousBuf, nextBuf]);
				if (bomSkipped === false) {
					if (bom === false) this.state.bomSkipped = true;
					else if (buf.length < 3) {
						if (end === false) {
							this.state.previousBuf = buf;
							return;
						}
					} else {
						for (const encoding in boms) if (boms[encoding].compare(buf, 0, boms[encoding].length) === 0) {
							const bomLength = boms[encoding].length;
							this.state.bufBytesStart += bomLength;
							buf = buf.slice(bomLength);
							const options = normalize_options({
								...this.original_options,
								encoding
							});
							for (const key in options) this.options[key] = options[key];
							({comment, escape, quote} = this.options);
							break;
						}
						this.state.bomSkipped = true;
					}
				}
				const bufLen = buf.length;
				let pos = 0;
				for (; pos < bufLen; pos++) {
					if (this.__needMoreData(pos, bufLen, end)) break;
					if (this.state.wasRowDelimiter === true) {
						this.info.lines++;
						this.state.wasRowDelimiter = false;
					}
					if (to_line !== -1 && this.info.lines > to_line) {
						this.state.stop = true;
						close();
						return;
					}
					if (this.state.quoting === false && record_delimiter.length === 0) {
						if (this.__autoDiscoverRecordDelimiter(buf, pos)) record_delimiter = this.options.record_delimiter;
					}
					const chr = buf[pos];
					if (raw === true) rawBuffer.append(chr);
					if ((chr === cr || chr === nl) && this.state.wasRowDelimiter === false) this.state.wasRowDelimiter = true;
					if (this.state.escaping === true) this.state.escaping = false;
					else {
						if (escape !== null && this.state.quoting === true && this.__isEscape(buf, pos, chr) && pos + escape.length < bufLen) {
							if (escapeIsQuote) {
								if (this.__isQuote(buf, pos + escape.length)) {
									this.state.escaping = true;
									pos += escape.length - 1;
									continue;
								}
							} else {
								this.state.escaping = true;
								pos += escape.length - 1;
								continue;
							}
						}
						if (this.state.commenting === false && this.__isQuote(buf, pos)) {
							if (this.state.quoting === true) {
								const nextChr = buf[pos + quote.length];
								const isNextChrTrimable = rtrim && this.__isCharTrimable(buf, pos + quote.length);
								const isNextChrComment = comment !== null && this.__compareBytes(comment, buf, pos + quote.length, nextChr);
								const isNextChrDelimiter = this.__isDelimiter(buf, pos + quote.length, nextChr);
								const isNextChrRecordDelimiter = record_delimiter.length === 0 ? this.__autoDiscoverRecordDelimiter(buf, pos + quote.length) : this.__isRecordDelimiter(nextChr, buf, pos + quote.length);
								if (escape !== null && this.__isEscape(buf, pos, chr) && this.__isQuote(buf, pos + escape.length)) pos += escape.length - 1;
								else if (!nextChr || isNextChrDelimiter || isNextChrRecordDelimiter || isNextChrComment || isNextChrTrimable) {
									this.state.quoting = false;
									this.state.wasQuoting = true;
									pos += quote.length - 1;
									continue;
								} else if (relax_quotes === false) {
									const err = this.__error(new CsvError("CSV_INVALID_CLOSING_QUOTE", [
										"Invalid Closing Quote:",
										`got "${String.fromCharCode(nextChr)}"`,
										`at line ${this.info.lines}`,
										"instead of delimiter, record delimiter, trimable character",
										"(if activated) or comment"
									], this.options, this.__infoField()));
									if (err !== void 0) return err;
								} else {
									this.state.quoting = false;
									this.state.wasQuoting = true;
									this.state.field.prepend(quote);
									pos += quote.length - 1;
								}
							} else if (this.state.field.length !== 0) {
								if (relax_quotes === false) {
									const info = this.__infoField();
									const bom = Object.keys(boms).map((b) => boms[b].equals(this.state.field.toString()) ? b : false).filter(Boolean)[0];
									const err = this.__error(new CsvError("INVALID_OPENING_QUOTE", [
										"Invalid Opening Quote:",
										`a quote is found on field ${JSON.stringify(info.column)} at line ${info.lines}, value is ${JSON.stringify(this.state.field.toString(encoding))}`,
										bom ? `(${bom} bom)` : void 0
									], this.options, info, { field: this.state.field }));
									if (err !== void 0) return err;
								}
							} else {
								this.state.quoting = true;
								pos += quote.length - 1;
								continue;
							}
						}
						if (this.state.quoting === false) {
							const recordDelimiterLength = this.__isRecordDelimiter(chr, buf, pos);
							if (recordDelimiterLength !== 0) {
								if (this.state.commenting && this.state.wasQuoting === false && this.state.record.length === 0 && this.state.field.length === 0) this.info.comment_lines++;
								else {
									if (this.state.enabled === false && this.info.lines + (this.state.wasRowDelimiter === true ? 1 : 0) >= from_line) {
										this.state.enabled = true;
										this.__resetField();
										this.__resetRecord();
										pos += recordDelimiterLength - 1;
										continue;
									}
									if (skip_empty_lines === true && this.state.wasQuoting === false && this.state.record.length === 0 && this.state.field.length === 0) {
										this.info.empty_lines++;
										pos += recordDelimiterLength - 1;
										continue;
									}
									this.info.bytes = this.state.bufBytesStart + pos;
									const errField = this.__onField();
									if (errField !== void 0) return errField;
									this.info.bytes = this.state.bufBytesStart + pos + recordDelimiterLength;
									const errRecord = this.__onRecord(push);
									if (errRecord !== void 0) return errRecord;
									if (to !== -1 && this.info.records >= to) {
										this.state.stop = true;
										close();
										return;
									}
								}
								this.state.commenting = false;
								pos += recordDelimiterLength - 1;
								continue;
							}
							if (this.state.commenting) continue;
							if (comment !== null && (comment_no_infix === false || this.state.record.length === 0 && this.state.field.length === 0)) {
								if (this.__compareBytes(comment, buf, pos, chr) !== 0) {
									this.state.commenting = true;
									continue;
								}
							}
							const delimiterLength = this.__isDelimiter(buf, pos, chr);
							if (delimiterLength !== 0) {
								this.info.bytes = this.state.bufBytesStart + pos;
								const errField = this.__onField();
								if (errField !== void 0) return errField;
								pos += delimiterLength - 1;
								continue;
							}
						}
					}
					if (this.state.commenting === false) {
						if (max_record_size !== 0 && this.state.record_length + this.state.field.length > max_record_size) return this.__error(new CsvError("CSV_MAX_RECORD_SIZE", [
							"Max Record Size:",
							"record exceed the maximum number of tolerated bytes",
							`of ${max_record_size}`,
							`at line ${this.info.lines}`
						], this.options, this.__infoField()));
					}
					const lappend = ltrim === false || this.state.quoting === true || this.state.field.length !== 0 || !this.__isCharTrimable(buf, pos);
					const rappend = rtrim === false || this.state.wasQuoting === false;
					if (lappend === true && rappend === true) this.state.field.append(chr);
					else if (rtrim === true && !this.__isCharTrimable(buf, pos)) return this.__error(new CsvError("CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE", [
						"Invalid Closing Quote:",
						"found non trimable byte after quote",
						`at line ${this.info.lines}`
					], this.options, this.__infoField()));
					else {
						if (lappend === false) pos += this.__isCharTrimable(buf, pos) - 1;
						continue;
					}
				}
				if (end === true) {
					if (this.state.quoting === true) {
						const err = this.__error(new CsvError("CSV_QUOTE_NOT_CLOSED", ["Quote Not Closed:", `the parsing is finished with an opening quote at line ${this.info.lines}`], this.options, this.__infoField()));
						if (err !== void 0) return err;
					} else if (this.state.wasQuoting === true || this.state.record.length !== 0 || this.state.field.length !== 0) {
						this.info.bytes = this.state.bufBytesStart + pos;
						const errField = this.__onField();
						if (errField !== void 0) return errField;
						const errRecord = this.__onRecord(push);
						if (errRecord !== void 0) return errRecord;
					} else if (this.state.wasRowDelimiter === true) this.info.empty_lines++;
					else if (this.state.commenting === true) this.info.comment_lines++;
				} else {
					this.state.bufBytesStart += pos;
					this.state.previousBuf = buf.slice(pos);
				}
				if (this.state.wasRowDelimiter === true) {
					this.info.lines++;
					this.state.wasRowDelimiter = false;
				}
			},
			__onRecord: function(push) {
				const { columns, group_columns_by_name, encoding, info, from, relax_column_count, relax_column_count_less, relax_column_count_more, raw, skip_records_with_empty_values } = this.options;
				const { enabled, record } = this.state;
				if (enabled === false) return this.__resetRecord();
				const recordLength = record.length;
				if (columns === true) {
					if (skip_records_with_empty_values === true && isRecordEmpty(record)) {
						this.__resetRecord();
						return;
					}
					return this.__firstLineToColumns(record);
				}
				if (columns === false && this.info.records === 0) this.state.expectedRecordLength = recordLength;
				if (recordLength !== this.state.expectedRecordLength) {
					const err = columns === false ? new CsvError("CSV_RECORD_INCONSISTENT_FIELDS_LENGTH", [
						"Invalid Record Length:",
						`expect ${this.state.expectedRecordLength},`,
						`got ${recordLength} on line ${this.info.lines}`
					], this.options, this.__infoField(), { record }) : new CsvError("CSV_RECORD_INCONSISTENT_COLUMNS", [
						"Invalid Record Length:",
						`columns length is ${columns.length},`,
						`got ${recordLength} on line ${this.info.lines}`
					], this.options, this.__infoField(), { record });
					if (relax_column_count === true || relax_column_count_less === true && recordLength < this.state.expectedRecordLength || relax_column_count_more === true && recordLength > this.state.expectedRecordLength) {
						this.info.invalid_field_length++;
						this.state.error = err;
					} else {
						const finalErr = this.__error(err);
						if (finalErr) return finalErr;
					}
				}
				if (skip_records_with_empty_values === true && isRecordEmpty(record)) {
					this.__resetRecord();
					return;
				}
				if (this.state.recordHasError === true) {
					this.__resetRecord();
					this.state.recordHasError = false;
					return;
				}
				this.info.records++;
				if (from === 1 || this.info.records >= from) {
					const { objname } = this.options;
					if (columns !== false) {
						const obj = {};
						for (let i = 0, l = record.length; i < l; i++) {
							if (columns[i] === void 0 || columns[i].disabled) continue;
							if (group_columns_by_name === true && Object.hasOwn(obj, columns[i].name)) {
								if (Array.isArray(obj[columns[i].name])) obj[columns[i].name] = obj[columns[i].name].concat(record[i]);
								else obj[columns[i].name] = [obj[columns[i].name], record[i]];
							} else Object.defineProperty(obj, columns[i].name, {
								value: record[i],
								enumerable: true,
								writable: true,
								configurable: true
							});
						}
						if (raw === true || info === true) {
							const extRecord = Object.assign({ record: obj }, raw === true ? { raw: this.state.rawBuffer.toString(encoding) } : {}, info === true ? { info: this.__infoRecord() } : {});
							const err = this.__push(objname === void 0 ? extRecord : [obj[objname], extRecord], push);
							if (err) return err;
						} else {
							const err = this.__push(objname === void 0 ? obj : [obj[objname], obj], push);
							if (err) return err;
						}
					} else if (raw === true || info === true) {
						const extRecord = Object.assign({ record }, raw === true ? { raw: this.state.rawBuffer.toString(encoding) } : {}, info === true ? { info: this.__infoRecord() } : {});
						const err = this.__push(objname === void 0 ? extRecord : [record[objname], extRecord], push);
						if (err) return err;
					} else {
						const err = this.__push(objname === void 0 ? record : [record[objname], record], push);
						if (err) return err;
					}
				}
				this.__resetRecord();
			},
			__firstLineToColumns: function(record) {
				const { firstLineToHeaders } = this.state;
				try {
					const headers = firstLineToHeaders === void 0 ? record : firstLineToHeaders.call(null, record);
					if (!Array.isArray(headers)) return this.__error(new CsvError("CSV_INVALID_COLUMN_MAPPING", [
						"Invalid Column Mapping:",
						"expect an array from column function,",
						`got ${JSON.stringify(headers)}`
					], this.options, this.__infoField(), { headers }));
					const normalizedHeaders = normalize_columns_array(headers);
					this.state.expectedRecordLength = normalizedHeaders.length;
					this.options.columns = normalizedHeaders;
					this.__resetRecord();
					return;
				} catch (err) {
					return err;
				}
			},
			__resetRecord: function() {
				if (this.options.raw === true) this.state.rawBuffer.reset();
				this.state.error = void 0;
				this.state.record = [];
				this.state.record_length = 0;
			},
			__onField: function() {
				const { cast, encoding, rtrim, max_record_size } = this.options;
				const { enabled, wasQuoting } = this.state;
				if (enabled === false) return this.__resetField();
				let field = this.state.field.toString(encoding);
				if (rtrim === true && wasQuoting === false) field = field.trimRight();
				if (cast === true) {
					const [err, f] = this.__cast(field);
					if (err !== void 0) return err;
					field = f;
				}
				this.state.record.push(field);
				if (max_record_size !== 0 && typeof field === "string") this.state.record_length += field.length;
				this.__resetField();
			},
			__resetField: function() {
				this.state.field.reset();
				this.state.wasQuoting = false;
			},
			__push: function(record, push) {
				const { on_record } = this.options;
				if (on_record !== void 0) {
					const info = this.__infoRecord();
					try {
						record = on_record.call(null, record, info);
					} catch (err) {
						return err;
					}
					if (record === void 0 || record === null) return;
				}
				this.info.bytes_records += this.info.bytes;
				push(record);
			},
			__cast: function(field) {
				const { columns, relax_column_count } = this.options;
				if (Array.isArray(columns) === true && relax_column_count && this.options.columns.length <= this.state.record.length) return [void 0, void 0];
				if (this.state.castField !== null) try {
					const info = this.__infoField();
					return [void 0, this.state.castField.call(null, field, info)];
				} catch (err) {
					return [err];
				}
				if (this.__isFloat(field)) return [void 0, parseFloat(field)];
				else if (this.options.cast_date !== false) {
					const info = this.__infoField();
					return [void 0, this.options.cast_date.call(null, field, info)];
				}
				return [void 0, field];
			},
			__compareBytes: function(sourceBuf, targetBuf, targetPos, firstByte) {
				if (sourceBuf[0] !== firstByte) return 0;
				const sourceLength = sourceBuf.length;
				for (let i = 1; i < sourceLength; i++) if (sourceBuf[i] !== targetBuf[targetPos + i]) return 0;
				return sourceLength;
			},
			__isCharTrimable: function(buf, pos) {
				const { timchars, timcharFirstBytes } = this.state;
				const first = buf[pos];
				if (first === void 0 || timcharFirstBytes[first] === 0) return 0;
				loop1: for (let i = 0; i < timchars.length; i++) {
					const timchar = timchars[i];
					for (let j = 0; j < timchar.length; j++) if (timchar[j] !== buf[pos + j]) continue loop1;
					return timchar.length;
				}
				return 0;
			},
			__isDelimiter: function(buf, pos, chr) {
				const { delimiter, ignore_last_delimiters } = this.options;
				if (ignore_last_delimiters === true && this.state.record.length === this.options.columns.length - 1) return 0;
				else if (ignore_last_delimiters !== false && typeof ignore_last_delimiters === "number" && this.state.record.length === ignore_last_delimiters - 1) return 0;
				loop1: for (let i = 0; i < delimiter.length; i++) {
					const del = delimiter[i];
					if (del[0] === chr) {
						for (let j = 1; j < del.length; j++) if (del[j] !== buf[pos + j]) continue loop1;
						return del.length;
					}
				}
				return 0;
			},
			__isEscape: function(buf, pos, chr) {
				const { escape } = this.options;
				if (escape === null) return false;
				const l = escape.length;
				if (escape[0] === chr) {
					for (let i = 0; i < l; i++) if (escape[i] !== buf[pos + i]) return false;
					return true;
				}
				return false;
			},
			__isFloat: function(value) {
				return value - parseFloat(value) + 1 >= 0;
			},
			__isQuote: function(buf, pos) {
				const { quote } = this.options;
				if (quote === null) return false;
				const l = quote.length;
				for (let i = 0; i < l; i++) if (quote[i] !== buf[pos + i]) return false;
				return true;
			},
			__isRecordDelimiter: function(chr, buf, pos) {
				const { record_delimiter } = this.options;
				const recordDelimiterLength = record_delimiter.length;
				loop1: for (let i = 0; i < recordDelimiterLength; i++) {
					const rd = record_delimiter[i];
					const rdLength = rd.length;
					if (rd[0] !== chr) continue;
					for (let j = 1; j < rdLength; j++) if (rd[j] !== buf[pos + j]) continue loop1;
					return rd.length;
				}
				return 0;
			},
			__autoDiscoverRecordDelimiter: function(buf, pos) {
				const { encoding } = this.options;
				const rds = [
					Buffer.from("\r\n", encoding),
					Buffer.from("\n", encoding),
					Buffer.from("\r", encoding)
				];
				loop: for (let i = 0; i < rds.length; i++) {
					const l = rds[i].length;
					for (let j = 0; j < l; j++) if (rds[i][j] !== buf[pos + j]) continue loop;
					this.options.record_delimiter.push(rds[i]);
					this.state.recordDelimiterMaxLength = rds[i].length;
					return rds[i].length;
				}
				return 0;
			},
			__error: function(msg) {
				const { encoding, raw, skip_records_with_error } = this.options;
				const err = typeof msg === "string" ? new Error(msg) : msg;
				if (skip_records_with_error) {
					this.state.recordHasError = true;
					if (this.options.on_skip !== void 0) try {
						this.options.on_skip(err, raw ? this.state.rawBuffer.toString(encoding) : void 0);
					} catch (err) {
						return err;
					}
					return;
				} else return err;
			},
			__infoDataSet: function() {
				return {
					...this.info,
					columns: this.options.columns
				};
			},
			__infoRecord: function() {
				const { columns, raw, encoding } = this.options;
				return {
					...this.__infoDataSet(),
					bytes_records: this.info.bytes,
					error: this.state.error,
					header: columns === true,
					index: this.state.record.length,
					raw: raw ? this.state.rawBuffer.toString(encoding) : void 0
				};
			},
			__infoField: function() {
				const { columns } = this.options;
				const isColumns = Array.isArray(columns);
				const bytes_records = this.info.bytes_records;
				return {
					...this.__infoRecord(),
					bytes_records,
					column: isColumns === true ? columns.length > this.state.record.length ? columns[this.state.record.length].name : null : this.state.record.length,
					quoting: this.state.wasQuoting
				};
			}
		};
	};
}));

// node_modules/csv-parse/lib/sync.js
var parse;
var init_sync = __esmMin((() => {
	init_api();
	parse = function(data, opts = {}) {
		if (typeof data === "string") data = Buffer.from(data);
		const records = opts && opts.objname ? Object.create(null) : [];
		const parser = transform(opts);
		const push = (record) => {
			if (parser.options.objname === void 0) records.push(record);
			else records[record[0]] = record[1];
		};
		const close = () => {};
		const error = parser.parse(data, true, push, close);
		if (error !== void 0) throw error;
		return records;
	};
}));

// src/model/list-syntax.ts
/** Splits a list the way docker/build-push-action does: one value a line, quotes around a value keep line breaks in it (`""` is a quote
* then), quotes inside a value are themselves (there, those that begin after a comma are lost), empty lines do not count. Lines
* that begin with `#` are comments.
* @param commas `split`: they separate values too, unless within quotes around a value; `keep`: they are part of it.
* @throws Error where a quote is never closed; the text is not in the message. */
function splitList(text, commas) {
	return splitRaw(text, commas).map((value) => value.trim()).filter((value) => value !== "");
}
/** As `splitList`, with the white space around values that are in quotes: secrets may end in a line break. */
function splitRaw(text, commas) {
	return readRows(text, commas === "split" ? "," : nothing).flat().filter((value) => value.trim() !== "");
}
function readRows(text, delimiter) {
	try {
		return parse(text, {
			columns: false,
			comment: "#",
			comment_no_infix: true,
			delimiter,
			record_delimiter: ["\r\n", "\n"],
			relax_column_count: true,
			relax_quotes: true,
			skip_empty_lines: true
		});
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		throw new Error("a quote is opened and never closed", { cause: error });
	}
}
var nothing;
var init_list_syntax = __esmMin((() => {
	init_sync();
	nothing = "\0";
}));

// src/inputs/reader.ts
function isBoolean(value) {
	return /^(?:true|True|TRUE|false|False|FALSE)$/.test(value);
}
var InputReader;
var init_reader = __esmMin((() => {
	init_errors();
	init_list_syntax();
	InputReader = class {
		#raw;
		#problems = [];
		notices = [];
		/** @param raw names as the runner spells them: upper case, without `INPUT_`. */
		constructor(raw) {
			this.#raw = raw;
		}
		/** The names that were given a value, as the runner spells them. */
		given() {
			return [...this.#raw].filter(([, value]) => value.trim() !== "").map(([name]) => name);
		}
		/** The value without the white space around it; undefined where it is empty: not given. */
		text(name) {
			const value = this.untrimmed(name).trim();
			return value === "" ? void 0 : value;
		}
		/** The value as it came. */
		untrimmed(name) {
			return this.#raw.get(name.toUpperCase()) ?? "";
		}
		/** One value a line; lines that begin with `#` are comments. */
		lines(name) {
			return (this.text(name) ?? "").split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
		}
		/** A list in the syntax of docker/build-push-action, see `splitList`. */
		list(name, commas) {
			return this.parse(name, void 0, () => splitList(this.text(name) ?? "", commas)) ?? [];
		}
		choice(name, allowed) {
			const value = this.text(name) ?? allowed[0];
			const spelled = isBoolean(value) ? value.toLowerCase() : value;
			const found = allowed.find((one) => one === spelled);
			if (found === void 0) this.problem(name, value, `allowed are ${allowed.join(", ")}`);
			return found ?? allowed[0];
		}
		/** A boolean of YAML 1.2 core; undefined where it is not given. */
		boolean(name) {
			const value = this.text(name);
			if (value === void 0) return void 0;
			if (!isBoolean(value)) this.problem(name, value, "allowed are true, false");
			return value.toLowerCase() === "true";
		}
		/** A text that `parse` accepts; undefined where it is not given or wrong. */
		parsed(name, parse) {
			const value = this.text(name);
			return value === void 0 ? void 0 : this.parse(name, value, parse);
		}
		/** Those of `values` that `parse` accepts, parsed. */
		parsedAll(name, values, parse) {
			return values.flatMap((value) => {
				const made = this.parse(name, value, parse);
				return made === void 0 ? [] : [made];
			});
		}
		/** @param value what the message quotes; undefined where it must not be shown. */
		problem(name, value, rule) {
			this.#problems.push([
				name,
				...value === void 0 ? [] : [JSON.stringify(value)],
				rule
			].join(": "));
		}
		notice(name, text) {
			this.notices.push(`${name}: ${text}`);
		}
		/** @throws ActionError `invalid-input` with all problems, where there is one. */
		finish() {
			if (this.#problems.length === 0) return;
			const count = this.#problems.length === 1 ? "an input is wrong" : `${this.#problems.length} inputs are wrong`;
			throw new ActionError("invalid-input", `${count}:\n${this.#problems.map((one) => `  - ${one}`).join("\n")}`, { hint: "correct the `with:` block of the step; nothing has been run" });
		}
		/** Parses a value; what is thrown becomes a problem that quotes `shown`. */
		parse(name, shown, parse) {
			try {
				return parse(shown);
			} catch (error) {
				this.problem(name, shown, error.message);
				return;
			}
		}
	};
}));

// src/model/log-line.ts
/** A line without control characters; tab and colour stay. */
function stripControls(line) {
	return line.replace(controls, "");
}
/** A line from outside as it may stand in the log. `::name` at the start and `##[name]` or `##vso[` anywhere are commands to GitHub's
* and Azure's runners (actions/runner, ActionCommand.TryParse and TryParseV2): a backslash, for all to see, makes text of them.
* @param redact hides secrets. It comes between: what parted a secret or a command must not join it later, and a backslash must not part it. */
function defang(line, redact = same) {
	return redact(stripControls(line)).replace(colonCommand, "\\$1$2").replace(bracketCommand, "##\\");
}
/** A text of several lines as it may stand in the log. */
function defangText(text, redact) {
	return text.split(/\r\n|\n|\r/).map((line) => defang(line, redact)).join("\n");
}
function same(text) {
	return text;
}
var ignorable, colonCommand, bracketCommand, controls;
var init_log_line = __esmMin((() => {
	ignorable = "[\\p{Cf}\\p{Mn}\\u001b]*";
	colonCommand = new RegExp(`^([\\s\\p{Cf}\\u001b]*:)(${ignorable}:)`, "u");
	bracketCommand = new RegExp(`#(${ignorable})#(${ignorable})(?=\\[|vso${ignorable}\\[)`, "giu");
	controls = /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029]|\u001b(?!\[[\d;:]*m)/g;
}));

// src/model/plain-text.ts
init_reader();
init_log_line();
const colours = /\u001b\[[\d;:]*m/g;
/** They turn the order of what follows, ours too (Unicode TR9; CVE-2021-42574). */
const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Text as it can be shown to people outside of a terminal: without control characters, colours and what turns the direction of writing. Lines stay. */
function plainText(text) {
	return text.toWellFormed().split(/(\r\n|\n|\r)/).map((line, at) => at % 2 === 1 ? "\n" : stripControls(line.replace(colours, "")).replace(turns, "")).join("");
}

// src/report/markdown.ts
/** What GitHub makes links of after it has rendered a text, however its signs were escaped: `a@b.c`, `http://…`, `www.…`. */
const links = /@(?=[\w-])|:(?=\/)|www(?=\.)/gi;
/** And outside of code mentions, references and emoji: `@name`, `#1`, `GH-1`, `:name:`. */
const sparks = /@(?=[\w-])|#(?=\d)|:(?=[\w+/-])|\bGH-(?=\d)|www(?=\.)/gi;
/** Nobody sees or copies it, and it keeps apart what would act together. */
const apart = "<wbr>";
/** Text from anywhere within a line that something else begins. */
function inline(text) {
	return inert(text, sparks);
}
/** What `inline` made, at the begin of a line: no list, rule or heading comes of it, nor code by its indentation. */
function startLine(text) {
	return text.trimStart().replace(/^[-=]/, reference).replace(/^(\d+)\.(?=\s|$)/, "$1&#46;");
}
/** Text from anywhere as code; the same care, and spaces are kept. */
function code(text) {
	return `<code>${inert(text, links)}</code>`;
}
/** What is plain has no NUL, so that it can stand for what must come after the escaping. */
function inert(text, acting) {
	return plainText(text).replace(/\s*[\r\n]+\s*/g, " ").replace(acting, "$&\0").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/[\\`*_{}[\]()#+!|~@:/]/g, reference).replaceAll("\0", apart).replaceAll("$", "<span>$</span>");
}
function reference(char) {
	return `&#${char.codePointAt(0)};`;
}

// src/report/summary/blocks.ts
/** The runner refuses a step's summary of more than 1,024 KiB and shows none of it. */
const summaryLimit = {
	bytes: 1e6,
	because: "because GitHub shows no summary beyond 1 MiB",
	rest: "The receipt has it all."
};
/** Rows that people take in without scrolling. */
const mostOpenRows = 12;
const mostRows = 200;
/** The blocks as one document. Those that do not fit are left out, and that is said. */
function fitBlocks(blocks, limit = summaryLimit) {
	const shown = [];
	const cut = [];
	let bytes = 0;
	for (const { name, text } of blocks.filter((block) => block.text !== "")) {
		const more = Buffer.byteLength(text) + 2;
		if (bytes + more > limit.bytes) {
			cut.push(name);
			continue;
		}
		bytes += more;
		shown.push(text);
	}
	if (cut.length > 0) shown.push(`> ✂️ Left out, ${limit.because}: ${cut.join(", ")}. ${limit.rest}`);
	return `${shown.join("\n\n")}\n`;
}
/** A table; a long one folds, and one that nobody would read to its end is cut, with a row that counts the rest. */
function renderTable(head, rows, what) {
	if (rows.length === 0) return "";
	const more = rows.length - mostRows;
	const rest = more > 0 ? [`| … ${more} more, in the receipt ${"| ".repeat(head.length).trimEnd()}`] : [];
	const rule = head.map((one) => one.endsWith(" ") ? "--:" : "---").join("|");
	const lines = [
		`| ${head.map((one) => one.trim()).join(" | ")} |`,
		`|${rule}|`,
		...rows.slice(0, mostRows),
		...rest
	];
	return rows.length > 12 ? fold(`${rows.length} ${what}`, lines.join("\n")) : lines.join("\n");
}
/** Something that is there for who opens it. */
function fold(title, text) {
	return `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;
}
/** The beginning of a text that is too long to be read. */
function shorten(text, most) {
	return text.length > most ? `${text.slice(0, most)}…` : text;
}

// src/model/git-ref.ts
/** A commit id, in full: 40 hex digits, or 64 in a SHA-256 repository. */
function isCommitId(text) {
	return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

// src/report/summary/commit-pages.ts
/** A commit in short, linked to its page where there is one. */
function showCommit(commit, pages) {
	const short = code(commit.slice(0, 7));
	return pages === "" || !isCommitId(commit) ? short : `[${short}](${pages}/commit/${commit})`;
}
/** A sentence from anywhere as Markdown: what stands between backticks as code, commits in short, the rest as it came. */
function prose(text, pages) {
	const parts = text.split(/(`[^`\n]+`|(?<![\w:.])[0-9a-f]{40}(?!\w))/);
	return startLine(parts.map((part, at) => at % 2 === 0 ? inline(part) : showMarked(part, pages)).join(""));
}
function showMarked(part, pages) {
	return part.startsWith("`") ? code(part.slice(1, -1)) : showCommit(part, pages);
}

// src/report/summary/afterwards.ts
/** What post adds to the job's summary where main was ended before it could tell, or left a tag in doubt.
* @param receipt what main left; undefined where it left none
* @param tags those that were looked at, as they stand */
function renderAfterwards(receipt, tags) {
	const rows = tags.map(({ repository, tag, after, outcome, reason }) => `| ${code(`${repository}:${tag}`)} | ${outcome}${reason === "" ? "" : `: ${prose(shorten(reason, 500), "")}`} | ${after === null ? "—" : code(after)} |`);
	return fitBlocks([
		{
			name: "the verdict",
			text: receipt?.unfinished === false ? "## 🔎 Slipway: tags that were in doubt" : "## ⏹️ Slipway: ended from outside"
		},
		{
			name: "why",
			text: tags.length === 0 ? tellNothing(receipt) : "Read from the registry afterwards:"
		},
		{
			name: "the tags",
			text: renderTable([
				"tag",
				"what happened",
				"now"
			], rows, "tags")
		},
		{
			name: "what to do next",
			text: "**What to do next**\n\n- Run it again: what was written stays, what is missing is added"
		}
	]);
}
function tellNothing(receipt) {
	return receipt === void 0 ? "It left no receipt, which is written before any tag is: nothing was published." : "It had not come to any tag: nothing was published.";
}

// src/model/digest.ts
/** Tells whether a text is a sha256 digest in its canonical spelling. */
function isDigest(text) {
	return shape$1.test(text);
}
/** Reads a digest.
* @throws Error naming the text where it is none; callers give it its context. */
function parseDigest(text) {
	if (!isDigest(text)) throw new Error(`not a sha256 digest: ${JSON.stringify(text)}`);
	return text;
}
/** The digest of some bytes. */
function digestOf(bytes) {
	return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
var shape$1;
var init_digest = __esmMin((() => {
	shape$1 = /^sha256:[0-9a-f]{64}$/;
}));

// src/plan/settle.ts
/** What is known of a tag in doubt after a look at it, for main at its end and for post. A write that was refused or cut off has left no
* trace where the tag holds what it held before; one that was never answered may still arrive, and of a registry that contradicts
* itself, and of what somebody else wrote, nothing is known. */
function settleDoubt({ before, reason }, { held, isImage }) {
	if (isImage && held !== void 0) return {
		outcome: outcomeOf(before, held),
		reason: `${reason}; it was found done`
	};
	if (held !== before) return {
		outcome: "unknown",
		reason: reason.includes(foreign) ? reason : `${reason}; ${foreign}`
	};
	return reason.startsWith("the write was under way") ? {
		outcome: "not-written",
		reason: `${reason} and left no trace`
	} : {
		outcome: "unknown",
		reason
	};
}
/** What a tag that holds the image now has been through. */
function outcomeOf(before, now) {
	if (before === void 0) return "new";
	return before === now ? "kept" : "moved";
}
var underWay, foreign;
var init_settle = __esmMin((() => {
	underWay = "the write was under way";
	foreign = "it holds neither this image nor what it held before: somebody else wrote it";
}));

// src/report/unfinished.ts
/** Reads a receipt that main wrote. @throws Error where it is none. */
function parseReceipt(text) {
	const whole = fieldsOf(JSON.parse(text));
	const tags = Array.isArray(whole["tags"]) ? whole["tags"] : [];
	if (whole["format"] !== 1 || !tags.every(isToldTag)) throw new Error("it is no receipt of Slipway");
	const { digest, config } = fieldsOf(whole["image"]);
	return {
		whole,
		unfinished: whole["result"] === "unfinished",
		tags,
		digest: asDigest(digest),
		configDigest: asDigest(config)
	};
}
/** The tags that somebody must look at again: all of a run that was ended, else those whose write was under way. */
function openTags({ tags, unfinished }) {
	return unfinished ? tags : tags.filter(({ outcome }) => outcome === "unknown");
}
/** What is known of a tag after a look at it. A write is told as under way before it starts, so what is not was never sent. */
function settleTag(tag, look) {
	if (look.kind === "unread") return {
		...tag,
		reason: join(tag.reason, `afterwards it could not be read: ${look.reason}`)
	};
	const after = look.held ?? null;
	switch (tag.outcome) {
		case "unknown": return {
			...tag,
			after,
			...settleDoubt({
				...tag,
				before: tag.before ?? void 0
			}, look)
		};
		case "not-written": return {
			...tag,
			after
		};
		case "new":
		case "moved":
		case "kept": return after === tag.after ? tag : {
			...tag,
			reason: `it holds ${look.held ?? "nothing"} since`
		};
		case "superseded": return tag;
	}
}
/** The receipt with what post found out. */
function renderFinished({ whole, unfinished }, tags) {
	const error = {
		code: "cancelled",
		message: "the step was ended from outside before its end; its tags were looked at afterwards",
		hint: "run it again: what was written stays, what is missing is added"
	};
	return `${JSON.stringify({
		...whole,
		...unfinished ? {
			result: "failed",
			error
		} : {},
		tags
	}, null, 2)}\n`;
}
function isToldTag(value) {
	const { repository, tag, before, after, outcome, reason } = fieldsOf(value);
	return [
		repository,
		tag,
		reason,
		before ?? "",
		after ?? ""
	].every((one) => typeof one === "string") && outcomes.includes(outcome);
}
function asDigest(value) {
	return typeof value === "string" && isDigest(value) ? value : void 0;
}
function join(...reasons) {
	return reasons.filter((reason) => reason !== "").join("; ");
}
function fieldsOf(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
var outcomes;
var init_unfinished = __esmMin((() => {
	init_digest();
	init_settle();
	outcomes = [
		"new",
		"moved",
		"kept",
		"superseded",
		"not-written",
		"unknown"
	];
}));

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
var init_utils = __esmMin((() => {}));

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
function escapeData(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/:/g, "%3A").replace(/,/g, "%2C");
}
var CMD_STRING, Command;
var init_command = __esmMin((() => {
	/* @__PURE__ */ init_utils();
	CMD_STRING = "::";
	Command = class {
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
}));

// node_modules/@actions/io/lib/io-util.js
function exists(fsPath) {
	return __awaiter$4(this, void 0, void 0, function* () {
		try {
			yield stat(fsPath);
		} catch (err) {
			if (err.code === "ENOENT") return false;
			throw err;
		}
		return true;
	});
}
/**
* On OSX/Linux, true if path starts with '/'. On Windows, true for paths like:
* \, \hello, \\hello\share, C:, and C:\hello (and corresponding alternate separator cases).
*/
function isRooted(p) {
	p = normalizeSeparators(p);
	if (!p) throw new Error("isRooted() parameter \"p\" cannot be empty");
	if (IS_WINDOWS$1) return p.startsWith("\\") || /^[A-Z]:/i.test(p);
	return p.startsWith("/");
}
/**
* Best effort attempt to determine whether a file exists and is executable.
* @param filePath    file path to check
* @param extensions  additional file extensions to try
* @return if file exists and is executable, returns the file path. otherwise empty string.
*/
function tryGetExecutablePath(filePath, extensions) {
	return __awaiter$4(this, void 0, void 0, function* () {
		let stats = void 0;
		try {
			stats = yield stat(filePath);
		} catch (err) {
			if (err.code !== "ENOENT") console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
		}
		if (stats && stats.isFile()) {
			if (IS_WINDOWS$1) {
				const upperExt = path.extname(filePath).toUpperCase();
				if (extensions.some((validExt) => validExt.toUpperCase() === upperExt)) return filePath;
			} else if (isUnixExecutable(stats)) return filePath;
		}
		const originalFilePath = filePath;
		for (const extension of extensions) {
			filePath = originalFilePath + extension;
			stats = void 0;
			try {
				stats = yield stat(filePath);
			} catch (err) {
				if (err.code !== "ENOENT") console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
			}
			if (stats && stats.isFile()) {
				if (IS_WINDOWS$1) {
					try {
						const directory = path.dirname(filePath);
						const upperName = path.basename(filePath).toUpperCase();
						for (const actualName of yield readdir(directory)) if (upperName === actualName.toUpperCase()) {
							filePath = path.join(directory, actualName);
							break;
						}
					} catch (err) {
						console.log(`Unexpected error attempting to determine the actual case of the file '${filePath}': ${err}`);
					}
					return filePath;
				} else if (isUnixExecutable(stats)) return filePath;
			}
		}
		return "";
	});
}
function normalizeSeparators(p) {
	p = p || "";
	if (IS_WINDOWS$1) {
		p = p.replace(/\//g, "\\");
		return p.replace(/\\\\+/g, "\\");
	}
	return p.replace(/\/\/+/g, "/");
}
function isUnixExecutable(stats) {
	return (stats.mode & 1) > 0 || (stats.mode & 8) > 0 && process.getgid !== void 0 && stats.gid === process.getgid() || (stats.mode & 64) > 0 && process.getuid !== void 0 && stats.uid === process.getuid();
}
var __awaiter$4, chmod, copyFile, lstat, mkdir, open, readdir, rename, rm, rmdir, stat, symlink, unlink, IS_WINDOWS$1, READONLY;
var init_io_util = __esmMin((() => {
	__awaiter$4 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
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
	({chmod, copyFile, lstat, mkdir, open, readdir, rename, rm, rmdir, stat, symlink, unlink} = fs.promises);
	IS_WINDOWS$1 = process.platform === "win32";
	READONLY = fs.constants.O_RDONLY;
}));

// node_modules/@actions/io/lib/io.js
/**
* Returns path of a tool had the tool actually been invoked.  Resolves via paths.
* If you check and the tool does not exist, it will throw.
*
* @param     tool              name of the tool
* @param     check             whether to check if tool exists
* @returns   Promise<string>   path to tool
*/
function which(tool, check) {
	return __awaiter$3(this, void 0, void 0, function* () {
		if (!tool) throw new Error("parameter 'tool' is required");
		if (check) {
			const result = yield which(tool, false);
			if (!result) {
				if (IS_WINDOWS$1) throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also verify the file has a valid extension for an executable file.`);
				else throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also check the file mode to verify the file is executable.`);
			}
			return result;
		}
		const matches = yield findInPath(tool);
		if (matches && matches.length > 0) return matches[0];
		return "";
	});
}
/**
* Returns a list of all occurrences of the given tool on the system path.
*
* @returns   Promise<string[]>  the paths of the tool
*/
function findInPath(tool) {
	return __awaiter$3(this, void 0, void 0, function* () {
		if (!tool) throw new Error("parameter 'tool' is required");
		const extensions = [];
		if (IS_WINDOWS$1 && process.env["PATHEXT"]) {
			for (const extension of process.env["PATHEXT"].split(path.delimiter)) if (extension) extensions.push(extension);
		}
		if (isRooted(tool)) {
			const filePath = yield tryGetExecutablePath(tool, extensions);
			if (filePath) return [filePath];
			return [];
		}
		if (tool.includes(path.sep)) return [];
		const directories = [];
		if (process.env.PATH) {
			for (const p of process.env.PATH.split(path.delimiter)) if (p) directories.push(p);
		}
		const matches = [];
		for (const directory of directories) {
			const filePath = yield tryGetExecutablePath(path.join(directory, tool), extensions);
			if (filePath) matches.push(filePath);
		}
		return matches;
	});
}
var __awaiter$3;
var init_io = __esmMin((() => {
	init_io_util();
	__awaiter$3 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
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
}));

// node_modules/@actions/exec/lib/toolrunner.js
/**
* Convert an arg string to an array of args. Handles escaping
*
* @param    argString   string of arguments
* @returns  string[]    array of arguments
*/
function argStringToArray(argString) {
	const args = [];
	let inQuotes = false;
	let escaped = false;
	let arg = "";
	function append(c) {
		if (escaped && c !== "\"") arg += "\\";
		arg += c;
		escaped = false;
	}
	for (let i = 0; i < argString.length; i++) {
		const c = argString.charAt(i);
		if (c === "\"") {
			if (!escaped) inQuotes = !inQuotes;
			else append(c);
			continue;
		}
		if (c === "\\" && escaped) {
			append(c);
			continue;
		}
		if (c === "\\" && inQuotes) {
			escaped = true;
			continue;
		}
		if (c === " " && !inQuotes) {
			if (arg.length > 0) {
				args.push(arg);
				arg = "";
			}
			continue;
		}
		append(c);
	}
	if (arg.length > 0) args.push(arg.trim());
	return args;
}
var __awaiter$2, IS_WINDOWS, ToolRunner, ExecState;
var init_toolrunner = __esmMin((() => {
	init_io();
	init_io_util();
	__awaiter$2 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
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
	IS_WINDOWS = process.platform === "win32";
	ToolRunner = class extends events.EventEmitter {
		constructor(toolPath, args, options) {
			super();
			if (!toolPath) throw new Error("Parameter 'toolPath' cannot be null or empty.");
			this.toolPath = toolPath;
			this.args = args || [];
			this.options = options || {};
		}
		_debug(message) {
			if (this.options.listeners && this.options.listeners.debug) this.options.listeners.debug(message);
		}
		_getCommandString(options, noPrefix) {
			const toolPath = this._getSpawnFileName();
			const args = this._getSpawnArgs(options);
			let cmd = noPrefix ? "" : "[command]";
			if (IS_WINDOWS) {
				if (this._isCmdFile()) {
					cmd += toolPath;
					for (const a of args) cmd += ` ${a}`;
				} else if (options.windowsVerbatimArguments) {
					cmd += `"${toolPath}"`;
					for (const a of args) cmd += ` ${a}`;
				} else {
					cmd += this._windowsQuoteCmdArg(toolPath);
					for (const a of args) cmd += ` ${this._windowsQuoteCmdArg(a)}`;
				}
			} else {
				cmd += toolPath;
				for (const a of args) cmd += ` ${a}`;
			}
			return cmd;
		}
		_processLineBuffer(data, strBuffer, onLine) {
			try {
				let s = strBuffer + data.toString();
				let n = s.indexOf(os.EOL);
				while (n > -1) {
					onLine(s.substring(0, n));
					s = s.substring(n + os.EOL.length);
					n = s.indexOf(os.EOL);
				}
				return s;
			} catch (err) {
				this._debug(`error processing line. Failed with error ${err}`);
				return "";
			}
		}
		_getSpawnFileName() {
			if (IS_WINDOWS) {
				if (this._isCmdFile()) return process.env["COMSPEC"] || "cmd.exe";
			}
			return this.toolPath;
		}
		_getSpawnArgs(options) {
			if (IS_WINDOWS) {
				if (this._isCmdFile()) {
					let argline = `/D /S /C "${this._windowsQuoteCmdArg(this.toolPath)}`;
					for (const a of this.args) {
						argline += " ";
						argline += options.windowsVerbatimArguments ? a : this._windowsQuoteCmdArg(a);
					}
					argline += "\"";
					return [argline];
				}
			}
			return this.args;
		}
		_endsWith(str, end) {
			return str.endsWith(end);
		}
		_isCmdFile() {
			const upperToolPath = this.toolPath.toUpperCase();
			return this._endsWith(upperToolPath, ".CMD") || this._endsWith(upperToolPath, ".BAT");
		}
		_windowsQuoteCmdArg(arg) {
			if (!this._isCmdFile()) return this._uvQuoteCmdArg(arg);
			if (!arg) return "\"\"";
			const cmdSpecialChars = [
				" ",
				"	",
				"&",
				"(",
				")",
				"[",
				"]",
				"{",
				"}",
				"^",
				"=",
				";",
				"!",
				"'",
				"+",
				",",
				"`",
				"~",
				"|",
				"<",
				">",
				"\""
			];
			let needsQuotes = false;
			for (const char of arg) if (cmdSpecialChars.some((x) => x === char)) {
				needsQuotes = true;
				break;
			}
			if (!needsQuotes) return arg;
			let reverse = "\"";
			let quoteHit = true;
			for (let i = arg.length; i > 0; i--) {
				reverse += arg[i - 1];
				if (quoteHit && arg[i - 1] === "\\") reverse += "\\";
				else if (arg[i - 1] === "\"") {
					quoteHit = true;
					reverse += "\"";
				} else quoteHit = false;
			}
			reverse += "\"";
			return reverse.split("").reverse().join("");
		}
		_uvQuoteCmdArg(arg) {
			if (!arg) return "\"\"";
			if (!arg.includes(" ") && !arg.includes("	") && !arg.includes("\"")) return arg;
			if (!arg.includes("\"") && !arg.includes("\\")) return `"${arg}"`;
			let reverse = "\"";
			let quoteHit = true;
			for (let i = arg.length; i > 0; i--) {
				reverse += arg[i - 1];
				if (quoteHit && arg[i - 1] === "\\") reverse += "\\";
				else if (arg[i - 1] === "\"") {
					quoteHit = true;
					reverse += "\\";
				} else quoteHit = false;
			}
			reverse += "\"";
			return reverse.split("").reverse().join("");
		}
		_cloneExecOptions(options) {
			options = options || {};
			const result = {
				cwd: options.cwd || process.cwd(),
				env: options.env || process.env,
				silent: options.silent || false,
				windowsVerbatimArguments: options.windowsVerbatimArguments || false,
				failOnStdErr: options.failOnStdErr || false,
				ignoreReturnCode: options.ignoreReturnCode || false,
				delay: options.delay || 1e4
			};
			result.outStream = options.outStream || process.stdout;
			result.errStream = options.errStream || process.stderr;
			return result;
		}
		_getSpawnOptions(options, toolPath) {
			options = options || {};
			const result = {};
			result.cwd = options.cwd;
			result.env = options.env;
			result["windowsVerbatimArguments"] = options.windowsVerbatimArguments || this._isCmdFile();
			if (options.windowsVerbatimArguments) result.argv0 = `"${toolPath}"`;
			return result;
		}
		/**
		* Exec a tool.
		* Output will be streamed to the live console.
		* Returns promise with return code
		*
		* @param     tool     path to tool to exec
		* @param     options  optional exec options.  See ExecOptions
		* @returns   number
		*/
		exec() {
			return __awaiter$2(this, void 0, void 0, function* () {
				if (!isRooted(this.toolPath) && (this.toolPath.includes("/") || IS_WINDOWS && this.toolPath.includes("\\"))) this.toolPath = path.resolve(process.cwd(), this.options.cwd || process.cwd(), this.toolPath);
				this.toolPath = yield which(this.toolPath, true);
				return new Promise((resolve, reject) => __awaiter$2(this, void 0, void 0, function* () {
					this._debug(`exec tool: ${this.toolPath}`);
					this._debug("arguments:");
					for (const arg of this.args) this._debug(`   ${arg}`);
					const optionsNonNull = this._cloneExecOptions(this.options);
					if (!optionsNonNull.silent && optionsNonNull.outStream) optionsNonNull.outStream.write(this._getCommandString(optionsNonNull) + os.EOL);
					const state = new ExecState(optionsNonNull, this.toolPath);
					state.on("debug", (message) => {
						this._debug(message);
					});
					if (this.options.cwd && !(yield exists(this.options.cwd))) return reject(/* @__PURE__ */ new Error(`The cwd: ${this.options.cwd} does not exist!`));
					const fileName = this._getSpawnFileName();
					const cp = child.spawn(fileName, this._getSpawnArgs(optionsNonNull), this._getSpawnOptions(this.options, fileName));
					let stdbuffer = "";
					if (cp.stdout) cp.stdout.on("data", (data) => {
						if (this.options.listeners && this.options.listeners.stdout) this.options.listeners.stdout(data);
						if (!optionsNonNull.silent && optionsNonNull.outStream) optionsNonNull.outStream.write(data);
						stdbuffer = this._processLineBuffer(data, stdbuffer, (line) => {
							if (this.options.listeners && this.options.listeners.stdline) this.options.listeners.stdline(line);
						});
					});
					let errbuffer = "";
					if (cp.stderr) cp.stderr.on("data", (data) => {
						state.processStderr = true;
						if (this.options.listeners && this.options.listeners.stderr) this.options.listeners.stderr(data);
						if (!optionsNonNull.silent && optionsNonNull.errStream && optionsNonNull.outStream) (optionsNonNull.failOnStdErr ? optionsNonNull.errStream : optionsNonNull.outStream).write(data);
						errbuffer = this._processLineBuffer(data, errbuffer, (line) => {
							if (this.options.listeners && this.options.listeners.errline) this.options.listeners.errline(line);
						});
					});
					cp.on("error", (err) => {
						state.processError = err.message;
						state.processExited = true;
						state.processClosed = true;
						state.CheckComplete();
					});
					cp.on("exit", (code) => {
						state.processExitCode = code;
						state.processExited = true;
						this._debug(`Exit code ${code} received from tool '${this.toolPath}'`);
						state.CheckComplete();
					});
					cp.on("close", (code) => {
						state.processExitCode = code;
						state.processExited = true;
						state.processClosed = true;
						this._debug(`STDIO streams have closed for tool '${this.toolPath}'`);
						state.CheckComplete();
					});
					state.on("done", (error, exitCode) => {
						if (stdbuffer.length > 0) this.emit("stdline", stdbuffer);
						if (errbuffer.length > 0) this.emit("errline", errbuffer);
						cp.removeAllListeners();
						if (error) reject(error);
						else resolve(exitCode);
					});
					if (this.options.input) {
						if (!cp.stdin) throw new Error("child process missing stdin");
						cp.stdin.end(this.options.input);
					}
				}));
			});
		}
	};
	ExecState = class ExecState extends events.EventEmitter {
		constructor(options, toolPath) {
			super();
			this.processClosed = false;
			this.processError = "";
			this.processExitCode = 0;
			this.processExited = false;
			this.processStderr = false;
			this.delay = 1e4;
			this.done = false;
			this.timeout = null;
			if (!toolPath) throw new Error("toolPath must not be empty");
			this.options = options;
			this.toolPath = toolPath;
			if (options.delay) this.delay = options.delay;
		}
		CheckComplete() {
			if (this.done) return;
			if (this.processClosed) this._setResult();
			else if (this.processExited) this.timeout = setTimeout$2(ExecState.HandleTimeout, this.delay, this);
		}
		_debug(message) {
			this.emit("debug", message);
		}
		_setResult() {
			let error;
			if (this.processExited) {
				if (this.processError) error = /* @__PURE__ */ new Error(`There was an error when attempting to execute the process '${this.toolPath}'. This may indicate the process failed to start. Error: ${this.processError}`);
				else if (this.processExitCode !== 0 && !this.options.ignoreReturnCode) error = /* @__PURE__ */ new Error(`The process '${this.toolPath}' failed with exit code ${this.processExitCode}`);
				else if (this.processStderr && this.options.failOnStdErr) error = /* @__PURE__ */ new Error(`The process '${this.toolPath}' failed because one or more lines were written to the STDERR stream`);
			}
			if (this.timeout) {
				clearTimeout(this.timeout);
				this.timeout = null;
			}
			this.done = true;
			this.emit("done", error, this.processExitCode);
		}
		static HandleTimeout(state) {
			if (state.done) return;
			if (!state.processClosed && state.processExited) {
				const message = `The STDIO streams did not close within ${state.delay / 1e3} seconds of the exit event from process '${state.toolPath}'. This may indicate a child process inherited the STDIO streams and has not yet exited.`;
				state._debug(message);
			}
			state._setResult();
		}
	};
}));

// node_modules/@actions/exec/lib/exec.js
var exec_exports = /* @__PURE__ */ __exportAll({
	exec: () => exec,
	getExecOutput: () => getExecOutput
});
/**
* Exec a command.
* Output will be streamed to the live console.
* Returns promise with return code
*
* @param     commandLine        command to execute (can include additional args). Must be correctly escaped.
* @param     args               optional arguments for tool. Escaping is handled by the lib.
* @param     options            optional exec options.  See ExecOptions
* @returns   Promise<number>    exit code
*/
function exec(commandLine, args, options) {
	return __awaiter$1(this, void 0, void 0, function* () {
		const commandArgs = argStringToArray(commandLine);
		if (commandArgs.length === 0) throw new Error(`Parameter 'commandLine' cannot be null or empty.`);
		const toolPath = commandArgs[0];
		args = commandArgs.slice(1).concat(args || []);
		return new ToolRunner(toolPath, args, options).exec();
	});
}
/**
* Exec a command and get the output.
* Output will be streamed to the live console.
* Returns promise with the exit code and collected stdout and stderr
*
* @param     commandLine           command to execute (can include additional args). Must be correctly escaped.
* @param     args                  optional arguments for tool. Escaping is handled by the lib.
* @param     options               optional exec options.  See ExecOptions
* @returns   Promise<ExecOutput>   exit code, stdout, and stderr
*/
function getExecOutput(commandLine, args, options) {
	return __awaiter$1(this, void 0, void 0, function* () {
		var _a, _b;
		let stdout = "";
		let stderr = "";
		const stdoutDecoder = new StringDecoder("utf8");
		const stderrDecoder = new StringDecoder("utf8");
		const originalStdoutListener = (_a = options === null || options === void 0 ? void 0 : options.listeners) === null || _a === void 0 ? void 0 : _a.stdout;
		const originalStdErrListener = (_b = options === null || options === void 0 ? void 0 : options.listeners) === null || _b === void 0 ? void 0 : _b.stderr;
		const stdErrListener = (data) => {
			stderr += stderrDecoder.write(data);
			if (originalStdErrListener) originalStdErrListener(data);
		};
		const stdOutListener = (data) => {
			stdout += stdoutDecoder.write(data);
			if (originalStdoutListener) originalStdoutListener(data);
		};
		const listeners = Object.assign(Object.assign({}, options === null || options === void 0 ? void 0 : options.listeners), {
			stdout: stdOutListener,
			stderr: stdErrListener
		});
		const exitCode = yield exec(commandLine, args, Object.assign(Object.assign({}, options), { listeners }));
		stdout += stdoutDecoder.end();
		stderr += stderrDecoder.end();
		return {
			exitCode,
			stdout,
			stderr
		};
	});
}
var __awaiter$1;
var init_exec = __esmMin((() => {
	init_toolrunner();
	__awaiter$1 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
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
}));

// node_modules/@actions/core/lib/core.js
/**
* Registers a secret which will get masked from logs
*
* @param secret - Value of the secret to be masked
* @remarks
* This function instructs the Actions runner to mask the specified value in any
* logs produced during the workflow run. Once registered, the secret value will
* be replaced with asterisks (***) whenever it appears in console output, logs,
* or error messages.
*
* This is useful for protecting sensitive information such as:
* - API keys
* - Access tokens
* - Authentication credentials
* - URL parameters containing signatures (SAS tokens)
*
* Note that masking only affects future logs; any previous appearances of the
* secret in logs before calling this function will remain unmasked.
*
* @example
* ```typescript
* // Register an API token as a secret
* const apiToken = "abc123xyz456";
* setSecret(apiToken);
*
* // Now any logs containing this value will show *** instead
* console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
* ```
*/
function setSecret(secret) {
	issueCommand("add-mask", {}, secret);
}
/**
* Adds a notice issue
* @param message notice issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function notice$1(message, properties = {}) {
	issueCommand("notice", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
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
var __awaiter, ExitCode;
var init_core = __esmMin((() => {
	init_command();
	/* @__PURE__ */ init_utils();
	init_exec();
	__awaiter = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
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
	;
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
}));

// src/tools/room.ts
/** The error of a runner without space; undefined where an error is about something else. */
function explainFull(error, where) {
	const code = error instanceof Error && "code" in error ? error.code : void 0;
	const said = error instanceof Error ? error.message : "";
	if (code !== "ENOSPC" && code !== "EDQUOT" && !/\bENOSPC\b|no space left on device/i.test(said)) return void 0;
	return new ActionError("disk-full", `the runner's disk is full: ${where} cannot be written to (${said})`, {
		hint: "free space before this step (`docker system prune -af`, caches, what earlier steps left), or use a runner with a larger disk",
		cause: error
	});
}
var init_room = __esmMin((() => {
	init_errors();
}));

// src/tools/command-files.ts
/** Lets this process write to them. */
function writeCommandFiles(write) {
	restoreCommandFiles();
	write();
	remember();
}
/** Puts back what somebody else has changed. What stands in a file's place now, a link or a pipe too, is deleted.
* @throws ActionError event-refused where there is no room for them any more. */
function restoreCommandFiles() {
	try {
		for (const [path, before] of kept) restore(path, before);
	} catch (cause) {
		throw explainCommandFiles(cause);
	}
}
/** Why the runner cannot be told of anything. */
function explainCommandFiles(cause) {
	if (cause instanceof ActionError) return cause;
	const full = explainFull(cause, "a file of the runner’s for this step");
	if (full !== void 0) return full;
	const reason = formatThrown(cause);
	return new ActionError("event-refused", `the runner’s files for this step cannot be written: ${reason}`, {
		hint: "something on this runner empties RUNNER_TEMP during the job, e.g. a clean-up of another job: give each runner a folder of its own. What was published stays, and the log says what that is",
		cause
	});
}
function restore(path, before) {
	if (isSame(path, before)) return;
	changed.add(names.get(path) ?? basename(path));
	rmSync(path, {
		recursive: true,
		force: true
	});
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, before.content, {
		flag: "wx",
		mode: before.mode
	});
	chmodSync(path, before.mode);
	kept.set(path, {
		...before,
		inode: lstatSync(path).ino
	});
}
function remember() {
	kept.clear();
	for (const folder of folders) for (const name of listFolder(folder)) rememberFile(join$1(folder, name));
}
function rememberFile(path) {
	const stat = lstatSync(path, { throwIfNoEntry: false });
	if (!stat?.isFile()) return;
	kept.set(path, {
		inode: stat.ino,
		mode: stat.mode & 4095,
		content: readFileSync(path)
	});
}
function isSame(path, before) {
	const stat = lstatSync(path, { throwIfNoEntry: false });
	if (!stat?.isFile() || stat.ino !== before.inode || (stat.mode & 4095) !== before.mode) return false;
	return stat.size === before.content.length && readFileSync(path).equals(before.content);
}
function listFolder(folder) {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}
var kept, changed, folders, names;
var init_command_files = __esmMin((() => {
	init_errors();
	init_room();
	kept = /* @__PURE__ */ new Map();
	changed = /* @__PURE__ */ new Set();
	folders = [];
	names = /* @__PURE__ */ new Map();
}));

// src/model/secret-forms.ts
/** Every form in which a log may show a secret: each line of it, and that in base64 (wherever in a text it began), URL-encoded, as JSON and
* XML write it, and quoted for a shell; and the whole in base64 broken into lines. After the runner's own ValueEncoders. */
function secretForms(secret) {
	const lines = Buffer.from(secret).toString("utf8").split(/\r\n|\n|\r/).flatMap((line) => [line, line.trim()]).filter((line) => line.length >= 4);
	const encoded = [...lines.flatMap(encode), ...wholeBase64(Buffer.from(secret))];
	return [.../* @__PURE__ */ new Set([...lines, ...encoded.filter((form) => form.length >= shortestForm)])];
}
function encode(line) {
	const bytes = Buffer.from(line);
	const url = encodeURIComponent(line.toWellFormed());
	const strict = url.replace(/[!'()*~]/g, percent);
	const json = JSON.stringify(line).slice(1, -1);
	return [
		...[
			0,
			1,
			2
		].flatMap((before) => bothAlphabets(coreBase64(bytes, before))),
		...bothAlphabets(bytes.toString("base64")),
		url,
		strict,
		...[url, strict].map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
		strict.replaceAll("%20", "+"),
		json,
		json.replaceAll("/", "\\/"),
		json.replace(/[<>&]/g, unicode),
		json.replace(/[^\x20-\x7e]/g, unicode),
		line.replace(/[&<>"']/g, (char) => xml[char] ?? char),
		line.replaceAll("'", "'\\''"),
		line.replaceAll("'", `'"'"'`),
		line.replace(/["$`\\]/g, "\\$&"),
		line.replace(/[^\w@%+=:,./-]/g, "\\$&")
	];
}
/** The part of a base64 text that says the same whatever stands round the secret; `before` bytes of its first group are not ours. */
function coreBase64(bytes, before) {
	const ours = bytes.subarray((3 - before) % 3);
	return ours.subarray(0, ours.length - ours.length % 3).toString("base64");
}
function wholeBase64(bytes) {
	const whole = bytes.toString("base64");
	return widths.flatMap((width) => whole.match(new RegExp(`.{1,${width}}`, "g")) ?? []);
}
function bothAlphabets(base64) {
	const bare = base64.replace(/=+$/, "");
	return [
		base64,
		bare,
		bare.replaceAll("+", "-").replaceAll("/", "_")
	];
}
function percent(char) {
	return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
function unicode(char) {
	return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
var shortestSecret, shortestForm, widths, xml;
var init_secret_forms = __esmMin((() => {
	shortestSecret = 4;
	shortestForm = 6;
	widths = [76, 64];
	xml = {
		"&": "&amp;",
		"<": "&lt;",
		">": "&gt;",
		"\"": "&quot;",
		"'": "&apos;"
	};
}));

// src/model/masker.ts
/** The hash of the last four characters: each moves out of the 20 bits by 5 a step. */
function roll(hash, char) {
	return (hash << slotBits / 4 ^ char) & 1048575;
}
function hashOf(key) {
	let hash = 0;
	for (let at = 0; at < key.length; at++) hash = roll(hash, key.charCodeAt(at));
	return hash;
}
var hidden$1, slotBits, slots, Masker;
var init_masker = __esmMin((() => {
	init_log_line();
	init_secret_forms();
	hidden$1 = "***";
	slotBits = 20;
	slots = 1 << slotBits;
	Masker = class {
		/** By the first characters of a form. */
		#forms = /* @__PURE__ */ new Map();
		/** Whether some form may begin with characters of this hash: nearly all places are passed over by it. */
		#begins = new Uint8Array(slots);
		#longest = 0;
		/** Learns a secret in all its forms. */
		learn(secret) {
			for (const form of secretForms(secret)) for (const one of /* @__PURE__ */ new Set([form, stripControls(form)])) this.#add(one);
		}
		/** The text with every secret as `***`. */
		redact(text) {
			let shown = "";
			let at = 0;
			for (const { from, to } of this.#spans(text)) {
				shown += text.slice(at, from) + hidden$1;
				at = to;
			}
			return at === 0 ? text : shown + text.slice(at);
		}
		/** Where to cut the first piece of about `limit` characters off a line so that no secret is cut in two; 0 where more of the line has
		* to be seen first. */
		cut(text, limit) {
			if (text.length <= limit + this.#longest) return 0;
			const start = Math.max(0, limit - this.#longest);
			for (const { from, to } of this.#spans(text.slice(start, limit + this.#longest))) if (start + from < limit && limit < start + to) return start + from > 0 ? start + from : start + to;
			return limit;
		}
		#add(form) {
			if (form.length < 4) return;
			const key = form.slice(0, 4);
			const known = this.#forms.get(key) ?? [];
			if (known.includes(form)) return;
			known.push(form);
			known.sort((a, b) => b.length - a.length);
			this.#forms.set(key, known);
			this.#begins[hashOf(key)] = 1;
			this.#longest = Math.max(this.#longest, form.length);
		}
		/** Secrets that overlap are one span. */
		#spans(text) {
			const spans = [];
			if (this.#longest === 0) return spans;
			const begins = this.#begins;
			let last;
			let hash = 0;
			for (let index = 0; index < text.length; index++) {
				hash = roll(hash, text.charCodeAt(index));
				if (begins[hash] === 0) continue;
				const at = index + 1 - 4;
				const end = this.#endAt(text, at);
				if (end === 0) continue;
				if (last === void 0 || at > last.to) {
					last = {
						from: at,
						to: end
					};
					spans.push(last);
				} else last.to = Math.max(last.to, end);
			}
			return spans;
		}
		/** Where the longest secret ends that begins here; 0 where none does. */
		#endAt(text, at) {
			if (at < 0) return 0;
			const form = this.#forms.get(text.slice(at, at + 4))?.find((one) => text.startsWith(one, at));
			return form === void 0 ? 0 : at + form.length;
		}
	};
}));

// src/tools/known-secrets.ts
var knownSecrets;
var init_known_secrets = __esmMin((() => {
	init_masker();
	knownSecrets = new Masker();
}));

// src/tools/log.ts
/** Prints a line for the runner, of parts. */
function printLine(...parts) {
	const most = 1 + parts.reduce((sum, { length }) => sum + length, 0) * bytesPerCharacter;
	if (!isTogether || most > pageSize) {
		turnPage();
		process.stdout.write(`${parts.join("")}\n`);
		return;
	}
	if (used + most > pageSize) turnPage();
	page ??= spare.pop() ?? Buffer.allocUnsafeSlow(pageSize);
	for (const part of parts) used += page.write(part, used);
	page[used++] = lineEnd;
}
/** Hands what was printed together to the runner: what is printed from here on comes after it. */
function turnPage() {
	if (page === void 0) return;
	const full = page;
	process.stdout.write(full.subarray(0, used), () => spare.push(full));
	page = void 0;
	used = 0;
}
var pageSize, bytesPerCharacter, lineEnd, spare, page, used, isTogether;
var init_log = __esmMin((() => {
	pageSize = 262144;
	bytesPerCharacter = 3;
	lineEnd = 10;
	spare = [];
	;
	used = 0;
	isTogether = false;
}));

// src/tools/actions.ts
/** Text in the log. What comes from outside must be quoted by the caller. */
function say(line) {
	printLine(shown(line));
}
/** A notice in the log and beside the run. */
function notice(text) {
	tellRunner(() => notice$1(shown(text), { title: "Slipway" }));
}
/** Hides a secret from here on, in all its forms: in the log, and in what `redact` is given. The runner is told line by line. */
function mask(secret) {
	knownSecrets.learn(secret.bytes);
	for (const line of secret.lines()) {
		if (masked.has(line)) continue;
		masked.add(line);
		tellRunner(() => setSecret(line));
	}
}
/** A text for a file that the runner does not mask, as the log would show it. */
function redact(text) {
	return knownSecrets.redact(text);
}
function shown(text) {
	return defangText(text, redact);
}
/** A word to the runner, which listens again from here on. */
function tellRunner(command) {
	if (stopped !== void 0) printLine(`::${stopped}::`);
	stopped = void 0;
	turnPage();
	command();
}
/** Ends once the runner has taken all that was said, or after some seconds: a process that exits before that drops its last words. */
async function flush() {
	await new Promise((resolve) => {
		setTimeout(resolve, longestFlush).unref();
		process.stdout.write("", () => resolve());
	});
}
/** What main remembered under a name; empty where it did not. */
function recall(name) {
	return getState(name);
}
/** Adds to the job's summary; without GITHUB_STEP_SUMMARY (an old runner) there is none. */
function writeSummary(path, markdown) {
	if (path !== void 0 && path !== "") writeCommandFiles(() => appendFileSync(path, markdown));
}
var masked, stopped, longestFlush;
var init_actions = __esmMin((() => {
	init_core();
	init_log_line();
	init_command_files();
	init_known_secrets();
	init_log();
	masked = /* @__PURE__ */ new Set();
	;
	longestFlush = 1e4;
}));

// src/tools/cancel.ts
init_unfinished();
init_actions();
/** Milliseconds from the first signal until main ends whatever it waits for: the runner gives INT 7.5 s. */
const patience$2 = 5e3;
/** Turns INT and TERM of the runner into an abort, whose reason is the signal's name. A second one, or five seconds without an end,
* calls `atOnce`. */
function listenForCancel(atOnce) {
	const controller = new AbortController();
	const onSignal = (signal) => {
		if (controller.signal.aborted) {
			atOnce();
			return;
		}
		setTimeout(atOnce, patience$2).unref();
		controller.abort(signal);
	};
	for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, onSignal);
	return controller.signal;
}

// src/tools/http/http-error.ts
var HttpError;
var init_http_error = __esmMin((() => {
	HttpError = class extends Error {
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
}));

// src/tools/http/network.ts
var network;
var init_network = __esmMin((() => {
	network = {
		get http() {
			return process.getBuiltinModule("node:http");
		},
		get https() {
			return process.getBuiltinModule("node:https");
		},
		get http2() {
			return process.getBuiltinModule("node:http2");
		},
		get tls() {
			return process.getBuiltinModule("node:tls");
		}
	};
}));

// src/tools/http/exchange.ts
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
var distrust;
var init_exchange$1 = __esmMin((() => {
	init_errors();
	init_http_error();
	init_network();
	distrust = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;
}));

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
var init_stream = __esmMin((() => {
	init_exchange$1();
}));

// src/tools/engine/call.ts
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
		body: parseJson$1(Buffer.concat(chunks).toString("utf8"))
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
			body: call.json === void 0 ? call.bytes : Buffer.from(JSON.stringify(call.json)),
			deadline: call.deadline ?? questionLimit,
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
/** The URL that paths of the engine are laid upon. */
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
function parseJson$1(text) {
	try {
		return text === "" ? void 0 : JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return void 0;
		throw error;
	}
}
var questionLimit, longestReply, silenceLimit;
var init_call = __esmMin((() => {
	init_errors();
	init_http_error();
	init_network();
	init_stream();
	questionLimit = 3e4;
	longestReply = 16777216;
	silenceLimit = 18e4;
}));

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
	return home === void 0 ? void 0 : join$1(home, ".docker");
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
	const text = folder === void 0 ? void 0 : readIfThere$1(join$1(folder, "config.json"));
	return text === void 0 || text.trim() === "" ? {} : parseObject(text, join$1(folder ?? "", "config.json"));
}
/** The name of the docker context that counts; `default` where DOCKER_HOST or nobody names one.
* @throws ActionError `engine-missing` where docker's configuration is unreadable. */
function currentContext(env) {
	if (env["DOCKER_HOST"]) return "default";
	const named = env["DOCKER_CONTEXT"] || readDockerConfig(env)["currentContext"];
	return typeof named === "string" && named !== "" ? named : "default";
}
function readAddress(env) {
	if (env["DOCKER_HOST"]) return {
		host: env["DOCKER_HOST"],
		source: "DOCKER_HOST",
		tls: readVariableTls(env)
	};
	const named = currentContext(env);
	if (named !== "default") return readContext(env, named);
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
	const folder = join$1(dockerConfigFolder(env) ?? "", "contexts");
	const id = createHash("sha256").update(name).digest("hex");
	const path = join$1(folder, "meta", id, "meta.json");
	const text = readIfThere$1(path);
	if (text === void 0) throw missing(`the docker context ${JSON.stringify(name)} does not exist: there is no ${path}`);
	const endpoint = fieldOf(fieldOf(parseObject(text, path), "Endpoints"), "docker");
	const host = fieldOf(endpoint, "Host");
	if (typeof host !== "string" || host === "") throw missing(`the docker context ${JSON.stringify(name)} names no host in ${path}`);
	const tls = readTlsFolder(join$1(folder, "tls", id, "docker"));
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
	const read = (file) => folder === void 0 ? void 0 : readIfThere$1(join$1(folder, file));
	return {
		ca: read("ca.pem"),
		cert: read("cert.pem"),
		key: read("key.pem")
	};
}
function readIfThere$1(path) {
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
var init_endpoint$1 = __esmMin((() => {
	init_errors();
	init_call();
}));

// src/tools/environment.ts
init_endpoint$1();
init_errors();
/** Reads the runner's environment.
* @throws ActionError `event-refused` where a variable that every runner sets is missing, or the payload is no JSON. */
function readEnvironment() {
	const all = readVariables();
	const need = (name) => {
		const value = all[name];
		if (value !== void 0 && value !== "") return value;
		throw new ActionError("event-refused", `the variable ${name} is not set`, { hint: "Slipway runs as a step of a GitHub Actions workflow; on other runners this variable must be set as GitHub sets it" });
	};
	return {
		eventName: need("GITHUB_EVENT_NAME"),
		payload: readPayload(need("GITHUB_EVENT_PATH")),
		payloadPath: need("GITHUB_EVENT_PATH"),
		ref: need("GITHUB_REF"),
		sha: need("GITHUB_SHA"),
		actor: all["GITHUB_ACTOR"] ?? "",
		repository: need("GITHUB_REPOSITORY"),
		serverUrl: all["GITHUB_SERVER_URL"] || "https://github.com",
		workspace: need("GITHUB_WORKSPACE"),
		home: readHome(all),
		runId: all["GITHUB_RUN_ID"] || "0",
		runAttempt: all["GITHUB_RUN_ATTEMPT"] || "1",
		temp: need("RUNNER_TEMP"),
		all,
		inputs: readInputs(all)
	};
}
function readHome(all) {
	const { GITHUB_ACTION_REPOSITORY: repository = "", GITHUB_ACTION_REF: ref = "", GITHUB_SERVER_URL: server } = all;
	return repository === "" || ref === "" ? "" : `${server || "https://github.com"}/${repository}/blob/${ref}`;
}
/** Every variable of the process as a plain record. */
function readVariables() {
	const all = {};
	for (const [name, value] of Object.entries(process.env)) if (value !== void 0) all[name] = value;
	return all;
}
function readInputs(all) {
	const inputs = /* @__PURE__ */ new Map();
	for (const [name, value] of Object.entries(all)) if (name.startsWith("INPUT_")) inputs.set(name.slice(6), value);
	return inputs;
}
function readPayload(path) {
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch (cause) {
		throw new ActionError("event-refused", `the event's payload cannot be read from ${path}`, {
			hint: "GITHUB_EVENT_PATH must name the JSON file that the runner wrote for this event",
			cause
		});
	}
}

// src/tools/leftovers.ts
/** Ends every process of this user that carries a mark: TERM, after a grace KILL until there is none.
* Linux alone tells of other processes' environments; elsewhere the process groups must do.
* @param mark a run's nonce for all of its processes, `testMark` for its tests'
* @param grace milliseconds between the two
* @returns what was found, as `PID command line`. */
async function endLeftovers(mark, grace = 500) {
	const found = /* @__PURE__ */ new Map();
	const began = performance.now();
	for (let empty = 0; empty < 2;) {
		const alive = findMarked(mark);
		empty = alive.length === 0 ? empty + 1 : 0;
		if (performance.now() - began > grace + patience$1) break;
		for (const pid of alive) {
			const isNew = !found.has(pid);
			if (isNew) found.set(pid, `${pid} ${commandOf(pid)}`);
			if (performance.now() - began > grace) send(pid, "SIGKILL");
			else if (isNew) send(pid, "SIGTERM");
		}
		if (empty < 2) await setTimeout$1(everyMs$2);
	}
	return [...found.values()];
}
/** Processes that carry a mark or one that begins with it; this process is none of them. */
function findMarked(mark) {
	if (process.platform !== "linux") return [];
	return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => pid !== process.pid && isMarked(pid, mark));
}
function isMarked(pid, mark) {
	return read(`/proc/${pid}/environ`).split("\0").some((one) => one === `${"SLIPWAY_RUN"}=${mark}` || one.startsWith(`${"SLIPWAY_RUN"}=${mark}-`));
}
function commandOf(pid) {
	return knownSecrets.redact(read(`/proc/${pid}/cmdline`).split("\0").join(" ").trim()).slice(0, 200);
}
function read(path) {
	try {
		return readFileSync(path, "latin1");
	} catch {
		return "";
	}
}
function send(pid, signal) {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if (!["ESRCH", "EPERM"].includes(error.code ?? "")) throw error;
	}
}
var markVariable, everyMs$2, patience$1;
var init_leftovers = __esmMin((() => {
	init_known_secrets();
	markVariable = "SLIPWAY_RUN";
	everyMs$2 = 25;
	patience$1 = 1500;
}));

// src/tools/state.ts
init_leftovers();
const key = "slipway";
const endKey = "slipway-ended";
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
	const left = recall(endKey);
	return {
		nonce,
		folder,
		names,
		restore,
		ended: left !== "",
		isTidy: left === "nothing"
	};
}
/** The private folder that belongs to a nonce. */
function stateFolder(temp, nonce) {
	return `${temp.replace(/\/+$/, "")}/slipway-${nonce}`;
}
/** The receipt of a run: it stays in RUNNER_TEMP for later steps; the runner empties that folder after the job. */
function receiptPath(temp, nonce) {
	return `${temp.replace(/\/+$/, "")}/slipway-receipt-${nonce}.json`;
}

// src/model/image-ref.ts
/** Reads a repository the way docker does: the first part is a registry if it has a dot, a colon or is `localhost`
* (distribution's reference grammar); upper case is lowered.
* @throws Error with the rule that the text breaks. */
function parseRepository(text) {
	const slash = text.indexOf("/");
	const first = slash < 0 ? "" : text.slice(0, slash);
	const named = first === "localhost" || /[.:]/.test(first);
	const registry = (named ? first : "docker.io").toLowerCase().replace(/^(?:index|registry-1)\.docker\.io$/, "docker.io");
	const rest = (named ? text.slice(slash + 1) : text).toLowerCase();
	const port = host.exec(registry)?.[1] ?? "1";
	if (!host.test(registry) || Number(port) > 65535) throw new Error(`${JSON.stringify(first)} is not a registry host`);
	if (/[@:]/.test(rest)) throw new Error("it has a tag or a digest; name the repository alone");
	const path = registry === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
	if (!path.split("/").every((part) => component.test(part))) throw new Error(`${JSON.stringify(rest)} is not a repository path: parts of a-z and 0-9, joined by . _ __ or -`);
	const name = `${registry}/${path}`;
	if (name.length > 255) throw new Error("it is longer than 255 characters");
	return {
		name,
		registry,
		path
	};
}
/** `repository:tag` or `repository@digest`, as people paste it. */
function formatReference(repository, at) {
	return `${repository.name}${at.includes(":") ? "@" : ":"}${at}`;
}
var component, host;
var init_image_ref = __esmMin((() => {
	component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
	host = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::(\d{1,5}))?$/;
}));

// src/model/full-storage.ts
/** Whether words are those of a storage without room: of Linux, as text or as Go's JSON has its number (distribution 2.8), of a quota
* (Harbor), of an S3 that is full (MinIO). */
function saysFull(words) {
	return full.test(words);
}
var full;
var init_full_storage = __esmMin((() => {
	full = /no space left on device|disk quota exceeded|"Err":(?:28|122)\b|StorageFull|exceed the configured upper limit/i;
}));

// src/tools/engine/ask.ts
/** Asks an engine one thing; again where another client crossed it. */
async function ask$2(engine, { method, path, cancel, query = {} }) {
	for (let tries = 1;; tries++) {
		const reply = await callEngine(engine, {
			method,
			path,
			query,
			headers: {},
			cancel
		});
		if (reply.status !== 500 || tries === mostTries || !isCrossed(reply)) return reply;
		await setTimeout$1(firstPause$1 * 3 ** (tries - 1), void 0, { signal: cancel });
	}
}
/** The containerd store asks to be asked again where another client changed an image in the middle of an answer. */
function isCrossed(reply) {
	return /data changed during operation, retry/.test(messageOf(reply));
}
/** Says that an engine answers and refuses. */
function refused(what, reply) {
	const reason = messageOf(reply);
	if (saysFull(reason)) return new ActionError("disk-full", `the Docker engine's disk is full, and it could not ${what}: ${reason}`, { hint: "free space where the engine keeps its images, e.g. `docker system prune -af`" });
	return new ActionError("engine-missing", `the Docker engine refused to ${what}: ${reason}`, { hint: "look at the engine’s own log; it answers, but not to this" });
}
/** The fields of an answer; none where it is something else. */
function fields(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
function text(value) {
	return typeof value === "string" ? value : "";
}
function texts(value) {
	return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
var mostTries, firstPause$1;
var init_ask = __esmMin((() => {
	init_errors();
	init_full_storage();
	init_call();
	mostTries = 6;
	firstPause$1 = 5;
}));

// src/tools/engine/images.ts
init_ask();
/** Lets a name (`repository:tag`) stand for an image, told by its id or another name. */
async function tagImageId(engine, { id, name }, cancel) {
	const colon = name.lastIndexOf(":");
	const query = {
		repo: name.slice(0, colon),
		tag: name.slice(colon + 1)
	};
	const reply = await ask$2(engine, {
		method: "POST",
		path: [
			"images",
			id,
			"tag"
		],
		query,
		cancel
	});
	if (reply.status !== 201) throw refused(`tag ${id} as ${name}`, reply);
}
/** Takes a name off an image; the image goes with its last name. That there is none of that name is fine. */
async function removeImageName(engine, name, cancel) {
	const reply = await ask$2(engine, {
		method: "DELETE",
		path: ["images", name],
		query: { force: "1" },
		cancel
	});
	if (reply.status !== 200 && reply.status !== 404) throw refused(`remove ${name}`, reply);
}

// src/tools/engine/removal.ts
init_ask();
/** Removes a container and its volumes, running or not; that it is gone already is fine. */
async function removeContainer(engine, id, cancel) {
	const gone = await ask$2(engine, {
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
	].includes(gone.status)) throw refused(`remove container ${id}`, gone);
}
/** Removes every container with this label (`name=value`), running or not; resolves with how many there were. */
async function removeContainers(engine, label, cancel) {
	const query = {
		all: "1",
		filters: JSON.stringify({ label: [label] })
	};
	const reply = await ask$2(engine, {
		method: "GET",
		path: ["containers", "json"],
		query,
		cancel
	});
	if (reply.status !== 200 || !Array.isArray(reply.body)) throw refused("list containers", reply);
	const ids = reply.body.map((one) => text(fields(one)["Id"]));
	for (const id of ids) await removeContainer(engine, id, cancel);
	return ids.length;
}

// src/tools/engine/holder.ts
/** This process as others on the same machine can tell whether it still runs: boot, process namespace, number and start. Empty where the
* system does not say (no Linux). */
function describeHolder() {
	try {
		return [
			...placeOfProcesses(),
			process.pid,
			startOf(process.pid)
		].join(" ");
	} catch {
		return "";
	}
}
/** Whether a process is known to have ended; false where nobody here can tell. */
function hasEnded(holder) {
	const [boot, namespace, pid, start] = holder.split(" ");
	if (boot === void 0 || namespace === void 0 || pid === void 0 || start === void 0) return false;
	try {
		const [ourBoot, ourNamespace] = placeOfProcesses();
		return boot === ourBoot && namespace === ourNamespace && startOf(Number(pid)) !== start;
	} catch {
		return false;
	}
}
function placeOfProcesses() {
	return [readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(), readlinkSync("/proc/self/ns/pid")];
}
/** In clock ticks since boot; empty where there is no such process. */
function startOf(pid) {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
	} catch {
		return "";
	}
}

// src/tools/engine/volumes.ts
init_errors();
init_ask();
init_call();
/** Makes a volume; where there is one of that name, the one that there is comes back.
* @throws ActionError `engine-missing`, `cancelled`. */
async function makeVolume(engine, { name, labels }, cancel) {
	return parseVolume((await ask$1(engine, {
		method: "POST",
		path: ["volumes", "create"],
		json: {
			Name: name,
			Labels: labels
		},
		cancel
	}, [200, 201])).body);
}
/** The volume of that name; undefined where there is none. @throws as `makeVolume`. */
async function readVolume(engine, name, cancel) {
	const reply = await ask$1(engine, {
		method: "GET",
		path: ["volumes", name],
		cancel
	}, [200, 404]);
	return reply.status === 404 ? void 0 : parseVolume(reply.body);
}
/** Every volume with this label (`name=value`). @throws as `makeVolume`. */
async function listVolumes(engine, label, cancel) {
	const { body } = await ask$1(engine, {
		method: "GET",
		path: ["volumes"],
		query: { filters: JSON.stringify({ label: [label] }) },
		cancel
	}, [200]);
	const volumes = fields(body)["Volumes"];
	return Array.isArray(volumes) ? volumes.map(parseVolume) : [];
}
/** Removes whatever volume has that name by now; that there is none is fine. @throws as `makeVolume`. */
async function removeVolume(engine, name, cancel) {
	await ask$1(engine, {
		method: "DELETE",
		path: ["volumes", name],
		cancel
	}, [204, 404]);
}
async function ask$1(engine, question, expected) {
	const reply = await callEngine(engine, {
		query: {},
		headers: {},
		...question
	});
	if (expected.includes(reply.status)) return reply;
	const what = question.path.join("/");
	throw new ActionError("engine-missing", `the Docker engine refused ${what}, by which runs take turns: ${messageOf(reply)}`, { hint: "look at the engine’s own log; it answers, but not to this" });
}
function parseVolume(value) {
	const { Name, Labels, CreatedAt } = fields(value);
	const labels = Object.entries(fields(Labels)).filter(([, text]) => typeof text === "string");
	return {
		name: String(Name),
		labels: Object.fromEntries(labels),
		created: Date.parse(String(CreatedAt))
	};
}

// src/tools/engine/turns.ts
init_errors();
const [runLabel, holderLabel, tokenLabel] = [
	"io.slipway.run",
	"io.slipway.holder",
	"io.slipway.turn"
];
const everyMs$1 = 100;
const patience = 6e5;
/** Whoever holds a turn this long has died without its post step; on this machine that is seen at once. */
const longest = 18e5;
/** Gives up every turn of a run that ended without doing so. */
async function endTurns(engine, nonce, cancel) {
	for (const volume of await listVolumes(engine, `${runLabel}=${nonce}`, cancel)) if (volume.name.startsWith(prefix)) await end(engine, volume, {
		name: volume.name,
		nonce
	}, cancel);
}
/** Turns of this process. */
const taken = /* @__PURE__ */ new Set();
const prefix = "slipway-turn-";
function volumeOf(name) {
	return `${prefix}${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}
async function take(engine, turn, cancel) {
	const until = performance.now() + patience;
	const token = randomBytes(16).toString("hex");
	const labels = {
		[runLabel]: turn.nonce,
		[holderLabel]: describeHolder(),
		[tokenLabel]: token
	};
	for (;;) {
		taken.add(turn.volume);
		const there = await makeVolume(engine, {
			name: turn.volume,
			labels
		}, cancel);
		if (there.labels[tokenLabel] === token) return there;
		if (there.labels[runLabel] === void 0 || hasEnded(there.labels[holderLabel] ?? "") || Date.now() - there.created > longest) await end(engine, there, turn, cancel);
		else if (performance.now() > until) throw tooLong(turn.name);
		else await pause(turn.name, cancel);
	}
}
/** Removes a turn's volume as long as it is that very turn's. An engine removes by name alone, and of two that saw the same dead turn the
* second would remove what the first has taken meanwhile: so ending a turn is done in a turn of its own, which no other turn shares. */
async function end(engine, seen, { name, nonce }, cancel) {
	const token = seen.labels[tokenLabel];
	const volume = volumeOf(`${seen.name} ${token ?? ""}`);
	await take(engine, {
		volume,
		name,
		nonce
	}, cancel);
	const now = await readVolume(engine, seen.name, cancel);
	if (now !== void 0 && now.labels[tokenLabel] === token) await removeVolume(engine, seen.name, cancel);
	await removeVolume(engine, volume, cancel);
	for (const one of [seen.name, volume]) taken.delete(one);
}
async function pause(name, cancel) {
	try {
		await setTimeout$1(everyMs$1, void 0, { signal: cancel });
	} catch (cause) {
		throw new ActionError("cancelled", `waiting for another run to push ${name} was given up: the run was cancelled`, {
			hint: "run it again",
			cause
		});
	}
}
function tooLong(name) {
	return new ActionError("timeout", `another run on this engine has been pushing ${name} for ten minutes`, { hint: "run this one again once that one has ended" });
}

// src/tools/tidy-up.ts
/** Undoes what a run has left in the engine. Again and again is fine.
* @throws ActionError `engine-missing`, `cancelled`. */
async function tidyUp(engine, { nonce, names, restore }, cancel) {
	const unused = removeContainers(engine, `io.slipway.run=${nonce}`, cancel);
	await Promise.all([
		...names.map((name) => unused.then(() => removeImageName(engine, name, cancel))),
		...restore.map(({ name, id }) => tagImageId(engine, {
			id,
			name
		}, cancel)),
		unused,
		endTurns(engine, nonce, cancel)
	]);
}

// src/tools/whole-file.ts
/** Writes a file of which a reader sees the old text or the new one, whenever this process ends. */
function writeWhole(path, text) {
	rmSync(`${path}.part`, {
		recursive: true,
		force: true
	});
	writeFileSync(`${path}.part`, text, { flag: "wx" });
	renameSync(`${path}.part`, path);
}

// src/model/secret.ts
var hidden, Secret;
var init_secret = __esmMin((() => {
	hidden = "***";
	Secret = class {
		#bytes;
		constructor(value) {
			this.#bytes = Buffer.from(value);
		}
		get bytes() {
			return this.#bytes;
		}
		/** The value as text; bytes that are no UTF-8 are lost. */
		reveal() {
			return this.#bytes.toString("utf8");
		}
		isEmpty() {
			return this.#bytes.length === 0;
		}
		/** What a masker has to look for: each line of at least 4 characters. Shorter ones would blot out the log. */
		lines() {
			return this.reveal().split(/\r?\n|\r/).map((line) => line.trim()).filter((line) => line.length >= 4);
		}
		/** Whether the value can travel as a variable of a process: text without NUL, within Linux's 128 KiB for one variable. */
		fitsVariable() {
			return this.#bytes.length < 1e5 && !this.#bytes.includes(0) && Buffer.from(this.reveal(), "utf8").equals(this.#bytes);
		}
		toString() {
			return hidden;
		}
		toJSON() {
			return hidden;
		}
	};
}));

// src/inputs/login.ts
/** Reads `username` and `password`, for the one registry that all repositories share. */
function readLogin(read, repositories) {
	const username = read.text("username");
	const password = read.text("password");
	if (username === void 0 && password === void 0) return { kind: "none" };
	if (username === void 0) {
		read.problem("username", void 0, "`password` is given, so it is needed too");
		return { kind: "none" };
	}
	if (username.includes(":")) read.problem("username", username, "a name without `:` is needed");
	const [registry, ...others] = new Set(repositories.map((one) => one.registry));
	if (others.length > 0) read.problem("username", void 0, `\`image\` and \`protected-image\` name several registries (${[registry, ...others].join(", ")}) and a login is for one: delete \`username\` and \`password\`, and log in to each with docker/login-action before this step`);
	if (registry === void 0) return { kind: "none" };
	if (password === void 0) return {
		kind: "no-password",
		registry,
		username
	};
	return {
		kind: "given",
		registry,
		username,
		password: new Secret(password)
	};
}
var init_login$1 = __esmMin((() => {
	init_secret();
}));

// src/inputs/repositories.ts
/** Repositories, one a line, each once; upper case is lowered with a notice. */
function readRepositories(read, name) {
	const found = /* @__PURE__ */ new Map();
	for (const line of read.lines(name)) {
		const [one] = read.parsedAll(name, [line], parseRepository);
		if (one === void 0) continue;
		if (line !== line.toLowerCase()) read.notice(name, `registries take lower case only: ${line} is written as ${one.name}`);
		if (!found.has(one.name)) found.set(one.name, one);
	}
	return [...found.values()];
}
var init_repositories = __esmMin((() => {
	init_image_ref();
}));

// src/model/manifest.ts
/** Whether a media type is that of a list of images. */
function isIndexType(mediaType) {
	return indexTypes.includes(mediaType);
}
/** Takes a manifest as it came over the wire.
* @param contentType the reply's header; where it says nothing of use, the `mediaType` inside the bytes counts.
* @throws Error where neither names a manifest: it could not be written again under the same type. */
function takeManifest(bytes, contentType) {
	const named = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
	if (isManifestType(named)) return {
		digest: digestOf(bytes),
		mediaType: named,
		bytes
	};
	const inside = readObject(parseJson(bytes), "the manifest")["mediaType"];
	if (typeof inside === "string" && isManifestType(inside)) return {
		digest: digestOf(bytes),
		mediaType: inside,
		bytes
	};
	throw new Error(`not a manifest or index of the OCI or Docker kind, but ${JSON.stringify(named)}`);
}
/** Reads a manifest or index.
* @throws Error naming the field that is missing or ill-formed. */
function parseManifest(manifest) {
	const fields = readObject(parseJson(manifest.bytes), "the manifest");
	const inside = fields["mediaType"];
	if (inside !== void 0 && inside !== manifest.mediaType) throw new Error(`it was sent as ${manifest.mediaType} and calls itself ${JSON.stringify(inside)}`);
	if ("manifests" in fields && ("layers" in fields || "config" in fields)) throw new Error("it is an image and an index at once");
	const annotations = readAnnotations(fields["annotations"]);
	if (isIndexType(manifest.mediaType)) return {
		kind: "index",
		manifests: readDescriptors(fields["manifests"], "manifests"),
		annotations
	};
	return {
		kind: "image",
		config: parseDescriptor(fields["config"], "config"),
		layers: readDescriptors(fields["layers"], "layers"),
		annotations
	};
}
function isManifestType(mediaType) {
	return imageTypes.includes(mediaType) || isIndexType(mediaType);
}
function parseJson(bytes) {
	return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}
function readDescriptors(value, field) {
	if (!Array.isArray(value)) throw new Error(`${field} is no list`);
	return value.map((entry, at) => parseDescriptor(entry, `${field}[${at}]`));
}
/** Reads a descriptor.
* @throws Error naming the field that is missing or ill-formed. */
function parseDescriptor(value, field) {
	const { mediaType, digest, size, platform, annotations } = readObject(value, field);
	if (typeof mediaType !== "string") throw new Error(`${field}.mediaType is no text`);
	if (typeof digest !== "string") throw new Error(`${field}.digest is no text`);
	if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw new Error(`${field}.size is no number of bytes`);
	return {
		mediaType,
		digest: parseDigest(digest),
		size,
		platform: platform === void 0 ? void 0 : readPlatform(platform, `${field}.platform`),
		annotations: readAnnotations(annotations)
	};
}
function readPlatform(value, field) {
	const { os, architecture, variant } = readObject(value, field);
	if (typeof os !== "string" || typeof architecture !== "string") throw new Error(`${field} names no os and architecture`);
	return typeof variant === "string" && variant !== "" ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}
function readAnnotations(value) {
	const annotations = /* @__PURE__ */ new Map();
	if (value === void 0 || value === null) return annotations;
	for (const [key, text] of Object.entries(readObject(value, "annotations"))) {
		if (typeof text !== "string") throw new Error(`annotation ${JSON.stringify(key)} is no text`);
		annotations.set(key, text);
	}
	return annotations;
}
function readObject(value, field) {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${field} is no object`);
	return value;
}
var imageTypes, indexTypes, acceptedManifests;
var init_manifest = __esmMin((() => {
	init_digest();
	imageTypes = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
	indexTypes = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
	acceptedManifests = [...indexTypes, ...imageTypes].join(", ");
}));

// src/model/registry.ts
var RegistryError;
var init_registry = __esmMin((() => {
	RegistryError = class extends Error {
		name = "RegistryError";
		kind;
		/** Host and port as people write it. */
		registry;
		/** The request in short: `HEAD v2/acme/app/manifests/main`. */
		request;
		/** The HTTP status; undefined where there was no reply. */
		status;
		constructor(kind, reason, at) {
			super(`${at.registry}: ${at.request}: ${reason}`, at.cause === void 0 ? void 0 : { cause: at.cause });
			this.kind = kind;
			this.registry = at.registry;
			this.request = at.request;
			this.status = at.status;
		}
	};
}));

// src/model/tag.ts
/** Tells whether a text is a legal tag. */
function isTag(text) {
	return shape.test(text);
}
/** Reads a tag.
* @throws Error naming the text where it is none. */
function parseTag(text) {
	if (!isTag(text)) throw new Error(`not a legal tag: ${JSON.stringify(text)}`);
	return text;
}
var shape;
var init_tag = __esmMin((() => {
	shape = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
}));

// src/plan/login.ts
/** The login that the workflow gives for a registry. */
function givenLogin(input, registry) {
	return input.kind === "given" && input.registry === registry ? {
		registry,
		username: input.username,
		password: input.password
	} : void 0;
}
/** GitHub's own registry takes the job's token from whoever runs the job; asked where there is no other login.
* @param host where that holds; another one in tests. */
function tokenLogin(registry, job, host = "ghcr.io") {
	if (registry !== host || job.token === void 0 || job.token.isEmpty()) return void 0;
	return {
		registry,
		username: job.actor === "" ? "x-access-token" : job.actor,
		password: job.token
	};
}
/** What of a login a log must not show. */
function secretsOfLogin({ username, password }) {
	return [password, new Secret(`${username}:${password.reveal()}`)];
}
var init_login = __esmMin((() => {
	init_secret();
}));

// src/model/limits.ts
var second, minute, layerPatience, stallLimit, sendingPace;
var init_limits = __esmMin((() => {
	second = 1e3;
	minute = 60 * second;
	layerPatience = {
		request: 15 * second,
		budget: 30 * second,
		tries: 3,
		idle: 30 * second
	};
	stallLimit = 2 * minute;
	sendingPace = {
		request: 30 * second,
		budget: 170 * minute,
		tries: 6
	};
}));

// src/tools/registry/docker-config.ts
/** The name under which docker keeps a registry's login: the host, and for Docker Hub its address of old. */
function serverName(registry) {
	return hubNames.includes(registry) ? hub : registry;
}
/** Reads `config.json`; an empty text is an empty configuration, as for docker.
* @throws ActionError `login-missing` naming the source and the field, never its value. */
function parseDockerConfig(text, source) {
	if (text.trim() === "") return {
		source,
		auths: /* @__PURE__ */ new Map(),
		helpers: /* @__PURE__ */ new Map(),
		store: ""
	};
	const fields = readFields(parseQuietly$1(text));
	if (fields === void 0) throw unreadable(source, "it is no JSON object");
	const { auths, credHelpers, credsStore = "" } = fields;
	if (typeof credsStore !== "string" || !helperName.test(credsStore)) throw unreadable(source, "credsStore is no name of a credential helper");
	const helpers = /* @__PURE__ */ new Map();
	for (const [key, name] of Object.entries(readFields(credHelpers) ?? {})) {
		if (typeof name !== "string" || !helperName.test(name)) throw unreadable(source, `credHelpers has no name of a credential helper for ${JSON.stringify(key)}`);
		helpers.set(key, name);
	}
	return {
		source,
		auths: new Map(Object.entries(readFields(auths) ?? {})),
		helpers,
		store: credsStore
	};
}
/** The entry of `auths` for a registry: by its name, else one whose address has that host; undefined where there is none.
* @throws ActionError `login-missing` where it is unreadable. */
function findEntry(config, registry) {
	const names = namesOf(registry);
	const key = names.find((name) => config.auths.has(name)) ?? [...config.auths.keys()].find((written) => names.includes(hostOf(written)));
	if (key === void 0) return void 0;
	const entry = readEntry(config.auths.get(key));
	if (entry === void 0) throw unreadable(config.source, `the entry ${JSON.stringify(key)} of auths is unreadable`);
	return entry;
}
/** The credential helper in charge of a registry, without `docker-credential-`; an empty one in `credHelpers` means the file. */
function configuredHelper(config, registry) {
	for (const name of namesOf(registry)) {
		const helper = config.helpers.get(name);
		if (helper !== void 0) return helper === "" ? void 0 : helper;
	}
	return config.store === "" ? void 0 : config.store;
}
function namesOf(registry) {
	return hubNames.includes(registry) ? hubNames : [registry];
}
function hostOf(key) {
	return key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
}
function readEntry(value) {
	const fields = readFields(value);
	if (fields === void 0) return void 0;
	const [registryToken, identity, auth, plainName, plainPassword] = [
		"registrytoken",
		"identitytoken",
		"auth",
		"username",
		"password"
	].map((name) => fields[name] ?? "");
	if (typeof registryToken !== "string" || typeof identity !== "string" || typeof auth !== "string") return void 0;
	const pair = auth === "" ? {
		username: plainName,
		password: plainPassword
	} : decodeAuth(auth);
	if (pair === void 0) return void 0;
	if (registryToken !== "") return {
		kind: "registry-token",
		token: registryToken
	};
	if (identity !== "") return {
		kind: "identity",
		token: identity
	};
	const { username, password } = pair;
	if (typeof username !== "string" || typeof password !== "string") return void 0;
	return username === "" && password === "" ? { kind: "none" } : {
		kind: "basic",
		username,
		password
	};
}
function decodeAuth(auth) {
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) return void 0;
	const [, username, password] = /^([^:]+):([\s\S]*)$/.exec(Buffer.from(auth, "base64").toString("utf8")) ?? [];
	if (username === void 0 || password === void 0) return void 0;
	return {
		username,
		password: password.replace(/^\0+|\0+$/g, "")
	};
}
function unreadable(source, what) {
	return new ActionError("login-missing", `${source}: ${what}`, { hint: "write it anew with docker/login-action or `docker login`" });
}
function readFields(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : void 0;
}
function parseQuietly$1(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
var helperName, hub, hubNames;
var init_docker_config = __esmMin((() => {
	init_errors();
	helperName = /^[\w.-]*$/;
	hub = "https://index.docker.io/v1/";
	hubNames = [
		hub,
		"docker.io",
		"index.docker.io",
		"registry-1.docker.io"
	];
}));

// src/model/duration.ts
/** A span of time as people read it: `340 ms`, `2.4 s`, `3 m 5 s`. */
function formatDuration(ms) {
	if (ms < 1e3) return `${Math.round(ms)} ms`;
	if (ms < 59950) return `${(ms / 1e3).toFixed(1)} s`;
	const seconds = Math.round(ms / 1e3);
	return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}
var init_duration = __esmMin((() => {}));

// src/tools/line-splitter.ts
var init_line_splitter = __esmMin((() => {
	init_known_secrets();
}));

// src/tools/registry/retry.ts
/** Tries again after passing faults: exponential pauses with full jitter, at least as long as the registry asks for (a minute
* at most), until the budget or the tries are used up.
* @param attempt is told until when (on the clock) it may take.
* @throws RegistryError of the last fault; whatever else the attempt throws comes through at once. */
async function persist({ pace, clock, cancel }, attempt) {
	const began = clock.now();
	const until = began + pace.budget;
	for (let tries = 1;; tries++) try {
		return await attempt(until);
	} catch (fault) {
		if (!(fault instanceof PassingFault)) throw fault;
		const jitter = clock.random() * Math.min(longestPause, firstPause * 2 ** (tries - 1));
		const pause = Math.max(jitter, Math.min(fault.wait, longestWait));
		if (tries >= Math.min(pace.tries, fault.tries) || clock.now() + pause >= until) throw new RegistryError(fault.kind, `${fault.message}, ${told(tries, clock.now() - began)}`, fault.at);
		await clock.sleep(pause, cancel);
	}
}
function told(tries, ms) {
	return `${tries === 1 ? "tried once" : `tried ${tries} times`} in ${(ms / 1e3).toFixed(1)} s`;
}
/** Milliseconds that a Retry-After header asks for: seconds or a date (RFC 9110, 10.2.3); 0 where there is none to read. */
function parseRetryAfter(header, now) {
	if (header === void 0) return 0;
	if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1e3;
	const date = Date.parse(header);
	return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
var publishingPace, accountingPace, probingPace, systemClock, PassingFault, firstPause, longestPause, longestWait;
var init_retry = __esmMin((() => {
	init_errors();
	init_registry();
	publishingPace = {
		request: 3e4,
		budget: 18e4,
		tries: 20
	};
	accountingPace = {
		request: 1e4,
		budget: 2e4,
		tries: 4
	};
	probingPace = {
		request: 5e3,
		budget: 8e3,
		tries: 2
	};
	systemClock = {
		now: () => performance.timeOrigin + performance.now(),
		sleep: async (ms, cancel) => {
			try {
				await setTimeout$1(ms, void 0, { signal: cancel });
			} catch (cause) {
				throw new ActionError("cancelled", "waiting for the registry was given up because the run was cancelled", {
					hint: "run it again",
					cause
				});
			}
		},
		random: Math.random
	};
	PassingFault = class extends Error {
		name = "PassingFault";
		kind;
		at;
		/** Milliseconds the registry asked to wait, 0 where it did not. */
		wait;
		/** How often trying makes sense: a name that does not exist will hardly come into being. */
		tries;
		constructor(kind, reason, how) {
			super(reason);
			this.kind = kind;
			this.at = how.at;
			this.wait = how.wait;
			this.tries = how.tries;
		}
	};
	firstPause = 500;
	longestPause = 3e4;
	longestWait = 6e4;
}));

// src/tools/engine/transfer.ts
var init_transfer = __esmMin((() => {
	init_line_splitter();
}));

// src/tools/engine/push.ts
var init_push = __esmMin((() => {
	init_transfer();
}));

// src/tools/engine/engine.ts
/** What the engine is. @throws ActionError `engine-missing`. */
async function readEngineInfo(engine, cancel) {
	const reply = await ask$2(engine, {
		method: "GET",
		path: ["info"],
		cancel
	});
	if (reply.status !== 200) throw refused("info", reply);
	const body = fields(reply.body);
	const driver = JSON.stringify(body["DriverStatus"] ?? []);
	const registries = fields(body["RegistryConfig"]);
	const named = Object.values(fields(registries["IndexConfigs"])).map(fields);
	return {
		store: driver.includes("io.containerd.snapshotter") ? "containerd" : "classic",
		version: text(body["ServerVersion"]),
		platform: `${text(body["OSType"])}/${text(body["Architecture"])}`,
		insecureRegistries: [...texts(registries["InsecureRegistryCIDRs"]), ...named.filter((one) => one["Secure"] === false).map((one) => text(one["Name"]))]
	};
}
var init_engine = __esmMin((() => {
	init_ask();
	init_push();
}));

// src/tools/http/http.ts
/** Opens a pool. */
function openHttp() {
	const agents = /* @__PURE__ */ new Map();
	const agentFor = ({ url, trust }) => {
		const key = url.protocol === "http:" ? "http" : JSON.stringify(trust);
		const agent = agents.get(key) ?? openAgent({
			url,
			trust
		});
		agents.set(key, agent);
		return agent;
	};
	return {
		request: (request) => exchange(agentFor(request), request),
		stream: (request) => openStream(agentFor(request), request),
		close: () => {
			for (const agent of agents.values()) agent.destroy();
			agents.clear();
		}
	};
}
function openAgent({ url, trust }) {
	const pool = {
		keepAlive: true,
		timeout: idleConnection
	};
	if (url.protocol === "http:") return new network.http.Agent(pool);
	switch (trust.kind) {
		case "unverified": return new network.https.Agent({
			...pool,
			rejectUnauthorized: false
		});
		case "verified": return new network.https.Agent(trust.ca === void 0 ? pool : {
			...pool,
			ca: [...usualRoots(), trust.ca]
		});
	}
}
function usualRoots() {
	const { tls } = network;
	if ("getCACertificates" in tls) return tls.getCACertificates("default");
	return tls.rootCertificates;
}
async function exchange(agent, request) {
	const guard = guardExchange(request);
	try {
		const response = await openExchange(agent, request, guard);
		const bytes = await collect(response, request);
		return {
			status: response.statusCode ?? 0,
			headers: readHeaders(response),
			bytes
		};
	} catch (error) {
		throw guard.reason() ?? explain(error, request);
	} finally {
		guard.end();
	}
}
async function collect(response, request) {
	const { limit, url } = request;
	const { statusCode = 0 } = response;
	const succeeded = statusCode >= 200 && statusCode < 300;
	const chunks = [];
	let size = 0;
	try {
		for await (const chunk of response) {
			size += chunk.byteLength;
			chunks.push(chunk);
			if (!succeeded && size > longestRefusal) return Buffer.concat(chunks).subarray(0, longestRefusal);
			if (succeeded && size > limit) throw new HttpError("too-long", `the reply is longer than ${limit} bytes`, {
				host: url.host,
				code: ""
			});
		}
	} catch (error) {
		throw error instanceof HttpError ? error : cutOff(request, codeOf(error));
	}
	return Buffer.concat(chunks);
}
var idleConnection, longestRefusal;
var init_http = __esmMin((() => {
	init_exchange$1();
	init_http_error();
	init_network();
	init_stream();
	idleConnection = 4e3;
	longestRefusal = 65536;
}));

// src/tools/registry/allowed.ts
/** Reads a registry that may answer 403 for what is not there: with a login that may write, that is what it means (`Registry.head`).
* @throws RegistryError */
async function absentWhereAllowed(registry, read, absent) {
	try {
		return await read();
	} catch (error) {
		if (!(error instanceof RegistryError) || error.kind !== "forbidden") throw error;
		if (await registry.mayPush() !== "yes") throw error;
		return absent;
	}
}
/** Some registries answer 403 for what is not there; a run that may write takes it for that. Who only looks for a cache never asks
* whether it may write. */
function readAbsence(registry) {
	let right;
	const mayPush = () => {
		right ??= registry.mayPush();
		return right;
	};
	const asked = {
		...registry,
		mayPush
	};
	return {
		...asked,
		head: (at) => absentWhereAllowed(asked, () => registry.head(at), void 0),
		manifest: (at) => absentWhereAllowed(asked, () => registry.manifest(at), void 0),
		tags: () => absentWhereAllowed(asked, () => registry.tags(), [])
	};
}
var init_allowed = __esmMin((() => {
	init_registry();
}));

// src/tools/registry/authorities.ts
/** PEM text of the CAs that docker is told to trust for a registry (docker's documentation, "Verify repository client with
* certificates"): `*.crt` in the engine's folder, else in that of an engine without root. Undefined where there are none.
* @throws ActionError registry-failed where they are there and unreadable. */
function readAuthority(registry, env, system = systemFolder) {
	const own = env["XDG_CONFIG_HOME"] || env["HOME"] && join$1(env["HOME"], ".config");
	return [system, ...own ? [join$1(own, "docker", "certs.d")] : []].map((folder) => readFolder(join$1(folder, registry))).find((texts) => texts.length > 0)?.join("\n");
}
function readFolder(folder) {
	try {
		return readdirSync(folder).filter((name) => name.endsWith(".crt")).map((name) => readFileSync(join$1(folder, name), "utf8"));
	} catch (cause) {
		if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return [];
		throw new ActionError("registry-failed", `the certificates in ${folder} cannot be read (${codeOf(cause)})`, {
			hint: "let the runner’s user read them: the engine trusts this registry by them",
			cause
		});
	}
}
var systemFolder;
var init_authorities = __esmMin((() => {
	init_errors();
	init_exchange$1();
	systemFolder = "/etc/docker/certs.d";
}));

// src/tools/registry/endpoint.ts
/** Tells whether a host, with or without port, is this machine by its very name. */
function isLoopback(host) {
	const name = host.replace(/:\d+$/, "");
	return name === "localhost" || name === "[::1]" || isIPv4(name) && name.startsWith("127.");
}
/** Tells whether a host may speak plain HTTP or show any certificate. */
function isInsecure(host, { insecure }) {
	if (insecure.has(host) || isLoopback(host)) return true;
	const address = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
	return isIP(address) !== 0 && [...insecure].some((range) => isInRange(address, range));
}
function isInRange(address, range) {
	const [, network = "", bits = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(range) ?? [];
	const kind = isIP(network) === 6 ? "ipv6" : "ipv4";
	if (isIP(network) === 0 || isIP(network) !== isIP(address) || Number(bits) > (kind === "ipv6" ? 128 : 32)) return false;
	const list = new BlockList();
	list.addSubnet(network, Number(bits), kind);
	return list.check(address, kind);
}
/** Whom to believe for a host. */
function trustFor(host, rules) {
	const ca = rules.authorities.get(host);
	return ca === void 0 && isInsecure(host, rules) ? { kind: "unverified" } : {
		kind: "verified",
		ca
	};
}
/** Finds out how to reach a registry. Only loopback and insecure hosts are asked which of https and http they speak, https
* first, as docker does; every other host is https without a question.
* @throws HttpError where nobody answers. */
async function findEndpoint(http, registry, options) {
	const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
	const trust = trustFor(registry, options.rules);
	const base = new URL(`https://${host}/`);
	if (!isInsecure(registry, options.rules)) return {
		base,
		trust
	};
	const { deadline, cancel } = options;
	const ping = {
		method: "GET",
		socketPath: void 0,
		trust,
		headers: {},
		body: void 0,
		limit: 65536,
		deadline,
		cancel
	};
	try {
		await http.request({
			...ping,
			url: new URL("/v2/", base)
		});
		return {
			base,
			trust
		};
	} catch (error) {
		if (!(error instanceof HttpError) || !(speaksNoTls(error) || error.code === "ECONNRESET")) throw error;
		return {
			base: new URL(`http://${host}/`),
			trust
		};
	}
}
/** A plain HTTP server answers a TLS greeting with text, or hangs up, which may pass as well; a refused connection tells nothing. */
function speaksNoTls({ code }) {
	return code === "EPROTO" || code.startsWith("ERR_SSL_");
}
var init_endpoint = __esmMin((() => {
	init_http();
}));

// src/tools/registry/exchange.ts
/** An exchange whose reply is handed to `take` unread where it is the content that was asked for. */
function exchangeUnread(take, idle) {
	return async (via, request, name) => {
		const stream = await reached(via.http.stream({
			...request,
			idle
		}), name);
		const { status, headers } = stream;
		if (status !== 200 && status !== 206) return requireAnswer(via, {
			status,
			headers,
			bytes: await reached(readWords(stream), name)
		}, name);
		take(stream);
		return {
			status,
			headers,
			bytes: /* @__PURE__ */ new Uint8Array()
		};
	};
}
async function readWords({ chunks }) {
	const read = [];
	let size = 0;
	for await (const chunk of chunks) {
		read.push(chunk);
		size += chunk.byteLength;
		if (size > longestWords) break;
	}
	return Buffer.concat(read).subarray(0, longestWords);
}
function reached(reply, name) {
	return reply.catch((error) => {
		throw error instanceof HttpError ? faultOf(error, name) : error;
	});
}
function requireAnswer(via, reply, name) {
	const { status, headers } = reply;
	const at = {
		...name,
		status,
		cause: void 0
	};
	if (isFull(reply)) throw new PassingFault("full", describe$1(reply), {
		at,
		wait: 0,
		tries: 3
	});
	const limited = status === 429 || status === 403 && isRateLimit(reply);
	if (!limited && status !== 408 && (status < 500 || status === 501 || status === 505)) return reply;
	const wait = parseRetryAfter(headers.get("retry-after"), via.clock.now());
	throw new PassingFault(limited ? "rate-limited" : "unavailable", describe$1(reply), {
		at,
		wait,
		tries: Number.POSITIVE_INFINITY
	});
}
/** The error that an answer amounts to where it is not what was asked for. */
function refusal(reply, name) {
	return new RegistryError(kindOf(reply.status), describe$1(reply), {
		...name,
		status: reply.status,
		cause: void 0
	});
}
/** The error of an answer that contradicts itself or the specification. */
function invalidReply(reason, name, status) {
	return new RegistryError("invalid-reply", reason, {
		...name,
		status,
		cause: void 0
	});
}
/** A reply that contradicts itself or what was asked for: never accepted, and asked for anew a few times, since what alters a reply on its
* way may let the next one through. */
function contradiction(reason, { name, status }) {
	const at = {
		...name,
		status,
		cause: void 0
	};
	return new PassingFault("invalid-reply", reason, {
		at,
		wait: 0,
		tries: 3
	});
}
function kindOf(status) {
	if (status === 401) return "unauthorized";
	if (status === 403) return "forbidden";
	return status >= 400 && status < 500 ? "rejected" : "invalid-reply";
}
/** What a failure below HTTP amounts to. */
function faultOf(error, name) {
	const at = {
		...name,
		status: void 0,
		cause: error
	};
	const how = {
		at,
		wait: 0,
		tries: error.code === "ENOTFOUND" ? 3 : Number.POSITIVE_INFINITY
	};
	if (speaksNoTls(error)) return new RegistryError("untrusted", `it does not speak https (${error.code})`, at);
	switch (error.kind) {
		case "unreachable": return new PassingFault("unreachable", error.message, how);
		case "timeout": return new PassingFault("timeout", error.message, how);
		case "broken": return new PassingFault("invalid-reply", error.message, how);
		case "untrusted": return new RegistryError("untrusted", error.message, at);
		case "too-long": return new RegistryError("invalid-reply", error.message, at);
	}
}
function isFull({ status, bytes }) {
	return status === 507 || status >= 400 && saysFull(Buffer.from(bytes.subarray(0, 4096)).toString("utf8"));
}
function isRateLimit({ headers, bytes }) {
	if (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0") return true;
	return /rate limit|too ?many ?requests/i.test(Buffer.from(bytes.subarray(0, 4096)).toString("utf8"));
}
function describe$1({ status, bytes }) {
	const words = readErrors(Buffer.from(bytes.subarray(0, 65536)).toString("utf8")).replace(/[^\x20-\x7e]+/g, " ");
	return words === "" ? `status ${status}` : `status ${status} (${knownSecrets.redact(words).slice(0, 200)})`;
}
function readErrors(text) {
	let body;
	try {
		body = JSON.parse(text);
	} catch {
		return "";
	}
	if (typeof body !== "object" || body === null || !("errors" in body) || !Array.isArray(body.errors)) return "";
	const first = body.errors[0];
	if (typeof first !== "object" || first === null) return "";
	return ["code" in first && typeof first.code === "string" ? first.code : "", "message" in first && typeof first.message === "string" ? first.message : ""].filter((part) => part !== "").join(": ");
}
var exchangeOnce, longestWords;
var init_exchange = __esmMin((() => {
	init_full_storage();
	init_registry();
	init_http();
	init_known_secrets();
	init_endpoint();
	init_retry();
	exchangeOnce = async (via, request, name) => requireAnswer(via, await reached(via.http.request(request), name), name);
	longestWords = 65536;
}));

// src/tools/registry/follow.ts
/** A request without a body, for a short reply. */
function ask(method, path, access) {
	return {
		method,
		path,
		access,
		headers: {},
		body: void 0,
		limit: 65536
	};
}
/** Sends a request and goes where a reading one is sent; a proof is shown to its own host only. */
async function follow(line, question, authorization) {
	let url = question.path;
	let proof = authorization;
	for (let hops = 0;; hops++) {
		const reply = await sendOnce(line, {
			...question,
			path: url
		}, proof);
		const location = reply.headers.get("location");
		if (!([
			301,
			302,
			303,
			307,
			308
		].includes(reply.status) && location !== void 0) || question.method !== "GET" && question.method !== "HEAD") return {
			...reply,
			url,
			name: line.name
		};
		if (hops === mostRedirects) throw invalidReply(`more than ${mostRedirects} redirects`, line.name, reply.status);
		const next = readLocation(location, url, line.name);
		if (next.origin !== url.origin) proof = void 0;
		url = next;
	}
}
function sendOnce(line, { method, path, headers, body, limit }, proof) {
	const { http, clock, cancel, rules } = line.options;
	const request = {
		method,
		url: path,
		socketPath: void 0,
		trust: path.origin === line.endpoint.base.origin ? line.endpoint.trust : trustFor(path.host, rules),
		headers: proof === void 0 ? headers : {
			...headers,
			authorization: proof
		},
		body,
		limit,
		deadline: timeLeft(line),
		cancel
	};
	return line.exchange({
		http,
		clock
	}, request, line.name);
}
/** Where a reply sends its reader, relative to the URL that was asked.
* @throws RegistryError where it is no address, carries a login, or leaves https. */
function readLocation(location, from, name) {
	if (!URL.canParse(location, from.href)) throw invalidReply("it sends its client to no readable address", name, void 0);
	const url = new URL(location, from);
	if (url.protocol !== "https:" && url.protocol !== from.protocol) throw invalidReply(`it sends its client from https to ${url.protocol}//${url.host}`, name, void 0);
	if (url.username !== "" || url.password !== "") throw invalidReply("it sends its client to an address with a login in it", name, void 0);
	return url;
}
/** Milliseconds for the next request of a call.
* @throws RegistryError `timeout` where there are none. */
function timeLeft({ options, name, until }) {
	const left = until - options.clock.now();
	if (left > 0) return Math.min(left, options.pace.request);
	throw new RegistryError("timeout", "no time is left", {
		...name,
		status: void 0,
		cause: void 0
	});
}
var mostRedirects;
var init_follow = __esmMin((() => {
	init_registry();
	init_endpoint();
	init_exchange();
	mostRedirects = 5;
}));

// src/tools/registry/read.ts
/** The digest at a tag, or of the digest itself; undefined on 404. Where the registry does not name it, the bytes do. */
async function headOnce(session, at, until) {
	const asked = {
		...ask("HEAD", `manifests/${at}`, "pull"),
		headers: { accept: acceptedManifests }
	};
	const answer = await session.send(asked, until);
	if (answer.status === 404) return void 0;
	if (answer.status !== 200) throw await session.refusal(answer);
	const named = answer.headers.get("docker-content-digest") ?? "";
	if (!isDigest(named)) return (await manifestOnce(session, at, until))?.digest;
	if (isDigest(at) && named !== at) throw contradiction(`it answers ${named}`, answer);
	return named;
}
/** The manifest, its bytes hashed and compared with all that names them. */
async function manifestOnce(session, at, until) {
	const asked = {
		...ask("GET", `manifests/${at}`, "pull"),
		headers: { accept: acceptedManifests },
		limit: longestManifest
	};
	const answer = await session.send(asked, until);
	if (answer.status === 404) return void 0;
	if (answer.status !== 200) throw await session.refusal(answer);
	const digest = digestOf(answer.bytes);
	if (isDigest(at) && digest !== at) throw contradiction(`its bytes are those of ${digest}`, answer);
	const named = answer.headers.get("docker-content-digest");
	if (named !== void 0 && named !== digest) throw contradiction(`it calls ${JSON.stringify(named)} what is ${digest}`, answer);
	try {
		return takeManifest(answer.bytes, answer.headers.get("content-type"));
	} catch (error) {
		throw contradiction(formatThrown(error), answer);
	}
}
/** A blob of `limit` bytes at most, verified. */
async function blobOnce(session, { digest, limit }, until) {
	const answer = await session.send({
		...ask("GET", `blobs/${digest}`, "pull"),
		limit
	}, until);
	if (answer.status !== 200) throw await session.refusal(answer);
	const is = digestOf(answer.bytes);
	if (is !== digest) throw contradiction(`its bytes are those of ${is}`, answer);
	return answer.bytes;
}
/** Whether a blob is there. */
async function hasBlobOnce(session, digest, until) {
	const answer = await session.send(ask("HEAD", `blobs/${digest}`, "pull"), until);
	if (answer.status === 200 || answer.status === 404) return answer.status === 200;
	throw await session.refusal(answer);
}
var longestManifest;
var init_read = __esmMin((() => {
	init_errors();
	init_digest();
	init_manifest();
	init_exchange();
	init_follow();
	longestManifest = 4194304;
}));

// src/model/challenge.ts
/** Reads a WWW-Authenticate header, several challenges included.
* @throws Error naming the place where it is none, or a Bearer challenge without realm. */
function parseChallenges(header) {
	const offers = [];
	const text = header.replace(/[\s,]+$/, "");
	let at = 0;
	const take = (pattern) => {
		pattern.lastIndex = at;
		const match = pattern.exec(text);
		if (match !== null) at = pattern.lastIndex;
		return match;
	};
	while (at < text.length) {
		const offer = offers.at(-1);
		const pair = offer === void 0 ? null : take(parameter);
		if (offer !== void 0 && pair !== null) {
			const [, name = "", quoted, plain = ""] = pair;
			offer.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain);
			continue;
		}
		const named = take(scheme)?.[1];
		if (named === void 0) throw new Error(`WWW-Authenticate is unreadable from character ${at}`);
		offers.push({
			scheme: named.toLowerCase(),
			parameters: /* @__PURE__ */ new Map()
		});
		take(token68);
	}
	return offers.map(readChallenge);
}
function readChallenge({ scheme, parameters }) {
	if (scheme === "basic") return { kind: "basic" };
	if (scheme !== "bearer") return {
		kind: "other",
		scheme
	};
	const realm = parameters.get("realm");
	if (realm === void 0) throw new Error("WWW-Authenticate: Bearer without a realm");
	const [service, scope, error] = [
		"service",
		"scope",
		"error"
	].map((name) => parameters.get(name));
	return {
		kind: "bearer",
		realm,
		service,
		scope,
		error
	};
}
/** The scopes to ask a token for: ours, and what the registry itself names for another resource, which is how one behind a
* proxy calls the same repository. */
function planScopes(path, access, offered) {
	const ours = `repository:${path}`;
	const others = (offered ?? "").split(" ").filter((scope) => scope !== "" && !scope.startsWith(`${ours}:`));
	return [`${ours}:${access}`, ...others];
}
var parameter, scheme, token68;
var init_challenge = __esmMin((() => {
	parameter = /[\s,]*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))(?=[\s,]|$)/y;
	scheme = /[\s,]*([!#$%&'*+.^_`|~\w-]+)(?=[\s,]|$)/y;
	token68 = /[ \t]+[\w.~+/-]+=*(?=\s*(?:,|$))/y;
}));

// src/tools/registry/token.ts
/** Asks the token service, and gives the Authorization header with its token.
* @throws PassingFault; RegistryError `unauthorized` where the login is refused, `invalid-reply` where the service is none to trust. */
async function fetchToken(parts, wish) {
	const { registry, rules, wire, onSecret } = parts;
	const { bearer, credentials } = wish;
	const { endpoint, deadline, cancel } = wish.limits;
	if (credentials.kind === "registry-token") return bearerHeader(credentials.token, onSecret);
	const realm = checkRealm(bearer.realm, endpoint, {
		registry,
		request: "the token service"
	});
	const name = {
		registry,
		request: `the token service ${realm.host}`
	};
	const scopes = planScopes(parts.path, wish.access, bearer.scope);
	const asked = {
		socketPath: void 0,
		trust: trustFor(realm.host, rules),
		limit: 1048576,
		deadline,
		cancel,
		...tokenRequest(realm, {
			bearer,
			scopes,
			credentials,
			onSecret
		})
	};
	const reply = await exchangeOnce(wire, asked, name);
	if (reply.status === 404) throw contradiction("status 404", {
		name,
		status: reply.status
	});
	if (reply.status !== 200) throw tokenRefusal(reply, credentials, name);
	return bearerHeader(readToken(reply, name), onSecret);
}
function tokenRefusal(reply, credentials, name) {
	const error = refusal(reply, name);
	if (error.kind === "unauthorized" && credentials.kind !== "none") return new RegistryError("unauthorized", "it refuses the login: the password is wrong or has expired", {
		...name,
		status: reply.status,
		cause: error
	});
	if (error.kind !== "forbidden" || credentials.kind !== "none") return error;
	const at = {
		...name,
		status: reply.status,
		cause: error
	};
	return new RegistryError("unauthorized", "it gives no token without a login", at);
}
function checkRealm(realm, { base }, name) {
	if (!URL.canParse(realm)) throw invalidReply("its token service has no readable address", name, 401);
	const url = new URL(realm);
	const local = base.protocol === "http:" && isLoopback(base.host) && url.protocol === "http:" && isLoopback(url.host);
	if (url.protocol !== "https:" && !local) throw invalidReply(`its token service ${url.host} does not speak https`, name, 401);
	if (url.username !== "" || url.password !== "") throw invalidReply("the address of its token service has a login in it", name, 401);
	return url;
}
function tokenRequest(realm, { bearer, scopes, credentials, onSecret }) {
	const service = bearer.service === void 0 ? [] : [["service", bearer.service]];
	if (credentials.kind === "identity") {
		onSecret(credentials.token);
		const form = new URLSearchParams([
			["grant_type", "refresh_token"],
			...service,
			["client_id", "slipway"],
			["scope", scopes.join(" ")],
			["refresh_token", credentials.token]
		]);
		return {
			method: "POST",
			url: realm,
			headers: { "content-type": "application/x-www-form-urlencoded" },
			body: Buffer.from(form.toString())
		};
	}
	const url = new URL(realm);
	for (const [key, value] of service) url.searchParams.append(key, value);
	for (const scope of scopes) url.searchParams.append("scope", scope);
	const header = basicHeader(credentials, onSecret);
	return {
		method: "GET",
		url,
		headers: header === void 0 ? {} : { authorization: header },
		body: void 0
	};
}
function readToken(reply, name) {
	let body;
	try {
		body = JSON.parse(Buffer.from(reply.bytes).toString("utf8"));
	} catch {
		body = void 0;
	}
	if (typeof body === "object" && body !== null) {
		for (const token of ["token" in body ? body.token : void 0, "access_token" in body ? body.access_token : void 0]) if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
	}
	throw contradiction("it answered without a token", {
		name,
		status: reply.status
	});
}
/** The header of a token. */
function bearerHeader(token, onSecret) {
	onSecret(token);
	return `Bearer ${token}`;
}
/** The header of a name and a password; undefined for logins that have none. */
function basicHeader(credentials, onSecret) {
	if (credentials.kind !== "basic") return void 0;
	const { username, password } = credentials;
	const pair = Buffer.from(`${username}:${password}`).toString("base64");
	for (const secret of [
		password,
		`${username}:${password}`,
		pair
	]) onSecret(secret);
	return `Basic ${pair}`;
}
var init_token = __esmMin((() => {
	init_challenge();
	init_registry();
	init_endpoint();
	init_exchange();
}));

// src/tools/registry/auth.ts
/** Makes an authorizer; tokens are kept for each access, and a renewal is shared by all who wait for it. */
function createAuthorizer(parts) {
	let login;
	let way;
	const tokens = /* @__PURE__ */ new Map();
	const readLogin = () => {
		login ??= parts.credentials();
		return login;
	};
	const obtain = (bearer, access, limits) => {
		const asked = readLogin().then((credentials) => fetchToken(parts, {
			bearer,
			access,
			credentials,
			limits
		}));
		tokens.set(access, asked);
		asked.catch(() => {
			if (tokens.get(access) === asked) tokens.delete(access);
		});
		return asked;
	};
	return {
		hasLogin: async () => (await readLogin()).kind !== "none",
		current: async (access, limits) => {
			if (way?.kind === "basic") return basicHeader(await readLogin(), parts.onSecret);
			if (way?.kind !== "bearer") return void 0;
			return tokens.get(access) ?? obtain(way, access, limits);
		},
		renew: async (access, { reply, sent, name }, limits) => {
			way = chooseWay(reply, name) ?? way;
			const credentials = await readLogin();
			if (credentials.kind === "registry-token") return bearerHeader(credentials.token, parts.onSecret);
			if (way?.kind === "basic") return basicHeader(credentials, parts.onSecret);
			if (way?.kind !== "bearer") return void 0;
			const known = tokens.get(access);
			const held = await known;
			if (held !== void 0 && held !== sent) return held;
			const newer = tokens.get(access);
			return newer === void 0 || newer === known ? obtain(way, access, limits) : newer;
		}
	};
}
function chooseWay(reply, name) {
	const header = reply.headers.get("www-authenticate");
	if (header === void 0) return void 0;
	try {
		const offers = parseChallenges(header);
		return offers.find(({ kind }) => kind === "bearer") ?? offers.find(({ kind }) => kind === "basic");
	} catch (error) {
		throw invalidReply(formatThrown(error), name, reply.status);
	}
}
var init_auth = __esmMin((() => {
	init_errors();
	init_challenge();
	init_exchange();
	init_token();
}));

// src/tools/registry/door.ts
/** Makes a door; nothing is sent yet. */
function openDoor({ registry, path }, options) {
	const { http, rules, clock, cancel } = options;
	let found;
	const endpoint = (deadline) => {
		found ??= findEndpoint(http, registry, {
			rules,
			deadline,
			cancel
		}).catch((error) => {
			found = void 0;
			throw error instanceof HttpError ? faultOf(error, {
				registry,
				request: "GET v2/"
			}) : error;
		});
		return found;
	};
	const authorizer = createAuthorizer({
		...options,
		wire: {
			http,
			clock
		},
		registry,
		path
	});
	return {
		endpoint,
		authorizer: {
			...authorizer,
			current: (access, limits) => authorizer.current(access, {
				...limits,
				cancel
			}),
			renew: (access, refused, limits) => authorizer.renew(access, refused, {
				...limits,
				cancel
			})
		}
	};
}
var init_door = __esmMin((() => {
	init_http();
	init_auth();
	init_endpoint();
	init_exchange();
}));

// src/tools/registry/session.ts
/** Opens a session; nothing is sent yet. */
function openSession(repository, options) {
	const { registry, path } = repository;
	const { endpoint, authorizer } = options.door ?? openDoor(repository, options);
	const exchangeWith = async (exchange, question, until) => {
		const shown = question.path instanceof URL ? question.path.pathname.slice(1) : `v2/${path}/${question.path}`;
		const name = {
			registry,
			request: `${question.method} ${shown.replace(/\?.*/, "")}`
		};
		const place = await endpoint(timeLeft({
			options,
			name,
			until
		}));
		const line = {
			options,
			endpoint: place,
			name,
			until,
			exchange
		};
		const url = question.path instanceof URL ? question.path : new URL(`/v2/${path}/${question.path}`, place.base);
		return converse(line, authorizer, {
			...question,
			path: url
		});
	};
	return {
		repository,
		send: (question, until) => exchangeWith(exchangeOnce, question, until),
		open: async (question, idle, until) => {
			let stream;
			const take = (taken) => {
				stream = taken;
			};
			return {
				answer: await exchangeWith(exchangeUnread(take, idle), question, until),
				stream
			};
		},
		refusal: async (answer) => {
			const error = refusal(answer, answer.name);
			if (error.kind !== "unauthorized") return error;
			const at = {
				registry,
				request: answer.name.request,
				status: answer.status,
				cause: error
			};
			if (!await authorizer.hasLogin()) return new RegistryError("unauthorized", "it asks for a login, and there is none", at);
			return /error\s*=\s*"?insufficient_scope/i.test(answer.headers.get("www-authenticate") ?? "") ? new RegistryError("forbidden", "the login has no right to this", at) : new RegistryError("unauthorized", "it refuses the login: the password is wrong or has expired", at);
		},
		hasLogin: () => authorizer.hasLogin()
	};
}
async function converse(line, authorizer, question) {
	const { options, endpoint, name } = line;
	const { origin } = endpoint.base;
	if (question.path.origin !== origin) throw invalidReply(`it sends its client to another host, ${question.path.host}`, name, void 0);
	const limits = () => ({
		deadline: timeLeft(line),
		cancel: options.cancel,
		endpoint
	});
	const first = await authorizer.current(question.access, limits());
	let sent = first;
	for (let renewals = 0;; renewals++) {
		const answer = await follow(line, question, sent);
		if (question.body instanceof Readable) return answer;
		const enough = renewals === 2 || renewals === 1 && (first !== void 0 || !isExpired(answer));
		if (answer.status !== 401 || answer.url.origin !== origin || enough) return answer;
		const renewed = await authorizer.renew(question.access, {
			reply: answer,
			sent,
			name
		}, limits());
		if (renewed === void 0 || renewed === sent) return answer;
		sent = renewed;
	}
}
/** RFC 6750, 3.1: the token is expired, revoked or malformed. */
function isExpired({ headers }) {
	return /error\s*=\s*"?invalid_token/i.test(headers.get("www-authenticate") ?? "");
}
var init_session = __esmMin((() => {
	init_registry();
	init_door();
	init_exchange();
	init_follow();
}));

// src/tools/registry/cache-reader.ts
/** Opens a reader of one repository; nothing is sent yet. */
function openCacheReader(repository, options) {
	const session = openSession(repository, options);
	const openOnce = async ({ digest, offset, idle }, until) => {
		const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
		const question = {
			...ask("GET", `blobs/${digest}`, "pull"),
			headers
		};
		const { answer, stream } = await session.open(question, idle, until);
		if (stream === void 0) throw await session.refusal(answer);
		return answer.status === 206 ? stream.chunks : skip(stream.chunks, offset);
	};
	return {
		manifest: (digest, pace) => persist({
			...options,
			pace
		}, (until) => manifestOnce(session, digest, until)),
		openBlob: (digest, offset, { idle, ...pace }) => persist({
			...options,
			pace
		}, (until) => openOnce({
			digest,
			offset,
			idle
		}, until))
	};
}
/** A registry may send the whole where a part was asked for. */
async function* skip(chunks, offset) {
	let left = offset;
	for await (const chunk of chunks) {
		const rest = chunk.subarray(Math.min(left, chunk.byteLength));
		left -= chunk.byteLength - rest.byteLength;
		if (rest.byteLength > 0) yield rest;
	}
}
var init_cache_reader = __esmMin((() => {
	init_follow();
	init_read();
	init_retry();
	init_session();
}));

// src/tools/engine/client-environment.ts
/** The environment of a docker client whose configuration names credential helpers: each of them has settings of its own
* (`AWS_PROFILE`, `GOOGLE_APPLICATION_CREDENTIALS`, …). */
function planHelperEnvironment(env) {
	const theirs = Object.entries(env).filter((entry) => entry[1] !== void 0 && !withheld.test(entry[0]));
	return {
		...Object.fromEntries(theirs),
		...planClientEnvironment(env)
	};
}
/** The environment of a docker client, out of the runner's. */
function planClientEnvironment(env) {
	const chosen = {};
	for (const name of passed) {
		const value = env[name];
		if (value !== void 0 && value !== "") chosen[name] = value;
	}
	const config = dockerConfigFolder(env);
	return config === void 0 ? chosen : {
		...chosen,
		DOCKER_CONFIG: config
	};
}
var passed, withheld;
var init_client_environment = __esmMin((() => {
	passed = [
		"PATH",
		"HOME",
		"TMPDIR",
		"XDG_RUNTIME_DIR",
		"DOCKER_HOST",
		"DOCKER_CONTEXT",
		"DOCKER_CONFIG",
		"DOCKER_AUTH_CONFIG",
		"DOCKER_TLS_VERIFY",
		"DOCKER_CERT_PATH",
		"DOCKER_API_VERSION",
		"BUILDX_BUILDER",
		"BUILDX_CONFIG",
		"KUBECONFIG",
		"KUBERNETES_SERVICE_HOST",
		"KUBERNETES_SERVICE_PORT",
		"SSH_AUTH_SOCK",
		"SSL_CERT_FILE",
		"SSL_CERT_DIR",
		"HTTP_PROXY",
		"HTTPS_PROXY",
		"NO_PROXY",
		"http_proxy",
		"https_proxy",
		"no_proxy",
		markVariable
	];
	withheld = /^(?:INPUT_|STATE_|ACTIONS_|GITHUB_(?!TOKEN$)|BUILDX_|BUILDKIT_|BAKE_|DOCKER_|OTEL_|SOURCE_DATE_EPOCH$|NODE_OPTIONS$)/i;
}));

// src/tools/registry/credentials.ts
/** The login that docker itself would use for a registry (docker/cli, `cli/config`): `DOCKER_AUTH_CONFIG`, then the helper of
* `credHelpers`, that of `credsStore`, or where neither is set the file's `auths`. `none` where nobody logged in.
* @throws ActionError `login-missing` where the configuration is unreadable or its helper fails. */
async function readCredentials(registry, sources) {
	const server = serverName(registry);
	const variable = parseDockerConfig(sources.env["DOCKER_AUTH_CONFIG"] ?? "", "DOCKER_AUTH_CONFIG");
	const given = findEntry(variable, registry);
	if (given !== void 0) return given;
	const path = join$1(sources.configDir, "config.json");
	const config = parseDockerConfig(await readIfThere(path), path);
	const entry = findEntry(config, registry) ?? { kind: "none" };
	const helper = configuredHelper(config, registry);
	if (helper === void 0 || entry.kind === "registry-token") return entry;
	return askHelper(helper, server, sources.runHelper);
}
async function readIfThere(path) {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (codeOf(error) === "ENOENT") return "";
		throw new ActionError("login-missing", `${path} cannot be read`, {
			hint: "give the runner read access to it, or set DOCKER_CONFIG to a folder it may read",
			cause: error
		});
	}
}
async function askHelper(helper, server, runHelper) {
	const program = `docker-credential-${helper}`;
	const { code, stdout } = await runHelper(program, server).catch((cause) => {
		throw helperError(program, "could not be run", cause);
	});
	if (code !== 0 && /credentials not found/i.test(stdout)) return { kind: "none" };
	if (code !== 0) throw helperError(program, `ended with exit status ${code} when asked for ${server}`, void 0);
	const { username, secret } = readAnswer(program, stdout);
	if (secret === "") return { kind: "none" };
	return username === "<token>" ? {
		kind: "identity",
		token: secret
	} : {
		kind: "basic",
		username,
		password: secret
	};
}
function readAnswer(program, stdout) {
	const answer = parseQuietly(stdout);
	if (typeof answer === "object" && answer !== null && "Username" in answer && "Secret" in answer) {
		const { Username: username, Secret: secret } = answer;
		if (typeof username === "string" && typeof secret === "string") return {
			username,
			secret
		};
	}
	throw helperError(program, "answered something else than JSON with Username and Secret", void 0);
}
function parseQuietly(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
function helperError(program, what, cause) {
	return new ActionError("login-missing", `the credential helper ${program} ${what}`, {
		hint: "install it or repair its login, or take it out of credsStore and credHelpers in docker’s config.json",
		cause
	});
}
/** Runs credential helpers, silently: neither its question nor its answer is logged. The program is looked for on this process's PATH.
* @throws Error where the program is not found, or does not answer within 30 s. */
function createHelperRunner(env) {
	return async (program, stdin) => {
		const { getExecOutput } = await Promise.resolve().then(() => (init_exec(), exec_exports));
		const input = Buffer.from(stdin);
		let timer;
		const late = new Promise((_, reject) => {
			timer = setTimeout(() => reject(/* @__PURE__ */ new Error(`no answer within ${helperLimit / 1e3} s`)), helperLimit);
		});
		try {
			const asked = getExecOutput(program, ["get"], {
				input,
				env: { ...env },
				silent: true,
				ignoreReturnCode: true
			});
			const { exitCode, stdout } = await Promise.race([asked, late]);
			return {
				code: exitCode,
				stdout
			};
		} finally {
			clearTimeout(timer);
		}
	};
}
var helperLimit;
var init_credentials = __esmMin((() => {
	init_errors();
	init_exchange$1();
	init_docker_config();
	helperLimit = 3e4;
}));

// src/tools/registry/logins.ts
/** Finds a registry's login; each is read once. */
function openLogins(whose, rules) {
	const logins = /* @__PURE__ */ new Map();
	return (registry) => {
		const known = logins.get(registry) ?? findLogin(registry, whose, rules);
		logins.set(registry, known);
		return known;
	};
}
/** The workflow's login, else docker's own, else by rule the job's token. */
async function findLogin(registry, { all, actor }, rules) {
	const given = givenLogin(rules.login, registry);
	if (given !== void 0) return lend(given);
	const runHelper = createHelperRunner(planHelperEnvironment(all));
	const sources = {
		configDir: dockerConfigFolder(all) ?? "/nonexistent",
		env: all,
		runHelper
	};
	const credentials = await readCredentials(registry, sources);
	const byToken = tokenLogin(registry, {
		actor,
		token: rules.githubToken
	}, rules.tokenHost);
	return credentials.kind === "none" && byToken !== void 0 ? lend(byToken) : {
		credentials,
		lent: void 0
	};
}
function lend(login) {
	return {
		credentials: {
			kind: "basic",
			username: login.username,
			password: login.password.reveal()
		},
		lent: login
	};
}
var init_logins = __esmMin((() => {
	init_login();
	init_client_environment();
	init_endpoint$1();
	init_credentials();
}));

// src/tools/registry/send-blob.ts
/** Sends a blob in one piece where the repository lacks it (OCI distribution spec, "POST then PUT"). An upload that moves no byte for two
* minutes is ended; what failed in passing is begun anew, after asking whether it arrived all the same.
* @param options those of the session, whose way in its uploads share: a body can be sent once, so a login must be known before it
* @returns whether it was sent.
* @throws RegistryError, ActionError `cancelled`; whatever reading the blob throws. */
function sendBlob(session, options, blob) {
	return persist({
		...options,
		pace: sendingPace
	}, async (until) => {
		if (await hasBlobOnce(session, blob.digest, until)) return false;
		const opened = await session.send({
			...ask("POST", "blobs/uploads/", "pull,push"),
			body: /* @__PURE__ */ new Uint8Array(0)
		}, until);
		const location = opened.headers.get("location");
		if (opened.status !== 202) throw await session.refusal(opened);
		if (location === void 0) throw contradiction("it opens an upload and does not say where", opened);
		const upload = readLocation(location, opened.url, opened.name);
		upload.searchParams.set("digest", blob.digest);
		await putBlob(session, options, {
			blob,
			upload,
			until
		});
		return true;
	});
}
async function putBlob({ repository }, options, { blob, upload, until }) {
	const stall = watchStall(stallLimit);
	const patient = {
		...sendingPace,
		request: sendingPace.budget
	};
	const cancel = AbortSignal.any([options.cancel, stall.signal]);
	const session = openSession(repository, {
		...options,
		pace: patient,
		cancel
	});
	const body = Readable.from(stall.watch(await blob.open()));
	const headers = {
		"content-type": "application/octet-stream",
		"content-length": String(blob.size)
	};
	try {
		const answer = await session.send({
			...ask("PUT", upload, "pull,push"),
			headers,
			body
		}, until);
		if ([
			400,
			401,
			404
		].includes(answer.status)) throw contradiction(`status ${answer.status}`, answer);
		if (answer.status !== 201) throw await session.refusal(answer);
	} catch (error) {
		if (!stall.signal.aborted || options.cancel.aborted) throw error;
		const request = `PUT v2/${repository.path}/blobs/uploads/`;
		const at = {
			registry: repository.registry,
			request,
			status: void 0,
			cause: error
		};
		throw new PassingFault("timeout", `no byte moved within ${formatDuration(stallLimit)}`, {
			at,
			wait: 0,
			tries: 2
		});
	} finally {
		stall.end();
		body.destroy();
	}
}
/** Ends what has not been asked for another piece for some milliseconds: a body is read as fast as it is taken. */
function watchStall(limit) {
	const stalled = new AbortController();
	let timer;
	const touch = () => {
		clearTimeout(timer);
		timer = setTimeout(() => stalled.abort(), limit);
	};
	async function* watch(chunks) {
		for await (const chunk of chunks) {
			touch();
			yield chunk;
		}
		touch();
	}
	touch();
	return {
		signal: stalled.signal,
		watch,
		end: () => clearTimeout(timer)
	};
}
var init_send_blob = __esmMin((() => {
	init_duration();
	init_limits();
	init_exchange();
	init_follow();
	init_read();
	init_retry();
	init_session();
}));

// src/tools/registry/tags.ts
/** Every tag of a repository, page by page within one budget; empty on 404.
* @throws RegistryError `invalid-reply` where the pages never end, lead to another host, or hold no tags. */
async function readTags(session, patience) {
	const end = patience.clock.now() + patience.pace.budget;
	const tags = [];
	const seen = /* @__PURE__ */ new Set();
	let page = `tags/list?n=${pageLength}`;
	while (page !== void 0) {
		const asked = {
			...ask("GET", page, "pull"),
			limit: longestPage
		};
		const read = await persist(patience, (until) => readOnce(session, asked, Math.min(until, end)));
		if (read === void 0) return tags;
		tags.push(...read.tags);
		seen.add(read.answer.url.href);
		page = readNext(read.answer);
		if (page !== void 0 && (seen.has(page.href) || seen.size === mostPages)) throw invalidReply(`its list of tags does not end after ${seen.size} pages`, read.answer.name, read.answer.status);
	}
	return tags;
}
async function readOnce(session, asked, until) {
	const answer = await session.send(asked, until);
	if (answer.status === 404) return void 0;
	if (answer.status !== 200) throw await session.refusal(answer);
	return {
		answer,
		tags: readPage(answer)
	};
}
function readPage(answer) {
	const { bytes } = answer;
	let body;
	try {
		body = JSON.parse(Buffer.from(bytes).toString("utf8"));
	} catch {
		throw contradiction("its list of tags is no JSON", answer);
	}
	const tags = typeof body === "object" && body !== null && "tags" in body ? body.tags : void 0;
	if (tags === null) return [];
	if (!Array.isArray(tags)) throw contradiction("its list of tags has no tags", answer);
	return tags.map((tag) => {
		if (typeof tag !== "string") throw contradiction("a tag in its list is no text", answer);
		return tag;
	});
}
function readNext({ headers, url, name }) {
	const link = headers.get("link") ?? "";
	for (const [, target = "", parameters = ""] of link.matchAll(/<([^>]*)>([^<]*)/g)) if (/;\s*rel\s*=\s*"?next\b/i.test(parameters)) return readLocation(target, url, name);
}
var pageLength, mostPages, longestPage;
var init_tags = __esmMin((() => {
	init_exchange();
	init_follow();
	init_retry();
	pageLength = 1e3;
	mostPages = 1e3;
	longestPage = 4194304;
}));

// src/tools/registry/write.ts
/** Points a tag at a manifest; see `Registry.put`. */
function putManifest(session, patience, { at, manifest, seen }) {
	let began = false;
	return persist(patience, async (until) => {
		if (began) {
			const held = await headOnce(session, at, until);
			if (held === manifest.digest) return;
			if (held !== seen) throw overtaken(session, at, held);
		}
		began = true;
		await putOnce(session, {
			at,
			manifest
		}, until);
	});
}
async function putOnce(session, { at, manifest }, until) {
	const headers = { "content-type": manifest.mediaType };
	const put = {
		...ask("PUT", `manifests/${at}`, "pull,push"),
		headers,
		body: manifest.bytes
	};
	const answer = await session.send(put, until);
	if (answer.status >= 200 && answer.status < 300) return checkStored(answer, manifest);
	const error = await session.refusal(answer);
	if (answer.status === 404) throw absentNow(answer, error);
	if (error.kind === "rejected" && await headOnce(session, at, until) === manifest.digest) return;
	throw error;
}
function absentNow({ name, status }, cause) {
	return new PassingFault("rejected", "status 404", {
		at: {
			...name,
			status,
			cause
		},
		wait: 0,
		tries: 3
	});
}
function checkStored(answer, { digest }) {
	const stored = answer.headers.get("docker-content-digest");
	if (stored !== void 0 && stored !== digest) throw contradiction(`it stored ${JSON.stringify(stored)} in place of ${digest}`, answer);
}
function overtaken({ repository }, at, held) {
	const reason = `a write had to be repeated, and ${formatReference(repository, at)} holds ${held ?? "nothing"} meanwhile`;
	const request = `PUT v2/${repository.path}/manifests/${at}`;
	return new RegistryError("overtaken", reason, {
		registry: repository.registry,
		request,
		status: void 0,
		cause: void 0
	});
}
/** Asks for a blob of another repository (OCI distribution spec, "Mounting a blob from another repository"). Whatever refuses is
* an answer: the blob can be sent instead. */
async function mountOnce(session, { digest, from }, until) {
	const query = new URLSearchParams({
		mount: digest,
		from: from.path
	});
	const asked = {
		...ask("POST", `blobs/uploads/?${query}`, "pull,push"),
		body: /* @__PURE__ */ new Uint8Array(0)
	};
	try {
		const answer = await session.send(asked, until);
		if (answer.status === 202) dropUpload(session, answer, until);
		return answer.status === 201;
	} catch (error) {
		if (error instanceof RegistryError && (error.kind === "unauthorized" || error.kind === "forbidden")) return false;
		throw error;
	}
}
/** Whether an upload may be opened; it is dropped again, and nobody waits for that. */
async function mayPushOnce(session, until) {
	try {
		const answer = await session.send({
			...ask("POST", "blobs/uploads/", "pull,push"),
			body: /* @__PURE__ */ new Uint8Array(0)
		}, until);
		if (answer.status === 404) return "absent";
		if (answer.status === 405) return "forbidden";
		if (answer.status !== 201 && answer.status !== 202) throw await session.refusal(answer);
		dropUpload(session, answer, until);
		return "yes";
	} catch (error) {
		if (!(error instanceof RegistryError) || error.kind !== "unauthorized" && error.kind !== "forbidden") throw error;
		return await session.hasLogin() ? error.kind : "anonymous";
	}
}
/** Never fails: an upload that is left open is the registry's to clear away. */
async function dropUpload(session, opened, until) {
	const location = opened.headers.get("location");
	if (location === void 0) return;
	try {
		const upload = readLocation(location, opened.url, opened.name);
		await session.send({
			...ask("DELETE", "", "pull,push"),
			path: upload
		}, until);
	} catch {
		return;
	}
}
var init_write = __esmMin((() => {
	init_image_ref();
	init_registry();
	init_exchange();
	init_follow();
	init_read();
	init_retry();
}));

// src/tools/registry/open-registry.ts
/** A client of one repository over HTTP (OCI distribution spec 1.1; distribution's token specification). Nothing is sent before
* the first call, and each call has the pace's budget for itself. */
function openRegistry(repository, options) {
	const door = options.door ?? openDoor(repository, options);
	const session = openSession(repository, {
		...options,
		door
	});
	const patiently = (attempt) => persist(options, attempt);
	return {
		repository,
		head: (at) => patiently((until) => headOnce(session, at, until)),
		manifest: (at) => patiently((until) => manifestOnce(session, at, until)),
		blob: (digest, limit) => patiently((until) => blobOnce(session, {
			digest,
			limit
		}, until)),
		hasBlob: (digest) => patiently((until) => hasBlobOnce(session, digest, until)),
		mount: (digest, from) => patiently((until) => mountOnce(session, {
			digest,
			from
		}, until)),
		send: (blob) => sendBlob(session, {
			...options,
			door
		}, blob),
		put: (at, manifest, seen) => putManifest(session, options, {
			at,
			manifest,
			seen
		}),
		tags: () => readTags(session, options),
		mayPush: () => patiently((until) => mayPushOnce(session, until))
	};
}
var init_open_registry = __esmMin((() => {
	init_door();
	init_read();
	init_retry();
	init_send_blob();
	init_session();
	init_tags();
	init_write();
}));

// src/tools/registry/registries.ts
/** Opens registries; one pool of connections, each login is read once, and each repository asks for a token once.
* @param onSecret told every secret before its first use; without it the runner masks them. */
function openRegistries(bench, rules, onSecret = (secret) => mask(new Secret(secret))) {
	const http = openHttp();
	const { all } = bench.environment;
	const login = openLogins(bench.environment, rules);
	const insecure = bench.readInfo().then((info) => new Set(info.insecureRegistries), (error) => {
		if (error instanceof ActionError && error.code === "engine-missing") return /* @__PURE__ */ new Set();
		throw error;
	});
	insecure.catch(() => void 0);
	const rulesFor = async (registry) => {
		const ca = readAuthority(registry, all);
		return {
			insecure: await insecure,
			authorities: ca === void 0 ? /* @__PURE__ */ new Map() : /* @__PURE__ */ new Map([[registry, ca]])
		};
	};
	const optionsFor = async ({ registry }, pace) => ({
		http,
		rules: await rulesFor(registry),
		credentials: async () => (await login(registry)).credentials,
		onSecret,
		cancel: bench.cancel,
		pace,
		clock: systemClock
	});
	const doors = /* @__PURE__ */ new Map();
	const doorOf = (repository, options) => {
		const door = doors.get(repository.name) ?? openDoor(repository, options);
		doors.set(repository.name, door);
		return door;
	};
	const openShared = async (repository, pace) => {
		const options = await optionsFor(repository, pace);
		return openRegistry(repository, {
			...options,
			door: doorOf(repository, options)
		});
	};
	const knock = async (repository) => {
		await doorOf(repository, await optionsFor(repository, probingPace)).endpoint(probingPace.request);
	};
	return {
		knock: (repositories) => {
			setImmediate(() => network.https);
			for (const one of repositories) knock(one).catch(() => void 0);
		},
		readCache: async (repository, cancel) => {
			const options = await optionsFor(repository, layerPatience);
			return openCacheReader(repository, {
				...options,
				cancel,
				door: doorOf(repository, options)
			});
		},
		credentials: async (registry) => (await login(registry)).credentials,
		lent: async (registries) => {
			return (await Promise.all([...new Set(registries)].map(login))).flatMap(({ lent }) => lent === void 0 ? [] : [lent]);
		},
		open: async (repository, need) => {
			const registry = await openShared(repository, paces[need]);
			return need === "probe" || need === "base" ? registry : readAbsence(registry);
		}
	};
}
var paces;
var init_registries = __esmMin((() => {
	init_errors();
	init_limits();
	init_secret();
	init_actions();
	init_http();
	init_network();
	init_allowed();
	init_authorities();
	init_cache_reader();
	init_door();
	init_logins();
	init_open_registry();
	paces = {
		probe: probingPace,
		survey: {
			request: 2e4,
			budget: 6e4,
			tries: 7
		},
		publish: publishingPace,
		account: accountingPace,
		base: {
			request: 2e3,
			budget: 2500,
			tries: 1
		}
	};
}));

// src/tools/look-again.ts
var look_again_exports = /* @__PURE__ */ __exportAll({ lookAgain: () => lookAgain });
/** Asks the registries what became of tags, with the logins that main had; nothing is written.
* @param tags those to look at, of the receipt's
* @returns each of them as it stands. */
async function lookAgain(place, receipt, tags) {
	const { environment, engine, cancel } = place;
	const read = new InputReader(environment.inputs);
	const repositories = [...readRepositories(read, "image"), ...readRepositories(read, "protected-image")];
	const login = readLogin(read, repositories);
	if (login.kind === "given") secretsOfLogin(login).forEach(mask);
	const githubToken = read.parsed("github-token", (token) => new Secret(token));
	const readInfo = () => readEngineInfo(engine, cancel);
	const registries = openRegistries({
		environment,
		cancel,
		readInfo
	}, {
		login,
		githubToken
	});
	return Promise.all(tags.map(async (tag) => {
		const repository = repositories.find(({ name }) => name === tag.repository);
		if (repository === void 0) return tag;
		const registry = registries.open(repository, "probe");
		return settle(tag, async () => look(await registry, tag, receipt), cancel);
	}));
}
async function settle(tag, lookNow, cancel) {
	const until = performance.now() + landing;
	for (;;) {
		const now = await lookNow();
		if (!(tag.outcome === "unknown" && !(now.kind === "read" && now.isImage)) || performance.now() > until) return settleTag(tag, now);
		if (cancel.aborted) return settleTag(tag, {
			kind: "unread",
			reason: "the job was ended"
		});
		await setTimeout$1(everyMs, void 0, { signal: cancel }).catch(() => void 0);
	}
}
async function look(registry, { tag }, receipt) {
	try {
		const held = await registry.manifest(parseTag(tag));
		return {
			kind: "read",
			held: held?.digest,
			isImage: held !== void 0 && isImageOf(receipt, held)
		};
	} catch (error) {
		if (error instanceof RegistryError || error instanceof ActionError) return {
			kind: "unread",
			reason: error.message
		};
		throw error;
	}
}
function isImageOf({ digest, configDigest }, held) {
	if (digest !== void 0) return held.digest === digest;
	const manifest = parseManifest(held);
	return manifest.kind === "image" && manifest.config.digest === configDigest;
}
var landing, everyMs;
var init_look_again = __esmMin((() => {
	init_errors();
	init_login$1();
	init_repositories();
	init_manifest();
	init_registry();
	init_secret();
	init_tag();
	init_login();
	init_actions();
	init_engine();
	init_registries();
	landing = 1e4;
	everyMs = 500;
}));

// src/post.ts
init_errors();
init_reader();
init_unfinished();
init_actions();
init_endpoint$1();
init_leftovers();
const cancel = AbortSignal.timeout(6e4);
/** Aborted where the job is ended while post runs: a little later, as the runner gives it 7.5 s. */
const late = new AbortController();
listenForCancel(() => process.exit(0)).addEventListener("abort", () => setTimeout(() => late.abort(), 3500));
/** Undoes what State remembers and nothing else; what cannot be undone is a notice, never a red job. Where main was killed, it ends
* what main left running, and finishes main's receipt. */
async function post() {
	const all = readVariables();
	const temp = all["RUNNER_TEMP"] ?? "";
	const state = readState(temp);
	if (state === void 0) return;
	const ended = state.ended ? [] : await endLeftovers(state.nonce);
	await rm$1(state.folder, {
		recursive: true,
		force: true,
		maxRetries: 5,
		retryDelay: 20
	}).catch(tell);
	if (state.isTidy) return;
	const engine = await findEngine(all);
	const hasNames = state.names.length + state.restore.length > 0;
	if (hasNames) await tidyUp(engine, state, cancel).catch(tell);
	await finishReceipt(engine, state, temp);
	if (!state.ended && hasNames) await tidyUpAfter(engine, state);
	say(`tidied up: ${[...ended.map((one) => `ended ${one}`), describe(state)].join(", ")}`);
}
/** An engine may still be making what its client asked for when that was killed, and tells nobody when it is done. */
async function tidyUpAfter(engine, state) {
	for (let looks = 0; looks < 8; looks++) {
		await tidyUp(engine, state, cancel);
		await setTimeout$1(250);
	}
	await tidyUp(engine, state, cancel);
}
function describe({ names, restore }) {
	return [...names.map((name) => `removed ${name}`), ...restore.map(({ name }) => `restored ${name}`)].join(", ");
}
/** Looks again at tags whose write was cut off, and puts what it finds into the receipt. */
async function finishReceipt(engine, { nonce, ended }, temp) {
	const path = receiptPath(temp, nonce);
	rmSync(`${path}.part`, { force: true });
	const receipt = readReceipt(path);
	const open = receipt === void 0 ? [] : openTags(receipt);
	if (open.length === 0 && (ended || receipt?.unfinished === false)) return;
	const environment = readEnvironment();
	const tellSummary = (seen) => {
		if (new InputReader(environment.inputs).boolean("summary") === false) return;
		const told = seen.map((tag) => ({
			...tag,
			reason: redact(tag.reason)
		}));
		writeSummary(environment.all["GITHUB_STEP_SUMMARY"], renderAfterwards(receipt, told));
	};
	if (receipt === void 0) return tellSummary([]);
	const { lookAgain } = await Promise.resolve().then(() => (init_look_again(), look_again_exports));
	const seen = await lookAgain({
		environment,
		engine,
		cancel: late.signal
	}, receipt, open);
	const tags = receipt.tags.map((tag) => seen[open.indexOf(tag)] ?? tag);
	writeWhole(path, redact(renderFinished(receipt, tags)));
	tellSummary(seen);
	for (const { repository, tag, outcome, after, reason } of seen) notice(`${repository}:${tag}: ${outcome}, it holds ${after ?? "nothing"}${reason === "" ? "" : ` (${reason})`}`);
}
function readReceipt(path) {
	let text;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (error.code === "ENOENT") return void 0;
		throw error;
	}
	return parseReceipt(text);
}
function tell(error) {
	notice(`not everything of this run could be removed: ${formatThrown(error)}`);
}
await post().catch(tell);
await flush();
process.exit(0);

export {  };