/** Serves the text exposition format, packed where the scraper takes it so: Prometheus always does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type RouteHandler, respond } from '../http-listener.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const pack = promisify(gzip);

export function metricsHandler(metrics: Metrics): RouteHandler {
  return (request, response) => {
    send(metrics, request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else respond(response, 500, `${error.message}\n`);
    });
  };
}

async function send(metrics: Metrics, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = Buffer.from(await metrics.exposition());
  const packed = acceptsGzip(request);
  const body = packed ? await pack(text) : text;
  response.writeHead(200, {
    'Content-Type': CONTENT_TYPE,
    'Content-Length': body.length,
    Vary: 'Accept-Encoding',
    ...(packed && { 'Content-Encoding': 'gzip' }),
  });
  response.end(body);
}

/** RFC 9110 §12.5.3: `gzip;q=0` refuses it. */
function acceptsGzip(request: IncomingMessage): boolean {
  const offers = String(request.headers['accept-encoding'] ?? '').split(',');
  return offers.some((offer) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$)[\d.]+\s*)?$/.test(offer));
}
