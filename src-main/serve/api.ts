import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'

/** The router, whose handlers reach Node's own request through `env.incoming`. */
export type Api = Hono<{ Bindings: HttpBindings }>
