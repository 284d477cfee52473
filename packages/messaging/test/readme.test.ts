import { readFileSync } from 'node:fs';
import type { ComponentClass } from '@asphalt/core';
import { describeConfig } from '@asphalt/core/inspect';
import { expect, test } from 'vitest';
import { MessagingComponent } from '../src/index.ts';
import { OutboxComponent } from '../src/sql/index.ts';

const sections = {
  MessagingComponent: [MessagingComponent, /## Options\n(.*?)\n## /s],
  OutboxComponent: [OutboxComponent, /\| option of `OutboxComponent`(.*?)\n\n/s],
} as const;

test.each(Object.keys(sections) as (keyof typeof sections)[])(
  'the README lists exactly the options of %s',
  async (name) => {
    const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [type, pattern] = sections[name];
    const [, table] = pattern.exec(page)!;
    const listed = Array.from(table!.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm), ([, names]) => names!.match(/\w+/g)!);
    const { components } = await describeConfig(type as ComponentClass);
    const declared = components[0]!.options.map(({ path }) => path.split('.').at(-1));
    expect(listed.flat().toSorted()).toEqual(declared.toSorted());
  },
);
