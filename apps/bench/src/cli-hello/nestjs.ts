import 'reflect-metadata';
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Injectable()
class Hello implements OnApplicationBootstrap {
  onApplicationBootstrap(): void {
    console.log('hello');
  }
}

@Module({ providers: [Hello] })
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
await app.close();
