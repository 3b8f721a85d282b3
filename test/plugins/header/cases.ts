/** Rules, questions and replies, as CoreDNS 1.14.7 gives them with the same upstream. */
import type { Case } from '../rewrite/asking.ts';

export const headerCases: readonly Case[] = [
  {
    rules: ['header {', '  response set ra aa', '  response clear rd', '}'].join('\n'),
    asks: [
      ['new.example A', 'NOERROR aa ra / new.example. 60 IN A 192.0.2.1'],
      [
        'gone.new.example A',
        'NXDOMAIN aa ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
    ],
  },
  {
    rules: ['header {', '  response clear ra', '}'].join('\n'),
    asks: [['new.example A', 'NOERROR rd / new.example. 60 IN A 192.0.2.1']],
  },
  {
    rules: ['header {', '  query clear rd', '}'].join('\n'),
    asks: [
      ['tell.example TXT', 'NOERROR ra / tell.example. 0 IN TXT "IN TXT"'],
      ['tell.example TXT nord', 'NOERROR ra / tell.example. 0 IN TXT "IN TXT"'],
    ],
  },
  {
    rules: ['header {', '  query set rd', '}'].join('\n'),
    asks: [['tell.example TXT nord', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd"']],
  },
  {
    rules: [
      'header {',
      '  QUERY SET RD',
      '  response clear rd RA',
      '  response set AA',
      '  response clear aa',
      '}',
    ].join('\n'),
    asks: [['tell.example TXT nord', 'NOERROR / tell.example. 0 IN TXT "IN TXT rd"']],
  },
  {
    rules: ['header {', '  query set rd', '}', 'hosts hostsfile {', '  192.0.2.7 h.example', '}'].join('\n'),
    asks: [['h.example A nord', 'NOERROR aa rd / h.example. 3600 IN A 192.0.2.7']],
  },
  {
    rules: ['header {', '  response set aa ra', '}', 'hosts hostsfile {', '  192.0.2.7 h.example', '}'].join(
      '\n',
    ),
    asks: [
      ['h.example A', 'NOERROR aa rd ra / h.example. 3600 IN A 192.0.2.7'],
      ['z.example A', 'SERVFAIL rd'],
      ['z.example A nord', 'SERVFAIL'],
    ],
  },
  {
    rules: ['header {', '  response set ra', '}', 'header {', '  response set aa', '}'].join('\n'),
    asks: [
      ['h.example A', 'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5'],
    ],
  },
];
