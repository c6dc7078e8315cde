function unit(code) {
  return '\\u' + ('000' + code.toString(16)).slice(-4);
}

// JSON in ASCII: engines differ in how they write text outside the basic plane and lone surrogates.
function json(value) {
  return JSON.stringify(value).replace(/[^\u0000-\u007e]/g, function (character) {
    var code = character.charCodeAt(0);
    if (code < 65536) {
      return unit(code);
    }
    code -= 65536;
    return unit(55296 + Math.floor(code / 1024)) + unit(56320 + code % 1024);
  });
}

function parse(text) {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text;
  } catch (error) {
    return null;
  }
}

function encoded(text) {
  try {
    return encodeURIComponent(text);
  } catch (error) {
    return '';
  }
}

function tenantOf(data) {
  var domain = data ? data.domain : '';
  if (domain && typeof domain === 'object') {
    domain = domain.address;
  }
  return typeof domain === 'string' ? domain : '';
}

// Headers come as a list of objects, pairs or lines, or as a map.
function headerList(headers) {
  var list = [];
  for (var key in headers) {
    var one = headers[key];
    var pair = [key, one];
    if (Array.isArray(headers)) {
      pair = one && [one.name, one.value];
      if (Array.isArray(one)) {
        pair = one;
      } else if (typeof one === 'string') {
        var colon = (one + ':').indexOf(':');
        pair = [one.slice(0, colon), one.slice(colon + 1).trim()];
      }
    }
    if (pair && typeof one !== 'function') {
      list.push({name: String(pair[0]), value: String(pair[1])});
    }
  }
  return list;
}

// The value of a header in a list, or empty text.
function headerValue(list, name) {
  for (var i = 0; i < list.length; i += 1) {
    if (list[i].name.toLowerCase() === name) {
      return list[i].value;
    }
  }
  return '';
}
