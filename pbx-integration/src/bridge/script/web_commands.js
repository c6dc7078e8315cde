// Web requests that present the bridge's secret are commands.
var forward = bridge.http;

bridge.http = function (data, callback) {
  var isOwn = false;
  var found = [];
  try {
    isOwn = isBridge(headerValue(headerList(data.headers), 'authorization'));
    if (isOwn) {
      found = commandResults(data.body);
    }
  } catch (ignored) {
    // A request that cannot be read has no commands.
  }
  if (!isOwn) {
    forward(data, callback);
    return;
  }
  replier(callback)(200, 'OK', 'application/json', '{"results":[' + found.join(',') + ']}');
  wake();
};

// Compares every character, so that the time does not show how many are right.
function isBridge(value) {
  var own = 'Bearer ' + secret;
  var difference = value.length ^ own.length;
  for (var i = 0; i < own.length; i += 1) {
    difference |= value.charCodeAt(i) ^ own.charCodeAt(i);
  }
  return difference === 0;
}
