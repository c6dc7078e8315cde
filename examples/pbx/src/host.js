// The functions that a PBX gives to backend code. `ask` takes what the PBX has to do outside of the engine; `start` and
// `end` are its calls.
var waiting = {};
var last = 0;
var entries = {};

function later(kind, callback, asked) {
  last += 1;
  waiting[last] = callback;
  asked.number = last;
  ask(kind, JSON.stringify(asked));
}

// Calls what waits under a number.
function resume(number, args) {
  var callback = waiting[number];
  delete waiting[number];
  callback.apply(null, args);
}

var system = {
  http: function (args) {
    later('http', args.callback, {request: args});
  }
};

function setTimeout(call, time) {
  later('timer', call, {time: time});
}

function startCall(args) {
  return start(String(args.user), String(args.to));
}

function endCall(id) {
  return end(id);
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
