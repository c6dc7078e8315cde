var pbxbridge = (function (config, secret) {
  var boot = random() + random() + Date.now().toString(36);
  var hasTimer = typeof setTimeout === 'function';
  var queue = [];
  var chars = 0;
  var count = 0;
  var lost = {g: 0, a: 0, c: 0, r: 0};
  var results = {};
  var resultKeys = [];
  var flights = 0;
  var isPumping = false;
  var sender = lane('events', pump);
  var poller = lane('poll', poll);
  var overflow = lane('queue', pump);

  function random() {
    return Math.floor(Math.random() * 2176782336).toString(36);
  }

  function lane(name, run) {
    return {name: name, run: run, flight: 0, since: 0, wait: 0, timer: 0, failures: 0, state: '', isOver: false};
  }

  // Whether the lane may send. A clock that was set back must not stop it, nor a request without an answer.
  function isFree(own) {
    var passed = Date.now() - own.since;
    if (own.flight) {
      return passed > 120000;
    }
    return passed < 0 || passed >= own.wait;
  }

  function pause(own, wait) {
    own.since = Date.now();
    own.wait = wait;
    own.timer += 1;
    var mine = own.timer;
    if (hasTimer) {
      // A timer may fire early, so the time is not checked again.
      setTimeout(function () {
        if (own.timer === mine) {
          own.wait = 0;
          own.run();
        }
      }, wait);
    }
  }

  function note(own, state, code, delivery) {
    if (own.state === state) {
      return;
    }
    own.state = state;
    trace(state === 'reached' ? 5 : 3, own.name + ' ' + state + ', code ' + code + ', delivery ' + delivery);
  }

  function trace(level, text) {
    if (typeof console === 'object' && console) {
      try {
        console.trace('SCRIPT', level, '', 'pbxbridge ' + config.label + ': ' + text + ', lost ' + losses());
      } catch (ignored) {
        // A log that cannot be written must not stop the bridge.
      }
    }
  }

  function losses() {
    return 'g=' + lost.g + ',a=' + lost.a + ',c=' + lost.c + ',r=' + lost.r;
  }

  function unit(code) {
    return '\\u' + ('000' + code.toString(16)).slice(-4);
  }

  // JSON in ASCII: engines differ in how they write text outside the basic plane and lone surrogates.
  function json(value) {
    return JSON.stringify(value).replace(/[^\u0000-\u007e]/g, function (character) {
      var code = character.charCodeAt(0);
      if (code < 65536) {
        return unit(code);
      }
      code -= 65536;
      return unit(55296 + Math.floor(code / 1024)) + unit(56320 + code % 1024);
    });
  }

  function parse(text) {
    try {
      return typeof text === 'string' ? JSON.parse(text) : text;
    } catch (error) {
      return null;
    }
  }

  function encoded(text) {
    try {
      return encodeURIComponent(text);
    } catch (error) {
      return '';
    }
  }

  function tenantOf(data) {
    var domain = data ? data.domain : '';
    if (domain && typeof domain === 'object') {
      domain = domain.address;
    }
    return typeof domain === 'string' ? domain : '';
  }

  // Headers come as a list of objects, pairs or lines, or as a map.
  function headerList(headers) {
    var list = [];
    function add(name, value) {
      list.push({name: String(name), value: String(value)});
    }
    if (!Array.isArray(headers)) {
      for (var key in headers) {
        if (typeof headers[key] !== 'function') {
          add(key, headers[key]);
        }
      }
      return list;
    }
    for (var i = 0; i < headers.length; i += 1) {
      var one = headers[i];
      if (Array.isArray(one)) {
        add(one[0], one[1]);
      } else if (typeof one === 'string') {
        var colon = one.indexOf(':');
        add(colon < 0 ? one : one.slice(0, colon), colon < 0 ? '' : one.slice(colon + 1).trim());
      } else if (one) {
        add(one.name, one.value);
      }
    }
    return list;
  }

  function retryAfter(headers) {
    var list = headerList(headers);
    for (var i = 0; i < list.length; i += 1) {
      if (list[i].name.toLowerCase() === 'retry-after') {
        return parseInt(list[i].value, 10);
      }
    }
    return 0;
  }

  function send(own, request, done) {
    flights += 1;
    var flight = flights;
    var isInside = true;
    own.flight = flight;
    own.since = Date.now();
    own.wait = 0;
    function answered(code, data, headers) {
      if (own.flight !== flight) {
        return;
      }
      own.flight = 0;
      code = parseInt(code, 10);
      try {
        done(isFinite(code) ? code : 0, data, headers, isInside);
      } catch (error) {
        trace(3, own.name + ' failed inside');
      }
    }
    try {
      var args = {
        method: 'POST',
        url: config.url + request.path,
        logurl: config.url + request.path,
        body: request.body,
        verify: true,
        attempts: 1,
        readTimeout: request.time,
        connectTimeout: 10000,
        timeout: request.time,
        header: [
          {name: 'Authorization', value: 'Bearer ' + secret, secret: true},
          {name: 'Content-Type', value: 'application/json', secret: false},
          {name: 'X-Bridge', value: config.protocol + ';' + config.id + ';' + boot + ';' + config.version, secret: false},
          {name: 'X-Bridge-Delivery', value: request.delivery, secret: false},
          {name: 'X-Bridge-Tenant', value: encoded(request.tenant), secret: false},
          {name: 'X-Bridge-Lost', value: losses(), secret: false}
        ],
        callback: answered
      };
      if (request.tenant) {
        args.domain = request.tenant;
      }
      system.http(args);
    } catch (error) {
      answered(0);
    }
    isInside = false;
  }

  function failed(own, wait, code, headers, delivery) {
    var after = retryAfter(headers);
    var isForbidden = code === 401 || code === 403 || code === 426;
    own.failures += 1;
    if (isForbidden) {
      wait = code === 426 ? 300000 : 60000;
    } else if (after > 0) {
      wait = Math.min(after, 300) * 1000;
    }
    note(own, isForbidden ? 'refused' : 'not reached', code, delivery);
    pause(own, wait);
  }

  function isRefusal(code) {
    return code >= 300 && code < 500 && [401, 403, 408, 425, 426, 429].indexOf(code) < 0;
  }

  function remove(item) {
    var at = queue.indexOf(item);
    if (at >= 0) {
      queue.splice(at, 1);
      chars -= item.body.length;
    }
  }

  function lose(kind) {
    lost[kind] += 1;
    note(overflow, 'overflowing', 0, boot + '-' + count);
  }

  function oldest(isRecord) {
    for (var i = 0; i < queue.length; i += 1) {
      if (queue[i].tries === 0 && queue[i].kind && (queue[i].kind === 'c') === isRecord) {
        return queue[i];
      }
    }
    return null;
  }

  // An item without a kind is the result of a command. Results go first and are not dropped for events.
  function enqueue(kind, path, tenant, body) {
    var at = queue.length;
    if (body.length > config.chars) {
      lose(kind);
      return;
    }
    count += 1;
    if (!kind) {
      for (at = sender.flight ? 1 : 0; at < queue.length && !queue[at].kind; at += 1) {
      }
    }
    var item = {kind: kind, path: path, tenant: tenant, body: body, delivery: boot + '-' + count, tries: 0};
    queue.splice(at, 0, item);
    chars += body.length;
    while (queue.length > config.items || chars > config.chars) {
      var victim = oldest(false) || oldest(true);
      if (!victim) {
        // Only results wait. This one is remembered and sent again when the command comes again.
        if (!kind) {
          remove(item);
        }
        return;
      }
      remove(victim);
      lose(victim.kind);
    }
  }

  function pump() {
    if (isPumping) {
      return;
    }
    isPumping = true;
    while (queue.length > 0 && isFree(sender)) {
      attempt(queue[0]);
    }
    isPumping = false;
    if (queue.length === 0) {
      overflow.state = '';
    }
  }

  function attempt(item) {
    item.tries += 1;
    var delivery = item.delivery + ';' + item.tries;
    var request = {path: item.path, tenant: item.tenant, body: item.body, delivery: delivery, time: 10000};
    send(sender, request, function (code, data, headers) {
      if (code >= 200 && code < 300) {
        remove(item);
        sender.failures = 0;
        note(sender, 'reached', code, delivery);
        obey(data);
      } else if (isRefusal(code)) {
        remove(item);
        lost.r += 1;
        note(sender, 'refused', code, delivery);
      } else {
        var wait = Math.min(60000, 500 * Math.pow(2, sender.failures + 1));
        failed(sender, wait * (0.5 + Math.random() / 2), code, headers, delivery);
      }
      pump();
    });
  }

  function features() {
    var found = [];
    if (typeof startCall === 'function' && typeof endCall === 'function') {
      found.push('calls');
    }
    if (typeof loadIntr === 'function' && typeof saveIntr === 'function') {
      found.push('settings');
    }
    if (hasTimer) {
      found.push('timer');
    }
    if (typeof console === 'object') {
      found.push('trace');
    }
    if (typeof Websocket === 'function') {
      found.push('ws');
    }
    return found.join(',');
  }

  function poll() {
    if (poller.isOver || !isFree(poller)) {
      return;
    }
    var delivery = boot + '-0;1';
    var request = {path: '/v1/poll', tenant: '', body: json({features: features()}), delivery: delivery, time: 20000};
    send(poller, request, function (code, data, headers, isInside) {
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
        poller.isOver = true;
        note(poller, 'replaced', code, delivery);
      } else {
        failed(poller, 15000, code, headers, delivery);
      }
      pump();
    });
  }

  function obey(data) {
    var answer = parse(data);
    var commands = answer && answer.commands;
    for (var i = 0; Array.isArray(commands) && i < commands.length; i += 1) {
      if (commands[i]) {
        run(String(commands[i].id), commands[i].name, commands[i].args || {});
      }
    }
  }

  // A command runs once; the same id again sends the same result.
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
    if (results[key]) {
      enqueue('', '/v1/result', '', results[key]);
    }
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

  // The payload without the live objects of the host; of one that has a cycle, its plain members.
  function bodyOf(data) {
    var name = '';
    var copy = {};
    try {
      for (name in data) {
        if (name !== 'call' && name !== 'leg' && typeof data[name] !== 'function') {
          copy[name] = data[name];
        }
      }
      return json(copy);
    } catch (error) {
      copy = {bridge_error: 'not serializable'};
      for (name in data) {
        try {
          if (['string', 'number', 'boolean'].indexOf(typeof data[name]) >= 0) {
            copy[name] = data[name];
          }
        } catch (ignored) {
          // A member that cannot be read is left out.
        }
      }
      return json(copy);
    }
  }

  function event(kind, point, data) {
    try {
      enqueue(kind, '/v1/event/' + point, tenantOf(data), bodyOf(data));
    } catch (error) {
      lose(kind);
    }
    try {
      pump();
      poll();
    } catch (ignored) {
      trace(3, 'failed inside');
    }
  }

  //#if onhttp
  function text(value) {
    return value === undefined || value === null ? '' : String(value);
  }

  function http(data, callback) {
    var isReplied = false;
    function reply(code, reason, type, body) {
      if (isReplied) {
        return;
      }
      isReplied = true;
      try {
        callback(code, reason, type, body);
      } catch (error) {
        trace(3, 'reply failed');
      }
    }
    function giveUp() {
      reply(504, 'Gateway Timeout', 'text/plain', 'Gateway Timeout');
    }
    try {
      if (hasTimer) {
        setTimeout(giveUp, 9000);
      }
      var body = json({
        method: text(data.method),
        scheme: text(data.scheme),
        url: text(data.url),
        identifier: text(data.identifier) || config.id,
        domain: tenantOf(data),
        headers: headerList(data.headers),
        body: text(data.body)
      });
      var request = {path: '/v1/http', tenant: tenantOf(data), body: body, delivery: boot + '-0;1', time: 9000};
      send(lane('http', giveUp), request, function (code, answer) {
        answer = code === 200 ? parse(answer) : null;
        if (answer && answer.status) {
          reply(answer.status, answer.reason, answer.type, answer.body);
        } else {
          giveUp();
        }
      });
    } catch (error) {
      giveUp();
    }
    poll();
  }
  //#end

  try {
    poll();
  } catch (ignored) {
    trace(3, 'failed inside');
  }
  return {
    //#if onhttp
    http: http,
    //#end
    event: event
  };
}(/*config*/, /*secret*/));

//#if ongroup
function ongroup(data) {
  pbxbridge.event('g', 'ongroup', data);
}
//#end

//#if onagent
function onagent(data) {
  pbxbridge.event('a', 'onagent', data);
}
//#end

//#if oncdr
function oncdr(data) {
  pbxbridge.event('c', 'oncdr', data);
}
//#end

//#if onhttp
function onhttp(data, callback) {
  pbxbridge.http(data, callback);
}
//#end
