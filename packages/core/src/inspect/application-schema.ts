/**
 * Builds the JSON Schema for configuration files from the component trees of their services. Must not validate
 * values: that is the job of `config/validate.ts`.
 */
import type { ComponentClass } from '../component/component-options.ts';
import { declarationsOf } from '../component/declarations.ts';
import { optionProperties, type JsonSchema } from './json-schema.ts';
import { applicationSettings } from '../config/loaded-config.ts';
import { loggingSection } from '../config/logging-setting.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import { enabling } from '../graph/disabled-components.ts';
import { typesKnownTo } from '../graph/component-types.ts';

const anyComponent: JsonSchema = { type: ['object', 'null'], properties: { type: { type: 'string' } } };
const freeKeys = { '^x-': { description: 'YAML anchors; ignored' } };
const enabledProperty = optionProperties(enabling.options);
const typeProperty: JsonSchema = {
  type: ['string', 'null'],
  description: 'The component type: a known name, or module:Export',
};

/** The component tree of one service. */
export interface ServiceTree {
  /** Undefined if the configuration defines no services. */
  readonly service: string | undefined;
  /** Parents before their children; empty if the root component is unknown. */
  readonly nodes: readonly ComponentNode[];
}

/** Returns the schema for files with these services, in which other services may have any components. */
export function applicationSchema(trees: readonly ServiceTree[]): JsonSchema {
  const definitions = new Definitions();
  const settings = settingProperties();
  const service = (component: JsonSchema): JsonSchema => ({
    type: ['object', 'null'],
    properties: { component, ...settings },
    patternProperties: freeKeys,
    additionalProperties: false,
  });
  let component = anyComponent;
  const services: Record<string, JsonSchema> = {};
  for (const {
    service: name,
    nodes: [root],
  } of trees) {
    const section = root ? sectionSchema(root, definitions) : anyComponent;
    // The `component` of the top level belongs to the service `default`, whose own section is merged over it.
    const isStandard = name === undefined || name === 'default';
    if (isStandard) component = section;
    if (name !== undefined) services[name] = service(isStandard ? { $ref: '#/properties/component' } : section);
  }
  const names = trees.flatMap(({ nodes: [root] }) => (root ? [root.type.name] : []));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: names.length === 0 ? 'Configuration' : `Configuration of ${[...new Set(names)].join(', ')}`,
    type: 'object',
    properties: {
      component: { description: 'The root component', ...component },
      services: {
        type: 'object',
        description: 'Services; each process runs one',
        properties: services,
        additionalProperties: service(anyComponent),
      },
      ...settings,
    },
    patternProperties: freeKeys,
    additionalProperties: false,
    $defs: definitions.schemas,
  };
}

/** Returns the schemas of the application settings; `logging` accepts a level or a section. */
function settingProperties(): Readonly<Record<string, JsonSchema>> {
  const properties = optionProperties(applicationSettings.options);
  const { description, ...section } = properties['logging']!;
  const level = optionProperties(loggingSection.options)['level']!;
  return { ...properties, logging: { description, anyOf: [level, section] } };
}

/** Returns the schema for the section of an existing component, including its children. */
function sectionSchema(node: ComponentNode, definitions: Definitions): JsonSchema {
  const children = node.children.map((child) => [child.alias, sectionSchema(child, definitions)] as const);
  const below = {
    properties: Object.fromEntries(children),
    patternProperties: furtherChildren(node, definitions),
  };
  return classSchema(node.type, below, node.parent === undefined);
}

function classSchema(type: ComponentClass, children: JsonSchema = {}, isRoot = false): JsonSchema {
  const { config, description } = declarationsOf(type).component?.options ?? {};
  const aliases = { description: 'Children by alias, `type` or `type/name`', type: ['object', 'null'] };
  return {
    ...(description === undefined ? {} : { description }),
    type: ['object', 'null'],
    properties: {
      type: typeProperty,
      ...(isRoot ? {} : enabledProperty),
      ...(config ? optionProperties(config.options) : {}),
      components: { ...aliases, ...children, additionalProperties: anyComponent },
    },
    additionalProperties: false,
  };
}

/** Returns pattern schemas for children that the configuration may add, such as `detector/news`. */
function furtherChildren(node: ComponentNode, definitions: Definitions): Readonly<Record<string, JsonSchema>> {
  const schemas = [...typesKnownTo(node)].map(([word, type]) => {
    const existing = node.children.filter(({ alias }) => alias.split('/')[0] === word);
    const notExisting = existing.map(({ alias }) => `(?!${escape(alias)}$)`).join('');
    // A section with its own `type` may have any options.
    return [
      `^${notExisting}${escape(word)}(/.*)?$`,
      { if: { type: 'object', required: ['type'] }, else: definitions.refer(type) },
    ] as const;
  });
  return Object.fromEntries(schemas);
}

/** Collects the schemas in `$defs`, one per component class. */
class Definitions {
  readonly schemas: Record<string, JsonSchema> = {};
  readonly #names = new Map<ComponentClass, string>();

  refer(type: ComponentClass): JsonSchema {
    let name = this.#names.get(type);
    if (name === undefined) {
      name = type.name;
      // Classes from different modules can have the same name.
      for (let number = 2; name in this.schemas; number++) name = `${type.name}${number}`;
      this.#names.set(type, name);
      this.schemas[name] = classSchema(type);
    }
    return { $ref: `#/$defs/${name}` };
  }
}

function escape(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
