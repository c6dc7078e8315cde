// Reads CTI messages as strictly as the vendor's JavaScript client does, and no better.
//
// An independent reader, written from the description of the protocol. Standard input: one message a
// line, in hexadecimal. Standard output: what the messages come to, as JSON. What the vendor's client
// cannot read, or would lose, is an error here: the line is named, and the exit code is 1.
'use strict';

const assert = (is, what) => {
  if (!is) throw new Error(what);
};

/** An atom. Its text is compared loosely: `${atom}`. */
class Atom {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

/** A binary, as Latin-1 text. */
class Binary extends Atom {}

/** A tuple. */
class Tuple extends Array {}

const LONGEST_STRING = 33023;

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(count) {
    assert(this.at + count <= this.bytes.length, `message ends inside a term at byte ${this.at}`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  unsigned(size) {
    return this.take(size).readUIntBE(0, size);
  }

  text(size) {
    return this.take(size).toString('latin1');
  }

  /** A count of 32 bits, which the vendor's client reads with a sign. */
  count() {
    const count = this.unsigned(4);
    assert(count < 2 ** 31, `count ${count} is negative for a signed reader`);
    return count;
  }

  terms(count, list) {
    for (let left = count; left > 0; left -= 1) list.push(this.term());
    return list;
  }

  big(size) {
    const sign = this.unsigned(1);
    let value = 0n;
    [...this.take(size)].reverse().forEach((byte) => {
      value = value * 256n + BigInt(byte);
    });
    assert(value <= BigInt(Number.MAX_SAFE_INTEGER), 'integer loses digits');
    return sign === 0 ? Number(value) : -Number(value);
  }

  term() {
    const tag = this.unsigned(1);
    switch (tag) {
      case 97:
        return this.unsigned(1);
      case 98: {
        const bytes = this.take(4);
        assert(bytes[0] !== 128, 'integer loses its sign');
        return bytes.readInt32BE(0);
      }
      case 110:
        return this.big(this.unsigned(1));
      case 111:
        return this.big(this.count());
      case 99:
        return Number.parseFloat(this.text(31));
      case 100:
        return new Atom(this.text(this.unsigned(2)));
      case 115:
        return new Atom(this.text(this.unsigned(1)));
      case 107: {
        const size = this.unsigned(2);
        assert(size <= LONGEST_STRING, `string of ${size} bytes is too long`);
        return this.text(size);
      }
      case 109:
        return new Binary(this.text(this.count()));
      case 104:
        return this.terms(this.unsigned(1), new Tuple());
      case 106:
        return [];
      case 108: {
        const list = this.terms(this.count(), []);
        assert(this.unsigned(1) === 106, 'list does not end with the empty list');
        return list;
      }
      default:
        throw new Error(`tag ${tag} at byte ${this.at - 1} is unknown to the vendor's client`);
    }
  }

  message() {
    assert(this.unsigned(1) === 131, 'first byte is not 131');
    const term = this.term();
    assert(this.at === this.bytes.length, 'bytes follow the term');
    return term;
  }
}

const isTuple = (term) => term instanceof Tuple;
const isNil = (term) => isTuple(term) && term.length === 2 && `${term[0]}` === 'bert';

/** A field's value: text, a number, a truth value, an array for a tuple, or null. */
function value(term) {
  if (isTuple(term)) {
    assert(!isNil(term), '{bert,_} in a field is not read');
    return [...term].map(value);
  }
  assert(!Array.isArray(term), 'a list in a field is lost');
  if (term instanceof Atom && !(term instanceof Binary)) {
    const known = { undefined: null, true: true, false: false };
    return Object.hasOwn(known, term.text) ? known[term.text] : term.text;
  }
  return term instanceof Binary ? term.text : term;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const decodeUtf8 = (text) => utf8.decode(Buffer.from(text, 'latin1'));

/** Which positions of a state have which names. */
const STATES = {
  bridged: [],
  voicemail: ['target_type', 'target_id', 'target_name'],
  checking_voicemail: ['target_name'],
  calling_siptermination: ['url'],
  ivr: ['ivr_id'],
  xml_ivr: [],
  system_operation: ['operation'],
  conference: ['room_id'],
  park: ['slot', 'terminal_name', 'parker_id', 'parker_name'],
  eavesdrop: ['uuid', 'eavesdrop_state'],
};

const TARGETS = {
  user: ['user_id'],
  group: ['group_type', 'group_id', 'position', 'unused', 'queue_id'],
  pstn: ['number'],
  bridged_endpoint: ['user', 'host'],
};

const named = (names, values) =>
  Object.fromEntries(names.map((name, at) => [name, values[at] ?? null]));

function state(parts) {
  if (parts === null) return null;
  assert(Array.isArray(parts), 'a state that is text is read letter by letter');
  const [ts, name, ...rest] = parts;
  if (name !== 'calling') return { ts, name, data: named(STATES[name] ?? [], rest) };
  const [location, type, data] = rest;
  assert(Array.isArray(data), 'calling needs target data');
  const target = named(TARGETS[type] ?? [], data);
  return { ts, name, data: { target_location: location, target_type: type, ...target } };
}

function endUser(text) {
  if (text === null || /^\**$/.test(text)) return null;
  const item = (one) =>
    one.split('*').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
  if (!text.startsWith('_MANY_:')) return { count: 1, items: [item(text)] };
  const [count, ...items] = text.slice('_MANY_:'.length).split('|');
  assert(/^\d/.test(count), 'the count of _MANY_ is not a number');
  return { count: Number.parseInt(count, 10), items: items.map(item) };
}

const DECODERS = {
  state,
  end_user: endUser,
  origination: (text) => text?.split('*').map(decodeURIComponent) ?? null,
  tags: (text) => text?.split(';') ?? null,
};

const CHANNELS = ['channel', 'channel_waiting', 'queued_channel', 'parked_channel'];

class Client {
  constructor() {
    this.specs = new Map();
    this.tables = new Map();
    this.system = [];
    this.events = { added: 0, updated: 0, removed: 0 };
  }

  record(element, term) {
    const spec = this.specs.get(element);
    assert(spec, `a record of ${element} before its field_spec`);
    assert(Array.isArray(term), 'a record that is no tuple');
    const record = named(spec, [...term].map(value));
    if (CHANNELS.includes(element)) {
      Object.entries(DECODERS).forEach(([field, decode]) => {
        if (field in record) record[field] = decode(record[field]);
      });
    }
    if (['user', 'group'].includes(element)) record.label = decodeUtf8(record.label);
    return record;
  }

  key(element, record) {
    const key = CHANNELS.includes(element) ? record.uuid : record.id;
    assert(key !== null && key !== undefined, `a record of ${element} without its key`);
    return String(key);
  }

  hasEnded(element, record) {
    return element === 'channel' && record.last_event === 'CHANNEL_HANGUP';
  }

  handle(message) {
    assert(isTuple(message), 'message is no tuple');
    const [kind, element] = message;
    assert(!(kind instanceof Binary), 'a message kind in a binary is unknown');
    if (`${kind}` === 'system_msg') {
      this.system.push(value(element));
      return;
    }
    if (!['field_spec', 'initial_info', 'info_event'].includes(`${kind}`)) return;
    // Compared strictly with strings, which neither an atom nor a binary equals.
    assert(typeof element === 'string', 'the name of an element is not a STRING');
    if (`${kind}` === 'field_spec') {
      assert(
        message[2].every((name) => name instanceof Atom),
        'a field name is neither an atom nor a binary',
      );
      this.specs.set(element, [...message[2]].map(String));
    } else if (`${kind}` === 'initial_info') {
      const records = isNil(message[2]) ? [] : message[2];
      this.tables.set(element, new Map());
      records.forEach((term) => this.set(element, this.record(element, term)));
    } else {
      const [, , term, event] = message;
      assert(typeof event === 'string', 'the name of an event is not a STRING');
      assert(event in this.events, `event ${event} is unknown`);
      this.events[event] += 1;
      const record = this.record(element, term);
      if (event === 'removed' || this.hasEnded(element, record)) {
        this.tables.get(element).delete(this.key(element, record));
      } else {
        this.set(element, record);
      }
    }
  }

  set(element, record) {
    this.tables.get(element).set(this.key(element, record), record);
  }
}

const client = new Client();
const lines = require('node:fs').readFileSync(0, 'latin1').split('\n');
lines.forEach((line, at) => {
  if (line === '') return;
  try {
    client.handle(new Reader(Buffer.from(line, 'hex')).message());
  } catch (error) {
    console.error(`message ${at + 1}: ${error.message}`);
    process.exit(1);
  }
});
const tables = [...client.tables].map(([name, table]) => [name, Object.fromEntries(table)]);
console.log(
  JSON.stringify({
    tables: Object.fromEntries(tables),
    system: client.system,
    events: client.events,
  }),
);
