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
      help: 'set "extends": "@asphalt/core/tsconfig.json" in a tsconfig.json that includes this file',
    });
  }
}

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
