var poller = lane('poll', poll, 20000);
var results = {};
var resultKeys = [];
due.push(poll);

function features() {
  var found = [];
  function probe(name, isThere) {
    if (isThere) {
      found.push(name);
    }
  }
  probe('calls', typeof startCall === 'function' && typeof endCall === 'function');
  probe('settings', typeof loadIntr === 'function' && typeof saveIntr === 'function');
  probe('timer', hasTimer);
  probe('trace', typeof console === 'object');
  probe('ws', typeof Websocket === 'function');
  return found.join(',');
}

function poll() {
  if (!isFree(poller) || poller.state === 'replaced') {
    return;
  }
  var delivery = boot + '-0;1';
  send(poller, '/v1/poll', '', json({features: features()}), delivery, function (code, data, headers, isInside) {
    if (code >= 200 && code < 300) {
      poller.failures = 0;
      note(poller, 'reached', code, delivery);
      obey(data);
      if (isInside) {
        // A host that answers inside the request would otherwise poll for ever.
        pause(poller, 15000);
      }
      poll();
    } else if (code === 410) {
      note(poller, 'replaced', code, delivery);
    } else {
      failed(poller, 15000, code, headers, delivery);
    }
    pump();
  });
}

function obey(data) {
  commandResults(data).forEach(function (result) {
    enqueue('', '/v1/result', '', result);
  });
}

// Runs the commands in an answer, and gives their results.
function commandResults(data) {
  var answer = parse(data);
  var commands = answer && answer.commands;
  var found = [];
  for (var i = 0; Array.isArray(commands) && i < commands.length; i += 1) {
    var result = commands[i] ? run(String(commands[i].id), commands[i].name, commands[i].args || {}) : '';
    if (result) {
      found.push(result);
    }
  }
  return found;
}

// A command runs once; the same id again gives the same result.
function run(id, name, args) {
  var key = '#' + id;
  if (resultKeys.indexOf(key) < 0) {
    results[key] = '';
    resultKeys.push(key);
    if (resultKeys.length > 200) {
      delete results[resultKeys.shift()];
    }
    results[key] = outcome(id, name, args);
  }
  return results[key];
}

function outcome(id, name, args) {
  var written = {count: 0};
  var body = '';
  try {
    body = json({id: id, ok: true, value: perform(name, args, written)});
    if (body.length > config.chars) {
      throw refusal('too large');
    }
  } catch (error) {
    var reason = error && typeof error.bridge === 'string' ? error.bridge : 'failed';
    body = json({id: id, ok: false, error: reason, written: written.count});
  }
  return body;
}

function refusal(reason) {
  return {bridge: reason};
}

function perform(name, args, written) {
  var i = 0;
  if (name === 'startCall' && typeof startCall === 'function') {
    var call = startCall(args);
    if (typeof call !== 'string' && !(typeof call === 'number' && Math.floor(call) === call)) {
      throw refusal('no call id');
    }
    return call;
  }
  if (name === 'endCall' && typeof endCall === 'function') {
    if (endCall(args.id, args.code, args.expl, args.forced) === false) {
      throw refusal('not found');
    }
    return true;
  }
  if (name === 'load' && typeof loadIntr === 'function') {
    var values = [];
    for (i = 0; i < args.names.length; i += 1) {
      var value = loadIntr(args.domain, args.user, args.names[i], args.secret);
      values.push(value === undefined ? null : value);
    }
    return values;
  }
  if (name === 'save' && typeof saveIntr === 'function') {
    for (i = 0; i < args.entries.length; i += 1) {
      var entry = args.entries[i];
      saveIntr(args.domain, args.user, entry.name, entry.value, entry.secret);
      written.count += 1;
    }
    return written.count;
  }
  throw refusal('unsupported');
}
