import { Component, component } from '@asphalt/core';

@component()
export class Pagewatch extends Component {}
