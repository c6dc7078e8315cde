bridge.http = function (data, callback) {
  var reply = replier(callback);
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
    send(lane('http', giveUp, 9000), '/v1/http', tenantOf(data), body, boot + '-0;1', function (code, answer) {
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
  wake();
};

function text(value) {
  return value === undefined || value === null ? '' : String(value);
}

// The reply of a web request, which is given once.
function replier(callback) {
  var isReplied = false;
  return function (code, reason, type, body) {
    if (isReplied) {
      return;
    }
    isReplied = true;
    try {
      callback(code, reason, type, body);
    } catch (error) {
      trace(3, 'reply failed');
    }
  };
}
