// Finds names that the vocabulary of the project has replaced. It compares declared identifiers and file names with the
// old names; words in text, in strings and in names of other libraries do not count.

import { basename } from 'node:path';

/**
 * The old names. A rule with `name` matches a whole identifier or file name, one with `word` any word in them, and one
 * with `file` a file name. `in` limits a rule to some paths, and `members` to properties and methods, where other code
 * uses the name for another idea.
 */
export const oldNames = [
  // The graph
  { word: 'arrow', use: 'edge' },
  { word: 'arrows', use: 'edges' },
  { word: 'follower', use: 'successor' },
  { word: 'followers', use: 'successors' },
  { name: 'knots', use: 'stronglyConnectedComponents' },
  { name: 'rings', use: 'cycles' },
  { name: 'Part', use: 'Subgraph, Phase or Segment' },
  { name: 'PartOperations', use: 'ComponentOperations' },
  { name: 'Demands', use: 'NeedResolver' },
  { name: 'isCarried', use: 'isProvidedByContext' },
  { name: 'Maker', use: 'InjectableComponent' },
  { name: 'makerOf', use: 'injectableComponent' },
  { name: 'given', use: 'providedByRuntime', in: /core\/src\/graph\// },
  // A running application
  { name: 'parts', use: 'disposalSteps', in: /publication/ },
  { name: 'Asking', use: 'FactoryOwner' },
  { name: 'Factory', use: 'ResourceFactory' },
  { name: 'Report', use: 'ProblemReport' },
  { name: 'GraphHost', use: 'Runtime' },
  { name: 'ComponentHost', use: 'Runtime' },
  { name: 'ComponentContextHost', use: 'Runtime' },
  { name: 'StartHost', use: 'Runtime' },
  { name: 'StopHost', use: 'Runtime' },
  { name: 'wayBack', use: 'stopOrder' },
  { file: 'way-back', use: 'stop-order' },
  { name: 'takeBack', use: 'undo' },
  { name: 'needsOfWayBack', use: 'stopDependencies' },
  { name: 'FoundNeeds', use: 'DynamicNeeds' },
  { file: 'found-needs', use: 'dynamic-needs' },
  { name: 'found', use: 'resolved', in: /core\/src\/application\/(?!lifecycle)/, members: true },
  { name: 'looksUp', use: 'onLookup' },
  { name: 'checkInTime', use: 'throwIfUndone' },
  { name: 'perform', use: 'runPhase', in: /running-component/ },
  { name: 'do', use: 'runPhase' },
  { name: 'stepsAtWork', use: 'currentSteps' },
  { name: 'stepAtWork', use: 'currentSteps' },
  // Contexts
  { name: 'MadeResources', use: 'FactoryCache' },
  { name: 'MadeResource', use: 'CacheEntry' },
  { file: 'made-resources', use: 'factory-cache' },
  // The configuration
  { name: 'Said', use: 'ValueSource' },
  { name: 'sayings', use: 'sources' },
  { name: 'picture', use: 'codeFrame' },
  { name: 'outline', use: 'redactLine' },
  { word: 'surroundings', use: 'LoadOptions, YamlOptions, …' },
  { name: 'Spot', use: 'OptionPath' },
  { name: 'Sort', use: 'TypeSpec' },
  // Web, threads and the command
  { word: 'answer', use: 'response', in: /packages\/web\// },
  { word: 'answers', use: 'responses', in: /packages\/web\// },
  { name: 'NoAnswerError', use: 'NoResponseError' },
  { word: 'stretch', use: 'span' },
  { word: 'stretches', use: 'spans' },
  { name: 'heldUpBy', use: 'blockedBy' },
  { name: 'Hold', use: 'Blocking' },
  { name: 'CallTerms', use: 'CallOptions' },
  { name: 'lastWords', use: 'crashReason' },
  { name: 'waitingAt', use: 'queued' },
  { name: 'Threads', use: 'Workers' },
  { name: 'lead', use: 'redirect', in: /cli\/src\/timeline\// },
  { name: 'giveBack', use: 'restore' },
  // Helpers of tests
  { file: 'told', use: 'problems-of' },
  { file: 'held', use: 'deferred' },
  { name: 'Held', use: 'Deferred' },
  { file: 'gate', use: 'deferred' },
  { name: 'Gate', use: 'Deferred' },
  { file: 'begin', use: 'start-until-idle' },
];

/**
 * Finds the old names in a source.
 *
 * @param source - its path and its declared names, as `describeSource` returns them
 * @returns one text per old name, such as `src/a.ts: Part (use Subgraph)`
 */
export function oldNamesIn({ path, declaredNames }, rules = oldNames) {
  const fileName = basename(path).replace(/(\.test(-d)?)?\.[cm]?ts$/, '');
  const rulesHere = rules.filter((rule) => rule.in === undefined || rule.in.test(path));
  const found = [{ name: fileName, isFile: true }, ...declaredNames].flatMap((declared) => {
    const rule = rulesHere.find((each) => matches(each, declared));
    return rule ? [`${path}: ${declared.name} (use ${rule.use})`] : [];
  });
  return [...new Set(found)];
}

function matches({ name, word, file, members = false }, declared) {
  if (file !== undefined) return declared.isFile && declared.name === file;
  if (members && !declared.isMember) return false;
  return name === undefined ? wordsOf(declared.name).includes(word) : declared.name === name;
}

function wordsOf(name) {
  return name.split(/[^\p{L}\d]+|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u).map((each) => each.toLowerCase());
}

/** Returns the names that a program declares: variables, functions, classes, types, parameters and their members. */
export function declaredNames(program) {
  const found = [];
  const add = (node, isMember = false) => {
    if (node) found.push({ name: node.name, isMember });
  };
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (node === null || typeof node !== 'object') return undefined;
    if (declaring.has(node.type)) add(node.id);
    if (members.has(node.type) && !node.computed && 'name' in node.key) add(node.key, true);
    if (node.type === 'TSTypeParameter') add(node.name);
    if (node.type === 'ImportSpecifier' && node.imported.name !== node.local.name) add(node.local);
    if (node.type === 'VariableDeclarator') for (const id of boundBy(node.id)) add(id);
    if (Array.isArray(node.params)) for (const id of node.params.flatMap(boundBy)) add(id);
    if (node.type === 'CatchClause') for (const id of boundBy(node.param)) add(id);
    for (const value of Object.values(node)) if (typeof value === 'object') visit(value);
    return undefined;
  };
  visit(program.body);
  return found;
}

const declaring = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'TSDeclareFunction',
  'ClassDeclaration',
  'ClassExpression',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSEnumDeclaration',
]);

const members = new Set([
  'PropertyDefinition',
  'MethodDefinition',
  'AccessorProperty',
  'TSAbstractPropertyDefinition',
  'TSAbstractMethodDefinition',
  'TSPropertySignature',
  'TSMethodSignature',
]);

/** Returns the identifiers that a pattern binds. */
function boundBy(pattern) {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) => boundBy(property.value ?? property.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap(boundBy);
    case 'AssignmentPattern':
      return boundBy(pattern.left);
    case 'RestElement':
      return boundBy(pattern.argument);
    case 'TSParameterProperty':
      return boundBy(pattern.parameter);
    default:
      return [];
  }
}
