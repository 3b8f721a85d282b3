/** Who has something to read is told, and nobody else, whatever is closed and opened in between. */
import { createSocket, type Socket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import type { Native } from '../../src/net/native.ts';
import { ReadableSockets } from '../../src/net/readable-sockets.ts';
import { AF_INET, readSocketName, socketName } from '../../src/net/socket-name.ts';
import { native } from '../support/native.ts';
import { until } from '../support/until.ts';

const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;

describe.runIf(native !== undefined)('sockets with something to read', () => {
  const calls = native as Native;

  /** Bound to a free port of 127.0.0.1. */
  function open(): { readonly fd: number; readonly port: number } {
    const fd = calls.socket(AF_INET, SOCK_DGRAM_NONBLOCK, 0);
    const name = socketName({ host: '127.0.0.1', port: 0 });
    calls.bind(fd, name, name.byteLength);
    const bound = new ArrayBuffer(28);
    calls.getsockname(fd, bound, new Uint32Array([28]).buffer);
    return { fd, port: readSocketName(bound).port };
  }

  function read(fd: number): number {
    const buffer = new ArrayBuffer(16);
    return calls.read(fd, calls.addressOf(buffer), buffer.byteLength);
  }

  function sender(): (port: number) => Promise<void> {
    const socket: Socket = createSocket('udp4');
    onTestFinished(() => {
      socket.close();
    });
    return (port) =>
      new Promise((resolve, reject) => {
        socket.send('x', port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
      });
  }

  test('each is told, more than one call can name too', async () => {
    const sockets = new ReadableSockets(calls);
    const send = sender();
    const told = new Map<number, number>();
    const opened = Array.from({ length: limits.udpReadableSockets + 10 }, () => {
      const { fd, port } = open();
      const place = sockets.add(fd, () => {
        expect(read(fd)).toBe(1);
        told.set(fd, (told.get(fd) ?? 0) + 1);
      });
      return { fd, port, place };
    });
    for (const { port } of opened) await send(port);
    await until('all are told', () => told.size === opened.length);
    await nextTurn();
    expect([...told.values()].every((times) => times === 1)).toBe(true);
    for (const { fd, place } of opened) {
      calls.close(fd);
      sockets.remove(place);
    }
  });

  test('one that is closed by the one before is not told, nor who has its number and place then', async () => {
    const sockets = new ReadableSockets(calls);
    const send = sender();
    const told: string[] = [];
    const [one, other] = [open(), open()];
    let successor: { fd: number; place: number } | undefined;
    const places = new Map<number, number>();
    /** Closes the other one, and opens a new one in its place. */
    const replace = (name: string, fd: number, victim: number) => {
      told.push(name);
      read(fd);
      calls.close(victim);
      sockets.remove(places.get(victim) ?? -1);
      const next = open();
      expect(next.fd).toBe(victim);
      const place = sockets.add(next.fd, () => told.push('successor'));
      expect(place).toBe(places.get(victim));
      successor = { fd: next.fd, place };
    };
    places.set(
      one.fd,
      sockets.add(one.fd, () => replace('one', one.fd, other.fd)),
    );
    places.set(
      other.fd,
      sockets.add(other.fd, () => replace('other', other.fd, one.fd)),
    );
    await Promise.all([send(one.port), send(other.port)]);
    await until('one of them is told', () => told.length > 0);
    for (let i = 0; i < 5; i++) await nextTurn();
    expect(told).toHaveLength(1);
    expect(['one', 'other']).toContain(told[0]);
    const left = told[0] === 'one' ? one.fd : other.fd;
    calls.close(left);
    sockets.remove(places.get(left) ?? -1);
    calls.close(successor?.fd ?? -1);
    sockets.remove(successor?.place ?? -1);
  });

  test('a defect in what is told keeps nobody else from being told', async () => {
    const sockets = new ReadableSockets(calls);
    const send = sender();
    const told: string[] = [];
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    });
    const opened = ['broken', 'whole'].map((name) => {
      const { fd, port } = open();
      const place = sockets.add(fd, () => {
        read(fd);
        told.push(name);
        if (name === 'broken') throw new Error('a defect');
      });
      return { fd, port, place };
    });
    for (const { port } of opened) await send(port);
    await until('both are told', () => told.length === 2 && thrown.length === 1);
    for (const { fd, place } of opened) {
      calls.close(fd);
      sockets.remove(place);
    }
  });

  test('with the last one the descriptors go, and the next one begins anew', async () => {
    const sockets = new ReadableSockets(calls);
    const send = sender();
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 3; round++) {
      const { fd, port } = open();
      let told = 0;
      const place = sockets.add(fd, () => {
        told += read(fd);
      });
      await send(port);
      await until('it is told', () => told === 1);
      calls.close(fd);
      sockets.remove(place);
    }
    // The sender's own, and what libuv closes in the next turn.
    await until('all is closed', () => readdirSync('/proc/self/fd').length <= before + 1);
  });
});
