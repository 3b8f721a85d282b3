/** Rules, questions and replies, as CoreDNS 1.14.7 gives them with the same upstream. */
import type { Case } from './asking.ts';

export const replyCases: readonly Case[] = [
  {
    rules: 'rewrite ttl new.example 15',
    asks: [
      ['new.example A', 'NOERROR rd ra / new.example. 15 IN A 192.0.2.1'],
      [
        'new.example MX',
        'NOERROR rd ra / new.example. 15 IN MX 10 mail.new.example. / mail.new.example. 15 IN A 192.0.2.3',
      ],
      [
        'new.example AAAA',
        'NOERROR rd ra / new.example. 15 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
      ['www.new.example A', 'NOERROR rd ra / WWW.new.example. 60 IN A 192.0.2.2'],
    ],
  },
  {
    rules: 'rewrite ttl suffix new.example 100-200',
    asks: [
      ['new.example A', 'NOERROR rd ra / new.example. 100 IN A 192.0.2.1'],
      ['www.new.example A', 'NOERROR rd ra / WWW.new.example. 100 IN A 192.0.2.2'],
    ],
  },
  {
    rules: 'rewrite ttl substring new. -30',
    asks: [['new.example A', 'NOERROR rd ra / new.example. 30 IN A 192.0.2.1']],
  },
  {
    rules: 'rewrite ttl prefix new 90-',
    asks: [['new.example A', 'NOERROR rd ra / new.example. 90 IN A 192.0.2.1']],
  },
  {
    rules: 'rewrite ttl prefix new. 90-',
    asks: [['new.example A', 'NOERROR rd ra / new.example. 90 IN A 192.0.2.1']],
  },
  {
    rules: ['rewrite continue {', '  ttl regex (.*)\\.example 15', '}'].join('\n'),
    asks: [['new.example A', 'NOERROR rd ra / new.example. 15 IN A 192.0.2.1']],
  },
  {
    rules: ['rewrite continue ttl regex .* 15', 'rewrite name old.example new.example'].join('\n'),
    asks: [['old.example A', 'NOERROR rd ra / old.example. 15 IN A 192.0.2.1']],
  },
  {
    rules: 'rewrite rcode regex .* NXDOMAIN NOERROR',
    asks: [
      [
        'gone.new.example A',
        'NOERROR rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
      ['broken.new.example A', 'SERVFAIL rd ra'],
    ],
  },
  {
    rules: 'rewrite rcode broken.new.example servfail 0',
    asks: [
      ['broken.new.example A', 'NOERROR rd ra'],
      ['new.example A', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1'],
    ],
  },
  {
    rules: 'rewrite rcode suffix new.example 5 NXDOMAIN',
    asks: [['refused.new.example A', 'NXDOMAIN rd ra']],
  },
  {
    rules: 'rewrite rcode regex .* NXDOMAIN BADCOOKIE',
    asks: [
      [
        'gone.new.example A edns',
        'BADCOOKIE rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
    ],
  },
  {
    rules: [
      'rewrite rcode regex .* SERVFAIL NOERROR',
      'hosts hostsfile {',
      '  192.0.2.7 h.example',
      '}',
    ].join('\n'),
    asks: [
      ['h.example A', 'NOERROR aa rd / h.example. 3600 IN A 192.0.2.7'],
      ['z.example A', 'NOERROR rd'],
    ],
  },
  {
    rules: 'rewrite cname target.cdn.example target.other.example',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.other.example. / target.other.example. 7 IN A 192.0.2.10',
      ],
      ['new.example A', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1'],
      [
        'alias.new.example AAAA',
        'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
    ],
  },
  {
    rules: 'rewrite cname exact edge.new.example new.example',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME new.example. / new.example. 60 IN A 192.0.2.1',
      ],
    ],
  },
  {
    rules: 'rewrite cname suffix .cdn.example. .other.example.',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.other.example. / target.other.example. 7 IN A 192.0.2.10',
      ],
    ],
  },
  {
    rules: 'rewrite cname suffix cdn.example other.example',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.cdn.example. / target.cdn.example. 60 IN A 192.0.2.9',
      ],
    ],
  },
  {
    rules: 'rewrite cname prefix target.cdn target.other',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.other.example. / target.other.example. 7 IN A 192.0.2.10',
      ],
    ],
  },
  {
    rules: 'rewrite cname substring CDN other',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.other.example. / target.other.example. 7 IN A 192.0.2.10',
      ],
    ],
  },
  {
    rules: 'rewrite cname regex (.*)\\.CDN\\.example\\. {1}.other.example.',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.other.example. / target.other.example. 7 IN A 192.0.2.10',
      ],
    ],
  },
  {
    rules: 'rewrite cname regex (.*)\\.cdn\\.example {1}.nowhere.example.',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.nowhere.example.',
      ],
    ],
  },
  {
    rules: 'rewrite cname target.cdn.example target.cdn.example',
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.cdn.example.',
      ],
    ],
  },
  {
    rules: ['rewrite continue ttl regex .* 15', 'rewrite cname target.cdn.example target.other.example'].join(
      '\n',
    ),
    asks: [
      [
        'alias.new.example A',
        'NOERROR rd ra / alias.new.example. 15 IN CNAME edge.new.example. / edge.new.example. 15 IN CNAME target.other.example. / target.other.example. 15 IN A 192.0.2.10',
      ],
    ],
  },
  {
    rules: [
      'rewrite continue cname target.cdn.example target.other.example',
      'rewrite name old.example alias.new.example',
    ].join('\n'),
    asks: [
      [
        'old.example A',
        'NOERROR rd ra / old.example. 60 IN CNAME edge.new.example. / edge.new.example. 60 IN CNAME target.other.example. / target.other.example. 7 IN A 192.0.2.10',
      ],
    ],
  },
  {
    rules: ['rewrite cname a.example b.example', 'rewrite name old.example new.example'].join('\n'),
    asks: [
      [
        'old.example A',
        'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
    ],
  },
];
