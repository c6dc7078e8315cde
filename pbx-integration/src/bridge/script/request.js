var flights = 0;

function send(own, path, tenant, body, delivery, done) {
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
    own.road(own.time, path, tenant, body, delivery, answered);
  } catch (error) {
    answered(0);
  }
  isInside = false;
}

function overHttp(time, path, tenant, body, delivery, answered) {
  var args = {
    method: 'POST',
    url: config.url + path,
    logurl: config.url + path,
    body: body,
    verify: true,
    attempts: 1,
    readTimeout: time,
    connectTimeout: 10000,
    timeout: time,
    header: requestHeaders(delivery, tenant),
    callback: answered
  };
  if (tenant) {
    args.domain = tenant;
  }
  system.http(args);
}

function requestHeaders(delivery, tenant) {
  function header(name, value) {
    return {name: name, value: value, secret: name === 'Authorization'};
  }
  return [
    header('Authorization', 'Bearer ' + secret),
    header('Content-Type', 'application/json'),
    header('X-Bridge', config.protocol + ';' + config.id + ';' + boot + ';' + config.version),
    header('X-Bridge-Delivery', delivery),
    header('X-Bridge-Tenant', encoded(tenant)),
    header('X-Bridge-Lost', losses())
  ];
}

function failed(own, wait, code, headers, delivery) {
  var after = parseInt(headerValue(headerList(headers), 'retry-after'), 10);
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
