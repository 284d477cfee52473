import { describe, expect, test } from 'vitest';
import { Component, startApplication } from '@asphalt/core';
import { errorOf, failureOf, summaryOf } from '@asphalt/test-support';

describe('failureOf', () => {
  test('returns what a function throws, what its promise rejects with, and what a promise rejects with', async () => {
    const fail = (): never => {
      throw 'text';
    };
    expect(await failureOf(fail)).toBe('text');
    expect(await failureOf(async () => fail())).toBe('text');
    expect(await failureOf(Promise.reject(undefined))).toBeUndefined();
  });

  test('throws if the call succeeds', async () => {
    await expect(failureOf(() => 1)).rejects.toThrow('the call succeeded');
    await expect(failureOf(Promise.resolve())).rejects.toThrow('the call succeeded');
  });
});

test('errorOf returns an error of a class and throws for another value', async () => {
  const error = new RangeError('far');
  expect(await errorOf(() => Promise.reject(error))).toBe(error);
  expect(await errorOf(() => Promise.reject(error), RangeError)).toBe(error);
  await expect(errorOf(() => Promise.reject('text'))).rejects.toMatchObject({ cause: 'text' });
  await expect(errorOf(() => Promise.reject(error), SyntaxError)).rejects.toMatchObject({ cause: error });
});

class Broken extends Component {
  override start(): void {
    throw new Error('broken');
  }
}

test('summaryOf returns the summary of a runtime error and throws other errors', async () => {
  expect(await summaryOf(() => undefined)).toBeUndefined();
  expect(await summaryOf(() => startApplication(Broken))).toContain('The root component (Broken) failed');
  await expect(summaryOf(() => Promise.reject(new Error('other')))).rejects.toThrow('other');
});
