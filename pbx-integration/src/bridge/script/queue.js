var queue = [];
var chars = 0;
var count = 0;
var overflow = lane('queue', pump);

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
    at = sender.flight ? 1 : 0;
    while (at < queue.length && !queue[at].kind) {
      at += 1;
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
