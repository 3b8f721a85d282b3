/** Rules, questions and replies, as CoreDNS 1.14.7 gives them with the same upstream. */
import type { Case } from './asking.ts';

export const ednsCases: readonly Case[] = [
  {
    rules: 'rewrite edns0 local set 0xffee 0x61626364',
    asks: [
      [
        'tell.example TXT edns',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=61626364" / 65518=abcd',
      ],
      [
        'tell.example TXT edns 65518=zz 65519=k',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=61626364 65519=6b" / 65518=abcd',
      ],
      [
        'options.new.example A edns',
        'NOERROR rd ra / options.new.example. 60 IN A 192.0.2.4 / 65518=up / 65519=keep',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local set 65518 abcd revert',
    asks: [
      [
        'tell.example TXT edns',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=61626364"',
      ],
      [
        'tell.example TXT edns 65518=zz 65519=k',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=61626364 65519=6b" / 65518=zz',
      ],
      ['options.new.example A edns', 'NOERROR rd ra / options.new.example. 60 IN A 192.0.2.4 / 65519=keep'],
      [
        'options.new.example A edns 65518=zz',
        'NOERROR rd ra / options.new.example. 60 IN A 192.0.2.4 / 65518=zz / 65519=keep',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local replace 0xffee abcd',
    asks: [
      ['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232"'],
      [
        'tell.example TXT edns 65518=zz',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=61626364" / 65518=abcd',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local append 0xffee abcd',
    asks: [
      [
        'tell.example TXT edns 65518=zz',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=7a7a 65518=61626364" / 65518=zz / 65518=abcd',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local append 0xffee {qname}',
    asks: [
      [
        'tell.Example TXT edns',
        'NOERROR rd ra / tell.Example. 0 IN TXT "IN TXT rd edns 1232 65518=74656c6c2e4578616d706c652e" / 65518=tell.Example.',
      ],
      [
        'tell.example TXT edns 65518=zz',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=7a7a" / 65518=zz',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local unset 0xffee',
    asks: [
      [
        'tell.example TXT edns 65518=zz 65519=k',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65519=6b"',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local set 0xffee {qtype} revert',
    asks: [
      ['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=0010"'],
    ],
  },
  {
    rules: 'rewrite edns0 local set 0xffee {protocol} revert',
    asks: [
      ['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=756470"'],
    ],
  },
  {
    rules: 'rewrite edns0 local set 0xffee {client_ip} revert',
    asks: [
      [
        'tell.example TXT edns',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=7f000001"',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local set 0xffee {server_ip} revert',
    asks: [
      [
        'tell.example TXT edns',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=7f000001"',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 local set 0xffee {meta/data}',
    asks: [['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232"']],
  },
  {
    rules: 'rewrite edns0 nsid set',
    asks: [
      ['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 3=" / 3='],
      ['tell.example TXT edns 3=abc', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 3=" / 3='],
    ],
  },
  {
    rules: 'rewrite edns0 nsid set revert',
    asks: [['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 3="']],
  },
  {
    rules: 'rewrite edns0 nsid append',
    asks: [
      [
        'tell.example TXT edns 3=abc',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 3=616263 3=" / 3=abc / 3=',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 subnet set 24 56',
    asks: [
      ['tell.example TXT', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 4096 8=000118007f0000"'],
      [
        'tell.example TXT edns',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 8=000118007f0000"',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 subnet set 9 56',
    asks: [
      [
        'tell.example TXT edns',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 8=000109007f00"',
      ],
    ],
  },
  {
    rules: 'rewrite edns0 subnet set 0 56',
    asks: [
      ['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 8=00010000"'],
    ],
  },
  {
    rules: ['rewrite edns0 subnet replace 24 56', 'rewrite name tell.example tell.new.example'].join('\n'),
    asks: [['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232"']],
  },
  {
    rules: ['rewrite edns0 subnet unset', 'rewrite name tell.example new.example'].join('\n'),
    asks: [['tell.example TXT edns', 'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232"']],
  },
  {
    rules: [
      'rewrite continue edns0 local set 0xffee abcd',
      'rewrite edns0 local replace 0xffee bcde revert',
    ].join('\n'),
    asks: [
      [
        'tell.example TXT edns',
        'NOERROR rd ra / tell.example. 0 IN TXT "IN TXT rd edns 1232 65518=62636465" / 65518=abcd',
      ],
    ],
  },
];
