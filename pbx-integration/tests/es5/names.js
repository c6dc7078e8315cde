// Parses a script as ECMAScript 5, and prints its top-level names, its free names and its property names.
'use strict';
const acorn = require('acorn');

let text = '';
process.stdin.on('data', (chunk) => (text += chunk));
process.stdin.on('end', () => {
  const top = new Set();
  const free = new Set();
  const properties = new Set();
  const program = acorn.parse(text, { ecmaVersion: 5, sourceType: 'script' });

  // The names that a function, or the program, declares.
  function declared(node, names) {
    if (!node || typeof node.type !== 'string') return;
    if (node.type === 'VariableDeclarator') names.add(node.id.name);
    if (node.type === 'FunctionDeclaration') names.add(node.id.name);
    if (node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression') return;
    children(node).forEach((child) => declared(child, names));
  }

  function children(node) {
    const values = Object.keys(node).map((key) => node[key]);
    return values.flat().filter((value) => value && typeof value.type === 'string');
  }

  function walk(node, scopes) {
    switch (node.type) {
      case 'Identifier':
        if (!scopes.some((scope) => scope.has(node.name))) free.add(node.name);
        return;
      case 'MemberExpression':
        walk(node.object, scopes);
        if (node.computed) walk(node.property, scopes);
        else properties.add(node.property.name);
        return;
      case 'Property':
        properties.add(node.key.name || node.key.value);
        walk(node.value, scopes);
        return;
      case 'CatchClause':
        walk(node.body, scopes.concat(new Set([node.param.name])));
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression': {
        const own = new Set(node.params.map((param) => param.name).concat('arguments'));
        node.body.body.forEach((statement) => declared(statement, own));
        node.body.body.forEach((statement) => walk(statement, scopes.concat(own)));
        return;
      }
      default:
        children(node).forEach((child) => walk(child, scopes));
    }
  }

  program.body.forEach((statement) => declared(statement, top));
  walk(program, [top]);
  const lists = { top, free, properties };
  for (const name of Object.keys(lists)) lists[name] = [...lists[name]].sort();
  console.log(JSON.stringify(lists));
});
