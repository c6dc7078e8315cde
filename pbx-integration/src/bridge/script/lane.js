var boot = random() + random() + Date.now().toString(36);
var hasTimer = typeof setTimeout === 'function';
var lost = {g: 0, a: 0, c: 0, r: 0};
// What may be due. Every entry point wakes it, as the host may have no timers.
var due = [];

function random() {
  return Math.floor(Math.random() * 2176782336).toString(36);
}

function wake() {
  for (var i = 0; i < due.length; i += 1) {
    try {
      due[i]();
    } catch (error) {
      trace(3, 'failed inside');
    }
  }
}

// Something with one request at a time, and a pause after a failure.
function lane(name, run, time) {
  return {name: name, run: run, time: time, road: overHttp, flight: 0, since: 0, wait: 0, timer: 0, failures: 0, state: ''};
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
