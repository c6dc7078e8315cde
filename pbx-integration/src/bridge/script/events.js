var sender = lane('events', pump, 10000);
var isPumping = false;
due.push(pump);

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
  send(sender, item.path, item.tenant, item.body, delivery, function (code, data, headers) {
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

// The payload without the live objects of the host; of one that has a cycle, its plain members.
function bodyOf(data) {
  var copy = {};
  try {
    for (var name in data) {
      if (name !== 'call' && name !== 'leg' && typeof data[name] !== 'function') {
        copy[name] = data[name];
      }
    }
    return json(copy);
  } catch (error) {
    return json(plainMembers(data));
  }
}

function plainMembers(data) {
  var copy = {bridge_error: 'not serializable'};
  for (var name in data) {
    try {
      if (['string', 'number', 'boolean'].indexOf(typeof data[name]) >= 0) {
        copy[name] = data[name];
      }
    } catch (ignored) {
      // A member that cannot be read is left out.
    }
  }
  return copy;
}

function event(point, data) {
  // g, a or c.
  var kind = point.charAt(2);
  try {
    enqueue(kind, '/v1/event/' + point, tenantOf(data), bodyOf(data));
  } catch (error) {
    lose(kind);
  }
  wake();
}

// The functions of the entry points.
var bridge = {event: event};
