// Fills and reads the form of an integration. Elements are found by their name.
const fields = /*fields*/;

function element(form, name) {
  return Array.from(form.querySelectorAll('[name]')).find((found) => found.getAttribute('name') === name);
}

export function load(form, data) {
  for (const field of fields) {
    const found = element(form, field.name);
    const value = data[field.name];
    if (found) {
      found.value = field.secret || value === undefined || value === null ? '' : String(value);
    }
  }
}

// A secret is saved only if the user has entered something.
export function save(form) {
  const open = {};
  const secret = {};
  for (const field of fields) {
    const found = element(form, field.name);
    const value = found ? found.value : '';
    if (!field.secret) {
      open[field.name] = field.number && value !== '' ? Number(value) : value;
    } else if (value !== '') {
      secret[field.name] = value;
    }
  }
  return Object.keys(secret).length > 0 ? [open, secret] : [open];
}
