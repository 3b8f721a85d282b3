/** Rules, questions and replies, as CoreDNS 1.14.7 gives them with the same upstream. */
import type { Case } from './asking.ts';

export const nameCases: readonly Case[] = [
  {
    rules: 'rewrite name old.example new.example',
    asks: [
      ['old.example A', 'NOERROR rd ra / old.example. 60 IN A 192.0.2.1'],
      ['OLD.example A', 'NOERROR rd ra / old.example. 60 IN A 192.0.2.1'],
      [
        'old.example MX',
        'NOERROR rd ra / old.example. 60 IN MX 10 mail.old.example. / mail.old.example. 60 IN A 192.0.2.3',
      ],
      ['old.example NS', 'NOERROR rd ra / old.example. 60 IN NS ns.old.example.'],
      [
        'old.example AAAA',
        'NOERROR rd ra / old.example. 60 IN SOA ns.old.example. root.new.example. 1 2 3 4 5',
      ],
      [
        'x.old.example A',
        'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
      ['new.example A', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1'],
    ],
  },
  {
    rules: 'rewrite name prefix old new',
    asks: [
      ['old.example A', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1'],
      [
        'older.example A',
        'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
    ],
  },
  {
    rules: 'rewrite name prefix old. new.',
    asks: [['old.example A', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1']],
  },
  {
    rules: 'rewrite name prefix old. new. answer auto',
    asks: [
      ['old.example A', 'NOERROR rd ra / old.example. 60 IN A 192.0.2.1'],
      [
        'old.example MX',
        'NOERROR rd ra / old.example. 60 IN MX 10 mail.old.example. / mail.old.example. 60 IN A 192.0.2.3',
      ],
    ],
  },
  {
    rules: 'rewrite name suffix .old.example .new.example answer auto',
    asks: [
      ['www.old.example A', 'NOERROR rd ra / WWW.old.example. 60 IN A 192.0.2.2'],
      [
        '_sip._tcp.old.example SRV',
        'NOERROR rd ra / _sip._tcp.old.example. 60 IN SRV 1 2 5060 sip.old.example.',
      ],
      [
        'old.example A',
        'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5',
      ],
      [
        'gone.old.example A',
        'NXDOMAIN rd ra / new.example. 60 IN SOA ns.old.example. root.new.example. 1 2 3 4 5',
      ],
    ],
  },
  {
    rules: 'rewrite name suffix old.example. new.example.',
    asks: [['www.old.example A', 'NOERROR rd ra / WWW.new.example. 60 IN A 192.0.2.2']],
  },
  {
    rules: 'rewrite name suffix . .example',
    asks: [
      ['. A', 'SERVFAIL rd'],
      ['new A', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1'],
    ],
  },
  {
    rules: 'rewrite name substring old new',
    asks: [
      ['old.example A', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1'],
      ['www.old.example A', 'NOERROR rd ra / WWW.new.example. 60 IN A 192.0.2.2'],
    ],
  },
  {
    rules: 'rewrite name substring old. new. answer auto',
    asks: [['old.example A', 'NOERROR rd ra / old.example. 60 IN A 192.0.2.1']],
  },
  {
    rules: 'rewrite name regex (.*)-(old)\\.example {1}.new.example',
    asks: [['www-old.example A', 'NOERROR rd ra / WWW.new.example. 60 IN A 192.0.2.2']],
  },
  {
    rules:
      'rewrite name regex (.*)\\.old\\.example {1}.new.example answer name (.*)\\.new\\.example {1}.old.example',
    asks: [
      ['WWW.OLD.example A', 'NOERROR rd ra / WWW.old.example. 60 IN A 192.0.2.2'],
      [
        '_sip._tcp.old.example SRV',
        'NOERROR rd ra / _sip._tcp.old.example. 60 IN SRV 1 2 5060 sip.new.example.',
      ],
    ],
  },
  {
    rules:
      'rewrite name regex (.*)\\.old\\.example {1}.new.example answer name (.*)\\.new\\.example {1}.old.example value (.*)\\.new\\.example {1}.old.example',
    asks: [
      [
        '_sip._tcp.old.example SRV',
        'NOERROR rd ra / _sip._tcp.old.example. 60 IN SRV 1 2 5060 sip.old.example.',
      ],
    ],
  },
  {
    rules: [
      'rewrite stop {',
      '  name regex ^(.*)\\.old\\.example {1}.new.example',
      '  answer name (?i)(.*)\\.new\\.example\\. {1}.old.example',
      '  answer value (.*)\\.new\\.example {1}.old.example',
      '}',
    ].join('\n'),
    asks: [
      [
        '_sip._tcp.old.example SRV',
        'NOERROR rd ra / _sip._tcp.old.example. 60 IN SRV 1 2 5060 sip.old.example.',
      ],
      ['www.old.example A', 'NOERROR rd ra / WWW.old.example. 60 IN A 192.0.2.2'],
    ],
  },
  {
    rules: [
      'rewrite stop {',
      '  name suffix .arpa .arpa',
      '  answer name auto',
      '  answer value (.*)\\.new\\.example\\. {1}.old.example.',
      '}',
    ].join('\n'),
    asks: [['4.3.2.1.in-addr.arpa PTR', 'NOERROR rd ra / 4.3.2.1.in-addr.arpa. 60 IN PTR host.old.example.']],
  },
  {
    rules: 'rewrite name regex ^x\\.example y..example',
    asks: [
      ['x.example A', 'SERVFAIL rd'],
      ['z.example A', 'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5'],
    ],
  },
  {
    rules: 'rewrite type ANY A',
    asks: [['new.example ANY', 'NOERROR rd ra / new.example. 60 IN A 192.0.2.1']],
  },
  {
    rules: 'rewrite class CH IN',
    asks: [
      ['tell.example TXT CH', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd"'],
      ['tell.example TXT', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd"'],
    ],
  },
  {
    rules: ['rewrite continue name a.example b.example', 'rewrite name b.example new.example'].join('\n'),
    asks: [
      ['a.example A', 'NOERROR rd ra / a.example. 60 IN A 192.0.2.1'],
      ['b.example A', 'NOERROR rd ra / b.example. 60 IN A 192.0.2.1'],
      [
        'a.example MX',
        'NOERROR rd ra / a.example. 60 IN MX 10 mail.a.example. / mail.a.example. 60 IN A 192.0.2.3',
      ],
    ],
  },
  {
    rules: [
      'rewrite continue name suffix a.example b.example answer auto',
      'rewrite continue name suffix b.example new.example answer auto',
    ].join('\n'),
    asks: [
      ['www.a.example A', 'NOERROR rd ra / WWW.a.example. 60 IN A 192.0.2.2'],
      ['www.b.example A', 'NOERROR rd ra / WWW.b.example. 60 IN A 192.0.2.2'],
    ],
  },
  {
    rules: ['rewrite name a.example b.example', 'rewrite name b.example new.example'].join('\n'),
    asks: [
      ['a.example A', 'NXDOMAIN rd ra / new.example. 60 IN SOA ns.new.example. root.new.example. 1 2 3 4 5'],
    ],
  },
  {
    rules: ['rewrite name old.example h.example', 'hosts hostsfile {', '  192.0.2.7 h.example', '}'].join(
      '\n',
    ),
    asks: [
      ['Old.example A', 'NOERROR aa rd / old.example. 3600 IN A 192.0.2.7'],
      ['old.example AAAA', 'NOERROR aa rd'],
      ['old.example MX', 'NOERROR aa rd'],
    ],
  },
];
