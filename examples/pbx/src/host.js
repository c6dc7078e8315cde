// The functions that a PBX gives to backend code. `ask` takes what the PBX has to do outside of the engine.
var callbacks = [];
var timers = [];
var entries = {};
var calls = {};
var started = 0;

var system = {
  http: function (args) {
    callbacks.push(args.callback);
    ask('http', JSON.stringify({number: callbacks.length - 1, request: args}));
  }
};

function setTimeout(call, time) {
  timers.push(call);
  ask('timer', JSON.stringify({number: timers.length - 1, time: time}));
}

function startCall(args) {
  started += 1;
  calls['call-' + started] = args;
  ask('log', 'in the PBX: ' + args.user + ' calls ' + args.to);
  return 'call-' + started;
}

function endCall(id, code, expl, forced) {
  if (!calls[id]) {
    return false;
  }
  delete calls[id];
  ask('log', 'in the PBX: ' + id + ' has ended, ' + code + ' ' + expl);
  return true;
}

function loadIntr(domain, user, name, secret) {
  return entries[[domain, user, name, secret]];
}

function saveIntr(domain, user, name, value, secret) {
  entries[[domain, user, name, secret]] = value;
}

// The PBX keeps what the `save` of a form returns.
function saveForm(domain, user, parts) {
  for (var i = 0; i < parts.length; i += 1) {
    for (var name in parts[i]) {
      saveIntr(domain, user, name, parts[i][name], i === 1);
    }
  }
}
