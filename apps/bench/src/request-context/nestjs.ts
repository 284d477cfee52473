import 'reflect-metadata';
import { Injectable, Module, Scope } from '@nestjs/common';
import { ContextIdFactory, NestFactory } from '@nestjs/core';
import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

const values = [Session, User, Basket, Transaction, Trace];
for (const type of values) Injectable({ scope: Scope.REQUEST })(type);

@Module({ providers: values })
class AppModule {}

export async function prepare(): Promise<() => Promise<void>> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return async () => {
    const request = ContextIdFactory.create();
    handle(
      await app.resolve(Session, request),
      await app.resolve(User, request),
      await app.resolve(Basket, request),
      await app.resolve(Transaction, request),
      await app.resolve(Trace, request),
    );
  };
}
