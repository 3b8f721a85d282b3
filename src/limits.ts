/**
 * Every bound in the program, in one place. A name ends in its unit; the reason stands beside it.
 * Nothing queues, loops or grows without a line here.
 */
export const limits = {
  // --- DNS messages -------------------------------------------------------------------------------------
  /** RFC 1035 §2.3.4: a name on the wire, length octets and root included. */
  nameBytes: 255,
  /** RFC 1035 §2.3.4. */
  labelBytes: 63,
  /** Labels of names whose text is kept: more than a cluster's names of one hour; 200 KB at most. */
  labelTexts: 2048,
  /** RFC 1035 §4.2.2: the TCP length prefix has 16 bits. */
  messageBytes: 65_535,
  /** RFC 1035 §4.2.1: what every UDP client takes; also the floor of an EDNS size (RFC 6891 §6.2.3). */
  udpPayloadMinBytes: 512,
  /** RFC 1035 §4.1.4: compression offsets have 14 bits. */
  compressionOffsetMaxBytes: 0x3fff,
  /** EDNS options of a query that come back in the reply: cookies take 40 (RFC 7873 §4); beside the longest name they fit. */
  echoedOptionsBytes: 128,
  /** Above this an IPv4 reply is compressed to stay clear of fragmentation: 1500 - 20, as CoreDNS has it. */
  udpCompressAboveIpv4Bytes: 1480,
  /** The same for IPv6: 1280 - 60. */
  udpCompressAboveIpv6Bytes: 1220,
  /** Memory of encoded messages, taken at once: what is kept alive by one of them that waits for its socket. */
  messagePoolBytes: 64 * 1024,
  /** Longer messages have memory of their own, which then costs little beside their octets. */
  pooledMessageBytes: 4096,

  // --- records of the cluster -------------------------------------------------------------------------------
  /** Records of headless Services that a zone keeps as they were made: about 550 octets each, so 18 MB; 1 000 Services of 10. */
  keptRecords: 32_768,
  /** Fewer in one answer are made as fast as found. */
  keptAnswerMinRecords: 4,
  /** Answers kept of one Service: A, AAAA, SRV, and SRV of some ports. */
  keptNamesPerService: 8,

  // --- CNAME chains ---------------------------------------------------------------------------------------
  /** CNAMEs of one chain inside the zone that may stand before one more: as CoreDNS. */
  chaseHops: 10,
  /** Times one client query may re-enter the server for an ExternalName target: each costs an upstream query. */
  upstreamReentries: 8,

  // --- the Corefile ---------------------------------------------------------------------------------------
  /** The Corefile with all that it imports, and as much from the environment: a ConfigMap holds 1 MiB at most. */
  corefileBytes: 4 * 1024 * 1024,
  /** Words after all imports: thousands of server blocks; a few snippets that import each other could make 10^9. */
  corefileTokens: 200_000,
  /** Braces in braces: no directive needs more than three; the reader calls itself for each. */
  corefileBlockDepth: 32,
  /** Imports in imported text: the reader calls itself for each. */
  corefileImportDepth: 64,
  /** Pastes of snippets: as CoreDNS. */
  corefileSnippetImports: 10_000,
  /** Files read for imports, a repeated one counted again: as CoreDNS. */
  corefileFileImports: 100_000,
  /** Mistakes that are shown; the first ones mostly cause the others. */
  corefileErrors: 100,
  /** Characters of a line and of a message in an error that is shown. */
  corefileExcerptChars: 400,
  /** A word for which a directive is suggested: no name is half as long, and comparing takes the square of it. */
  corefileSuggestChars: 32,

  // --- the server ---------------------------------------------------------------------------------------
  /** Queries whose answers are awaited, over all clients of a listener: about 2 KB each, so 20 MB at most. */
  waitingQueries: 10_000,
  /** TCP connections of a listener: a descriptor and about 20 KB each. */
  tcpConnections: 1024,
  /** Queries of one TCP connection that may wait for their answers; reading pauses there (RFC 7766 §6.2.1.1). */
  tcpPipelinedQueries: 128,
  /** Time to the end of a connection's first query: as CoreDNS. */
  tcpFirstQueryMs: 3000,
  /** Time from one whole query, or answer, to the next whole query (RFC 7766 §6.2.3): as CoreDNS. */
  tcpIdleMs: 10_000,
  /** Time in which a client must take a reply: as CoreDNS. */
  tcpWriteMs: 5000,
  /** A connection is ended after this, so that long-lived clients spread over replicas again. */
  tcpConnectionMs: 600_000,
  /** Replies not yet taken by a TCP client; reading pauses there: four of the largest messages. */
  tcpUnsentBytes: 262_144,
  /** Zone transfers of a server block at a time: each holds references to all Services, 5 MB for 10 000. */
  transfers: 8,
  /** A message of a zone transfer, as CoreDNS fills it: nobody's buffer is at its very end. */
  transferMessageBytes: 63_000,
  /** Records read for one message: so many of 16 octets, an A record with a compressed owner, fill it. */
  transferAheadRecords: 4_096,
  /** Time for all of a transfer: who takes each message at the last moment holds a place no longer. */
  transferMs: 600_000,
  /** Replies that the kernel has not taken yet on one UDP socket; further ones are dropped. */
  udpUnsentBytes: 4_194_304,
  /** Answers that are repeated without asking the chain: of 704 octets each, 6 MB, of which those are real that are used. */
  answerEntries: 8192,
  /** Query and reply of such an answer: nearly all that fit into a reply without EDNS. */
  answerOctets: 640,
  /** Larger ones, for clients with EDNS: 1 584 octets each, 1.6 MB. */
  answerLargeEntries: 1024,
  /** A reply that is kept to be repeated: larger ones are rare, and the memory is for many. */
  answerReplyBytes: 1232,
  /** Questions that were asked once and get a place when they are asked again: four octets each. */
  answerSeenHashes: 65_536,
  /** What the kernel is asked to hold of a UDP socket while the server is busy; it gives what `net.core.rmem_max` allows. */
  udpReceiveBufferBytes: 4_194_304,
  /** Datagrams of one `recvmmsg` or `sendmmsg`: beyond it a call costs next to nothing for each anyway. */
  udpBatchMessages: 64,
  /** From a worker to the main thread: some 7 000 common queries, 60 ms of work. Further ones are dropped. A power of two. */
  udpRingBytes: 1_048_576,
  /** Datagrams that the main thread answers before timers and TCP have their turn: 2 ms. */
  udpTurnMessages: 256,
  /** Sockets to upstreams that one `epoll_wait` names and one turn reads: the others are named in the next. */
  udpReadableSockets: 64,
  /** Datagrams of one such socket that are read in a row: all but the last answer nothing that was asked. */
  udpSocketDatagrams: 16,
  /** Batches that a worker still takes when it is told to stop: more than a receive buffer holds, and a flood has an end. */
  udpDrainBatches: 256,
  /** From a worker's death to the next worker: where each dies at once, the processor is not theirs alone. */
  udpWorkerRestartMs: 100,
  /** Times that a free port is looked for that both UDP and TCP can have. */
  freePortAttempts: 10,
  /** Time for answers under way when the server stops: as CoreDNS's grace. */
  drainMs: 5000,

  // --- cluster objects ------------------------------------------------------------------------------------
  /** Default wait for the first complete cluster state before DNS sockets open: as CoreDNS. */
  startupTimeoutMs: 5000,
  /** Counters of changes, four octets each: one for each namespace, and a few. Beyond it two share one. */
  generationCounters: 16_384,
  /** Distinct namespace, service and port names kept for sharing: 10 000 Services at their tested limit, thrice. */
  sharedStrings: 32_768,
  /** A pod known for less is not taken for the client that has its address: watches lag by a second, and replicas differ. */
  podCertainMs: 5_000,

  // --- API server -----------------------------------------------------------------------------------------
  /** Objects asked for per page of a list, as Kubernetes' own clients do: a fifth of it takes half as long again. */
  apiPageObjects: 500,
  /** Objects of a page that are read until queries have their turn, some 1 ms. */
  apiObjectsPerTurn: 25,
  /** A page beyond this is asked for again at half its objects: two of each kind are in memory at a time. */
  apiPageBytes: 8 * 1024 * 1024,
  /** One watch event: etcd keeps an object below 1.5 MiB, JSON and `managedFields` included there is room. */
  apiWatchLineBytes: 4 * 1024 * 1024,
  /** Body of a refusal that is read for its message: a `Status` has a few hundred octets. */
  apiErrorBytes: 16_384,
  /** The API server's own words in a log line. */
  apiErrorTextChars: 300,
  /** A watch is asked to end after a random time from here on, so that replicas do not come back all at once. */
  apiWatchMinSeconds: 300,
  /** See `apiWatchMinSeconds`; kube-apiserver's own choice is 30 to 60 minutes. */
  apiWatchMaxSeconds: 600,
  /**
   * A watch on which nothing came for this long is resumed by another: kube-apiserver sends a bookmark every minute, so something
   * between holds it up. Where a server sends none, it costs a request.
   */
  apiWatchSilenceMs: 90_000,
  /** Time for connection, credentials and response headers, and between two pieces of a page. */
  apiRequestMs: 30_000,
  /** TCP keep-alive begins after this silence: it finds a peer that is gone long before the watch ends. */
  apiKeepAliveMs: 30_000,
  /** First wait after a failure. */
  apiBackoffMinMs: 500,
  /** Longest wait after failures; one small request per kind and replica is cheap, stale names are not. */
  apiBackoffMaxMs: 10_000,
  /** Longest `Retry-After` that is obeyed: beyond it the server is asked again anyway. */
  apiRetryAfterMaxMs: 60_000,

  // --- log lines ------------------------------------------------------------------------------------------
  /** Lines that wait for a slow stdout: some seconds of a busy query log. Beyond it the newest are dropped and counted. */
  logBufferChars: 4 * 1024 * 1024,
  /** A flush that blocks finds the pipe full so often, 20 ms apart, then gives up: a hanging reader must not hold the exit. */
  logFlushTries: 50,
  /** The same for a close that does not block. */
  logCloseMs: 1_000,
  /** One log line, the rest cut off: a name of 255 octets escaped takes 1 020, and a line names a few. */
  logLineChars: 8_192,
  /** A regular expression of `errors { consolidate }`, as CoreDNS has it. */
  consolidateRegexChars: 10_000,
  /** Text of an error that `consolidate` tests: a backtracking expression must not meet a long one. */
  consolidateTextChars: 1_024,

  // --- metrics and the operator's HTTP endpoints ----------------------------------------------------------
  /** Label sets of one metric: far above what servers, zones, rcodes and plugins can make. More are counted together. */
  labelSetsPerMetric: 10_000,
  /** Connections to one of the health, ready and metrics listeners: kubelet and a few scrapers. */
  httpConnections: 128,
  /** To send a request, to read the reply, and to stay idle: as CoreDNS's HTTP servers. */
  httpTimeoutMs: 5_000,
  /** Headers of a request: a probe sends some hundred octets. */
  httpHeaderBytes: 8_192,
  /** Grace for requests in flight when a listener closes; then their connections are cut. */
  httpShutdownMs: 5_000,
  /** Wait for our own /health. */
  healthPollTimeoutMs: 3_000,

  // --- users of the metrics endpoint ----------------------------------------------------------------------
  /** Passwords compared at a time: each holds up answers by 60 ms at cost 10, by stretches of 100 ms above. */
  basicAuthComparisons: 2,
  /** Passwords compared in the long run: at cost 10 an eighth of the thread that answers DNS, whoever guesses. */
  basicAuthRate: { intervalMs: 500, burst: 10 },
  /** Right credentials that are not compared again: far more than scrapers; a digest of 44 characters each. */
  basicAuthVerified: 64,
  /** Cost of a bcrypt hash: 14 takes about 1 s of CPU, twice that beside another, and each step more doubles it. */
  bcryptCost: 14,

  // --- manifest files -------------------------------------------------------------------------------------
  /** YAML takes its reader half a second and some 80 MB per MiB, while nothing is answered; a ConfigMap holds 1 MiB. */
  manifestYamlBytes: 4 * 1024 * 1024,
  /** JSON takes some 10 ms per MiB: the dump of a cluster with 10 000 pods fits. */
  manifestJsonBytes: 64 * 1024 * 1024,
  /** Far above what a person writes; each costs a few system calls per `manifestPollMs`. */
  manifestFiles: 4_096,
  /** Each takes an inotify watch, of which a user of an older kernel has 8 192 in all. */
  manifestFolders: 1_024,
  /** Aliases (`*anchor`) in one YAML document: the reader compares each with every other. */
  manifestAliases: 1_000,
  /** Nodes that the aliases of one YAML document stand for, those inside others multiplied: against alias bombs. */
  manifestAliasNodes: 10_000,
  /** From the first sign of a change to reading: an editor writes in several steps. */
  manifestDebounceMs: 100,
  /** How often size and times of the files are looked at, where no sign of a change comes (network file systems). */
  manifestPollMs: 5_000,
  /** Addresses of one subset of Endpoints that are mirrored: as kube-controller-manager has it. */
  mirroredAddressesPerSubset: 1_000,

  // --- files of hosts and loadbalance ---------------------------------------------------------------------
  /** A hosts file: the largest public block lists have 10 MB. */
  hostsFileBytes: 32 * 1024 * 1024,
  /** Names of a hosts file, some 700 octets of memory each; those behind are left out. */
  hostsNames: 250_000,
  /** Addresses of a name, and names of an address, that are kept: not even a message over TCP holds more. */
  hostsRecordsPerName: 4_096,
  /** Lines of a hosts file that are read at a stretch, some 2 ms: then queries have their turn. */
  hostsLinesPerTurn: 250,
  /** A file of weights: some 40 000 addresses. */
  weightFileBytes: 1024 * 1024,
  /** A file is looked at this often at most, however short its `reload`. */
  fileReloadMinMs: 50,
  /** The longest that a timer of Node can wait: it takes more for one millisecond. */
  timerMaxMs: 2 ** 31 - 1,

  // --- multisocket ----------------------------------------------------------------------------------------
  /** The largest number that may be written: as CoreDNS. There are never more than processors. */
  multisocketSockets: 1024,

  // --- bufsize, nsid --------------------------------------------------------------------------------------
  /** The largest size that `bufsize` sets, as CoreDNS has it: beyond it UDP gains nothing over TCP. */
  bufsizeMaxBytes: 4096,
  /** An identifier: beside the longest question, an OPT record and an extended error it fits into the smallest reply. */
  nsidBytes: 200,

  // --- rewrite --------------------------------------------------------------------------------------------
  /** A regular expression of a rule, as CoreDNS has it. Names that it is matched with have some 1 000 characters at most. */
  rewriteRegexChars: 10_000,
  /** Wrong turns of the backtracking matcher, some 0.5 ms, before the one in linear time takes over. */
  regexBacktracks: 10_000,
  /** A regular expression, repetitions like `{0,61}` written out, beyond which they are left as they are. */
  regexExpandedChars: 20_000,

  // --- autopath -------------------------------------------------------------------------------------------
  /** Names that one query is tried as: kubelet writes 32 domains, and the name as it is comes last. */
  autopathCandidates: 33,
  /** For how long a decision stands: the TTL of the cluster's own answers, and a client's wait before it asks again. */
  autopathDecisionMs: 5_000,
  /** Decisions kept, some 400 octets each: those of 3 000 lookups a second. Beyond it the oldest go. */
  autopathDecisions: 16_384,
  /** Namespaces whose search paths are kept: some 500 octets each. Beyond it they are put together anew. */
  autopathNamespaces: 10_000,

  // --- forward --------------------------------------------------------------------------------------------
  /** Upstreams of one stanza: as CoreDNS. */
  forwardUpstreams: 15,
  /** A file of name servers (`/etc/resolv.conf`). */
  resolvConfBytes: 64 * 1024,
  /** Time for one query, all its attempts together: as CoreDNS. Clients give up by then. */
  forwardMs: 5_000,
  /** Attempts of one query, where `max_connect_attempts 0` sets no bound: a closed port fails within microseconds. */
  forwardAttempts: 100,
  /** Wait for an answer (`read_timeout`): as CoreDNS. */
  forwardReadMs: 2_000,
  /** Failed checks beyond which an upstream is down (`max_fails`): as CoreDNS. */
  forwardFails: 2,
  /** Pause between two checks of an upstream that fails (`health_check`): as CoreDNS. */
  forwardHealthCheckMs: 500,
  /** The shortest such pause, whatever `health_check` says: an upstream that comes back must not be buried in checks. */
  forwardHealthCheckMinMs: 50,
  /** Wait for the answer to a check: as CoreDNS. */
  forwardProbeMs: 1_000,
  /** Wait for an answer of a server that looks a TO argument up (`resolver`): as CoreDNS. */
  forwardLookupMs: 2_000,
  /** Certificates and keys: as many authorities as a system trusts have some 250 KiB. */
  pemFileBytes: 1024 * 1024,
  /** Queries of a server block that wait for upstreams: a descriptor and up to 64 KiB each. */
  forwardExchanges: 4_096,
  /** A connection to an upstream may be idle so long and be used again (`expire`): as CoreDNS. */
  forwardExpireMs: 10_000,
  /** Idle connections per upstream and protocol, where `max_idle_conns 0` sets no bound: a descriptor each. */
  forwardIdleConnections: 256,
  /** Questions over one UDP socket, one at a time; then a forger must find another port (RFC 5452 §9.2). */
  forwardUdpQuestions: 16,

  // --- loop -----------------------------------------------------------------------------------------------
  /** Wait for the reply to a probe: longer than `forwardMs`, so that forward's own SERVFAIL is one. */
  loopReplyMs: 6_000,
  /** After the start, probes without a reply are sent again soon: as CoreDNS. */
  loopHurryMs: 30_000,
  /** From such a probe to the next: as CoreDNS. */
  loopRetryMs: 1_000,
  /** While there is a loop, from one look to the next: nobody waits long once it is gone. */
  loopLookMs: 30_000,
  /** While no upstream answers, the same: a loop may begin when it does, and each probe is a failed query in the log. */
  loopUnprovenMs: 300_000,

  // --- reload ---------------------------------------------------------------------------------------------
  /** The shortest interval: as CoreDNS. */
  reloadIntervalMinMs: 2_000,
  /** The shortest jitter but none: as CoreDNS. */
  reloadJitterMinMs: 1_000,
  /** A changed Corefile must stay the same for this long: it may be half-written, or its folder about to be exchanged. */
  reloadSettleMs: 100,
  /** Wait for the answer of a new configuration's self-test: who takes longer waits for an upstream, and that is no fault. */
  selfTestMs: 1_000,

  // --- cache ----------------------------------------------------------------------------------------------
  /** Replies that a store of the cache holds at most, whatever its capacity says: the index alone takes 16 MB then. */
  cacheEntries: 1_000_000,
  /** Memory for each reply of a store's capacity, on average; common replies take 1 to 3 KB, 64 KiB of A records 3 MB. */
  cacheEntryBytes: 8_192,
  /** Memory of a store however small its capacity: a few of the largest replies. */
  cacheStoreMinBytes: 16 * 1024 * 1024,
  /** Refreshes in the background of a server block; beyond it an entry is refreshed at a later hit. */
  cacheRefreshes: 1_024,
  /** RFC 2181 §8: a TTL has 31 bits. */
  ttlSeconds: 2 ** 31 - 1,

  // --- the client's side (resolver) -----------------------------------------------------------------------
  /** Domains of a search list that are tried: kubelet writes 32 at most, and glibc has no bound of its own. */
  resolverSearchDomains: 256,
  /** Attempts for a candidate: musl's cap; glibc's is 5. */
  resolverAttempts: 10,
  /** Wait for a server: musl's cap; glibc's is 30. */
  resolverTimeoutSeconds: 60,
  /** Wait for a reply over TCP, where glibc leaves it to the kernel, which gives up after two minutes. */
  resolverTcpMs: 20_000,
} as const;
