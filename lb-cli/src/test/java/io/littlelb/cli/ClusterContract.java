package io.littlelb.cli;

/** What must hold on any API server, of one who uses it for his own Services: each test in a {@link ClusterWorld} of its own, of {@link ClusterExtension}. */
interface ClusterContract
        extends AddressesContract,
                HoldersContract,
                BackendsContract,
                StatusesContract,
                ExternalIpsContract,
                PoliciesContract,
                FailuresContract,
                ApiServerContract {}
