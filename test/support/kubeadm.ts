/** Corefiles that clusters have today. */

/** As kubeadm writes it into a new cluster's ConfigMap. */
export const KUBEADM = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;

/** As CoreDNS's own deployment script writes it, for given CIDRs and a stub domain. */
export const DEPLOYMENT = `.:53 {
    errors
    health {
      lameduck 5s
    }
    ready
    kubernetes cluster.local 10.96.0.0/12 10.244.0.0/16 fd00:10:96::/112 {
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf {
      max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
abc.com:53 {
    errors
    cache 30
    loop
    forward . 10.0.0.53 {
      max_concurrent 1000
    }
}
`;
