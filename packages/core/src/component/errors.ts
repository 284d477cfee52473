/** Errors of component classes and decorators. */
import { AsphaltError } from '../errors/asphalt-error.ts';
import { placeOf, placeText, type Site } from './place.ts';

/** Raised when a file with decorators was compiled without `experimentalDecorators`. */
export class DecoratorModeError extends AsphaltError {
  readonly code = 'ERR_DECORATOR_MODE';

  constructor(
    readonly decorator: string,
    site: Site,
  ) {
    super({
      summary: `${decorator} was compiled as a standard decorator`,
      details: [
        ['declared at', placeText(placeOf(site))],
        ['note', 'only the experimental decorators of TypeScript support parameters'],
      ],
      help:
        'bun' in process.versions
          ? 'write "experimentalDecorators": true into tsconfig.json itself, because Bun ignores "extends" of a package'
          : 'set "extends": "@asphalt/core/tsconfig.json" in a tsconfig.json that includes this file',
    });
  }
}

/** Raised when a decorator was used without its parentheses: `@component` instead of `@component()`. */
export class DecoratorCallError extends AsphaltError {
  readonly code = 'ERR_DECORATOR_CALL';

  constructor(
    readonly decorator: string,
    target: object,
    member: PropertyKey | undefined,
    parameter?: unknown,
  ) {
    const type = typeof target === 'function' ? target : target.constructor;
    const ofConstructor = typeof parameter === 'number' ? `constructor parameter ${parameter + 1}` : 'the class';
    const place = member === undefined ? ofConstructor : `\`${String(member)}\``;
    super({
      summary: `${decorator} on ${place} of ${type.name} has no parentheses`,
      details: [['note', 'without them, it receives the class instead of its arguments']],
      help: `write ${decorator}(${withArguments.has(decorator) ? '…' : ''})`,
    });
  }
}

/** The decorators that have a required argument. */
const withArguments: ReadonlySet<string> = new Set(['@inject', '@injectAll', '@provides', '@on', '@onAll']);

/** Raised when code creates a component with `new`. */
export class ComponentConstructionError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_CONSTRUCTION';

  constructor(readonly type: string) {
    super({
      summary: `Cannot create component ${type} with \`new\``,
      details: [['note', 'the runtime creates components and passes their options and context']],
      help: `list it in @component({ components }), or start it: startApplication(${type})`,
    });
  }
}
