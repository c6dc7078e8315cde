// A websocket carries events and results while it is open, and brings commands. Polls go on, as it may break unnoticed.
var linker = lane('websocket', connect);
var unacked = null;
due.push(connect);

function connect() {
  if (unacked && Date.now() - sender.since >= 10000) {
    unacked.end();
  }
  if (typeof Websocket !== 'function' || sender.road !== overHttp || poller.state === 'replaced' || !isFree(linker)) {
    return;
  }
  flights += 1;
  var flight = flights;
  var socket = null;
  linker.flight = flight;
  linker.since = Date.now();

  function end() {
    if (linker.flight !== flight) {
      return;
    }
    var open = unacked;
    unacked = null;
    linker.flight = 0;
    sender.road = overHttp;
    note(linker, 'not reached', 0, boot + '-' + count);
    pause(linker, 60000);
    try {
      socket.close();
    } catch (ignored) {
      // There may be nothing to close.
    }
    if (open) {
      open.answered(0);
    }
  }

  function overSocket(time, path, tenant, body, delivery, answered) {
    var own = {delivery: delivery, answered: answered, end: end};
    unacked = own;
    if (hasTimer) {
      setTimeout(function () {
        if (unacked === own) {
          end();
        }
      }, time);
    }
    var head = json({path: path, delivery: delivery, tenant: encoded(tenant), lost: losses()});
    try {
      socket.send(head.slice(0, -1) + ',"body":' + body + '}');
    } catch (error) {
      end();
    }
  }

  function heard(text) {
    var message = parse(text);
    var own = unacked;
    if (own && message && message.ack === own.delivery) {
      unacked = null;
      own.answered(message.status);
    }
    obey(message);
    pump();
  }

  try {
    socket = new Websocket(config.url.replace('http', 'ws') + '/v1/ws');
    socket.header(requestHeaders(boot + '-0;1', ''));
    socket.on('open', function () {
      if (linker.flight === flight) {
        sender.road = overSocket;
        note(linker, 'reached', 101, boot + '-' + count);
      }
    });
    socket.on('message', heard);
    socket.on('close', end);
    socket.on('error', end);
    socket.connect();
  } catch (error) {
    end();
  }
}
