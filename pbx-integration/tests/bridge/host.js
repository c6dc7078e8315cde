// The functions of a PBX. What the script asks for is printed as one line of JSON; the test plays the rest.
var clock = 1764064800000;
Date.now = function () {
  return clock;
};
var callbacks = [];
var timers = [];
var store = {};
var live = {};
var lastCall = 0;
var isAnsweringInside = false;

function emit(kind, value) {
  print('@' + JSON.stringify([kind, value]).replace(/[^\u0000-\u007e]/g, function (unit) {
    return '\\u' + ('000' + unit.charCodeAt(0).toString(16)).slice(-4);
  }));
}

var system = {
  http: function (args) {
    callbacks.push(args.callback);
    emit('http', {number: callbacks.length - 1, args: args});
    if (isAnsweringInside) {
      args.callback(0, '', []);
    }
  }
};

var console = {
  trace: function (area, level, tenant, text) {
    emit('trace', {area: area, level: level, tenant: tenant, text: text});
  }
};

var Host = {
  setTimeout: function (call, time) {
    timers.push(call);
    emit('timer', {number: timers.length - 1, time: time});
    return timers.length;
  },
  startCall: function (args) {
    emit('startCall', args);
    lastCall += 1;
    live['call-' + lastCall] = true;
    return 'call-' + lastCall;
  },
  endCall: function (id, code, expl, forced) {
    emit('endCall', [id, code, expl, forced]);
    if (!live[id]) {
      return false;
    }
    delete live[id];
    return true;
  },
  // The settings of one integration. The PBX implies which one it is.
  settings: function (integration) {
    function key(domain, user, name, secret) {
      return JSON.stringify([integration, domain, user, name, !!secret]);
    }
    return {
      load: function (domain, user, name, secret) {
        var text = store[key(domain, user, name, secret)];
        return text === undefined ? undefined : JSON.parse(text);
      },
      save: function (domain, user, name, value, secret) {
        if (name === 'broken') {
          throw new Error('the disk is full');
        }
        store[key(domain, user, name, secret)] = JSON.stringify(value);
      }
    };
  }
};
var sockets = [];

function Websocket(url) {
  this.url = url;
  this.number = sockets.length;
  this.handlers = {};
  sockets.push(this);
}
Websocket.prototype.header = function (list) {
  this.headers = list;
};
Websocket.prototype.on = function (name, handler) {
  this.handlers[name] = handler;
};
Websocket.prototype.connect = function () {
  emit('connect', {number: this.number, url: this.url, header: this.headers});
};
Websocket.prototype.send = function (text) {
  emit('frame', {number: this.number, text: text});
};
Websocket.prototype.close = function () {
  emit('close', this.number);
};

var startCall = Host.startCall;
var endCall = Host.endCall;
var loadIntr = Host.settings('').load;
var saveIntr = Host.settings('').save;
