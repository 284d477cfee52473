import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { services, Wanted } from './services.ts';

const providers = services.map(([, type]) => type);
for (const type of providers) Injectable()(type);

@Module({ providers })
class AppModule {}

export async function open(): Promise<() => Wanted> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return () => app.get(Wanted);
}
