/** What a web configuration puts before the metrics: its headers, its rate limit, its users. */
import type { ServerResponse } from 'node:http';
import { type RouteHandler, respond } from '../http-listener.ts';
import type { BasicAuth, Verdict } from './basic-auth.ts';
import { TokenBucket } from './rate-limit.ts';
import type { WebConfig } from './web-config.ts';

export function guarded(
  handler: RouteHandler,
  { headers, rateLimit }: Pick<WebConfig, 'headers' | 'rateLimit'>,
  auth: BasicAuth | undefined,
): RouteHandler {
  const bucket = rateLimit && new TokenBucket(rateLimit);
  return (request, response) => {
    response.setHeaders(headers as Map<string, string>);
    // Before the users: it spares the comparisons, too.
    if (bucket?.take() === false) return respond(response, 429, 'Too Many Requests\n');
    if (auth === undefined) return handler(request, response);
    auth.check(request.headers.authorization).then(
      (verdict) => (verdict === 'admitted' ? handler(request, response) : turnAway(response, verdict)),
      (error: Error) => respond(response, 500, `${error.message}\n`),
    );
  };
}

function turnAway(response: ServerResponse, verdict: Exclude<Verdict, 'admitted'>): void {
  if (verdict === 'busy') {
    respond(response, 503, 'Service Unavailable\n');
    return;
  }
  response.setHeader('WWW-Authenticate', 'Basic');
  respond(response, 401, 'Unauthorized\n');
}
